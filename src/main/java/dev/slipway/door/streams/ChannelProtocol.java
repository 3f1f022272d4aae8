package dev.slipway.door.streams;

import java.util.Arrays;
import java.util.List;

/// A way in which several streams share one WebSocket: the first byte of each message names the channel.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/ `k8s.io/apimachinery/pkg/util/remotecommand`: constants
enum ChannelProtocol {
    /// As `v4`, and a message on [Channel#CLOSE] ends one stream: without it stdin has no end of file.
    V5("v5.channel.k8s.io", false),
    V4("v4.channel.k8s.io", false),
    /// For clients that have text messages only: the name of the channel is a digit, the rest is in base64.
    V4_BASE64("v4.base64.channel.k8s.io", true);

    private final String word;
    private final boolean text;

    ChannelProtocol(String word, boolean text) {
        this.word = word;
        this.text = text;
    }

    static List<String> words() {
        return Arrays.stream(values()).map(protocol -> protocol.word).toList();
    }

    /// @throws IllegalArgumentException when there is none of that name
    static ChannelProtocol of(String word) {
        return Arrays.stream(values())
                .filter(protocol -> protocol.word.equals(word))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such protocol: " + word));
    }

    boolean isText() {
        return text;
    }
}
