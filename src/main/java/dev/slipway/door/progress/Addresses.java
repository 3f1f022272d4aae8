package dev.slipway.door.progress;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// Where a Container or Pod can be reached on this host: its host ports. Pure.
final class Addresses {
    /// Ports of containers that usually speak HTTP; of others nothing is claimed.
    private static final Set<Integer> USUALLY_HTTP = Set.of(80, 3000, 5000, 8000, 8080, 8081, 8888, 9090);

    private static final Set<Integer> USUALLY_HTTPS = Set.of(443, 8443);

    private Addresses() {}

    static List<String> of(ApiObject object) {
        Set<String> addresses = new LinkedHashSet<>();
        boolean isOnHost = object.spec().path("hostNetwork").asBoolean();
        object.spec().path("ports").forEach(port -> add(port, isOnHost, addresses));
        for (JsonNode container : object.spec().path("containers")) {
            container.path("ports").forEach(port -> add(port, isOnHost, addresses));
        }
        return List.copyOf(addresses);
    }

    private static void add(JsonNode port, boolean isOnHost, Set<String> addresses) {
        int inside = port.path("containerPort").asInt();
        int hostPort = port.path("hostPort").asInt(isOnHost ? inside : 0);
        boolean isMapped = isOnHost || !port.path("hostIP").asText().contains(":");
        if (hostPort > 0 && isMapped) {
            addresses.add(address(port, inside, host(port.path("hostIP").asText()) + ":" + hostPort));
        }
    }

    private static String address(JsonNode port, int inside, String at) {
        String name = port.path("name").asText().toLowerCase(Locale.ROOT);
        String protocol = port.path("protocol").asText("TCP").toLowerCase(Locale.ROOT);
        if (!protocol.equals("tcp")) {
            return protocol + "://" + at;
        }
        if (name.startsWith("https") || USUALLY_HTTPS.contains(inside)) {
            return "https://" + at + "/";
        }
        return name.startsWith("http") || name.startsWith("web") || USUALLY_HTTP.contains(inside)
                ? "http://" + at + "/"
                : "tcp://" + at;
    }

    /// An address that listens everywhere is reached through the loopback.
    private static String host(String hostIp) {
        boolean isAny = hostIp.isEmpty() || hostIp.equals("0.0.0.0") || hostIp.equals("::");
        String host = isAny ? "127.0.0.1" : hostIp;
        return host.contains(":") ? "[" + host + "]" : host;
    }
}
