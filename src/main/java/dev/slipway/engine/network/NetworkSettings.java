package dev.slipway.engine.network;

import java.nio.file.Path;
import java.util.Optional;

/// What makes the network of one engine its own. Engines side by side differ in all of it.
///
/// @param directory where namespaces are pinned and attachments are noted, for instance `/run/slipway/network`; only
///     this room uses it
/// @param lastSubnet file in which a subnet that was chosen outlives the host's power: pods that ask for addresses by
///     themselves find them in it again
/// @param bridge name of the bridge, 1 to 15 characters; the table of packet rules has the same name
/// @param subnet of the pods; empty for what the bridge has already, else the last one, else the first of 10.88.0.0/16
///     to 10.127.0.0/16, that the host has no route into
/// @param readyNamespaces how many network namespaces are kept ready for pods to come
public record NetworkSettings(
        Path directory, Path lastSubnet, String bridge, Optional<Subnet> subnet, int readyNamespaces) {
    private static final int LONGEST_PREFIX = 29;

    public NetworkSettings {
        if (!bridge.matches("[a-zA-Z][a-zA-Z0-9_.-]{0,14}")) {
            throw new IllegalArgumentException("bridge is not a name of 1 to 15 characters: " + bridge);
        }
        subnet.filter(each -> !hasRoom(each)).ifPresent(each -> {
            throw new IllegalArgumentException("subnet has no room for pods: " + each);
        });
        if (readyNamespaces < 0) {
            throw new IllegalArgumentException("number of ready namespaces is negative: " + readyNamespaces);
        }
    }

    static boolean hasRoom(Subnet subnet) {
        return subnet.prefix() <= LONGEST_PREFIX;
    }
}
