package dev.slipway.actor.probe;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/// Words as the kubelet, which is written in Go, prints them; people and scripts look for these.
public final class GoText {
    private GoText() {}

    /// `10s`, `2m40s`, `5m0s`.
    public static String duration(Duration duration) {
        long minutes = duration.toMinutes();
        return (minutes > 0 ? minutes + "m" : "") + duration.toSecondsPart() + "s";
    }

    static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    /// `10.88.0.2:80`, `[::1]:80`.
    static String address(String host, int port) {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /// Why a connection could not be made.
    static String dial(String host, int port, IOException e) {
        String to = "dial tcp " + address(host, port) + ": ";
        return switch (e) {
            case NoRouteToHostException none -> to + "connect: no route to host";
            case ConnectException refused -> to + "connect: " + lower(refused);
            case SocketTimeoutException late -> to + "i/o timeout";
            case UnknownHostException unknown -> "dial tcp: lookup " + host + ": no such host";
            default -> to + lower(e);
        };
    }

    /// Why an exchange over a connection failed.
    static String exchange(IOException e) {
        return switch (e) {
            case SocketTimeoutException late ->
                "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
            case EOFException end -> "EOF";
            case SocketException reset when lower(reset).contains("reset") -> "read: connection reset by peer";
            default -> Objects.requireNonNullElse(e.getMessage(), e.toString());
        };
    }

    /// @throws UnknownHostException when the name has no address
    static InetSocketAddress resolved(String host, int port) throws UnknownHostException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw new UnknownHostException(host);
        }
        return address;
    }

    private static String lower(IOException e) {
        return Objects.requireNonNullElse(e.getMessage(), e.toString()).toLowerCase(Locale.ROOT);
    }
}
