package dev.slipway.desired.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Whether a Container gets a user namespace. Unless it says, it does where it can.
public final class OwnUsers {
    private static final List<String> HOST_NAMESPACES = List.of("hostNetwork", "hostPID", "hostIPC");

    private OwnUsers() {}

    /// @param spec of a Container
    public static boolean isWanted(JsonNode spec) {
        String mode = spec.path("userNamespace").path("mode").asText();
        return mode.isEmpty() ? obstacles(spec).isEmpty() : !mode.equals("Host");
    }

    /// Why a Container that says nothing of its users gets none of its own; empty when it does, or has said
    /// something.
    public static List<String> hindrances(JsonNode spec) {
        return spec.path("userNamespace").path("mode").asText().isEmpty() ? obstacles(spec) : List.of();
    }

    /// Fields that say what needs the host's users.
    public static List<String> obstacles(JsonNode spec) {
        boolean privileged = spec.path("securityContext").path("privileged").asBoolean();
        return Stream.of(
                        HOST_NAMESPACES.stream()
                                .filter(field -> spec.path(field).asBoolean()),
                        privileged ? Stream.of("securityContext.privileged") : Stream.<String>empty(),
                        servers(spec))
                .flatMap(fields -> fields)
                .toList();
    }

    /// The kernel's NFS client does not translate ids.
    private static Stream<String> servers(JsonNode spec) {
        JsonNode volumes = spec.path("volumes");
        return IntStream.range(0, volumes.size())
                .filter(i -> volumes.path(i).path("nfs").isObject())
                .mapToObj("volumes[%d].nfs"::formatted);
    }
}
