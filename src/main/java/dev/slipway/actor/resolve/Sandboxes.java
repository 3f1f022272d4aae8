package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.SandboxRequest;
import dev.slipway.engine.runtime.SandboxRequest.Dns;
import dev.slipway.engine.runtime.SandboxRequest.Ipc;
import dev.slipway.engine.runtime.SandboxRequest.Link;
import dev.slipway.engine.runtime.SandboxRequest.Network;
import dev.slipway.engine.runtime.SandboxRequest.PortMapping;
import dev.slipway.engine.runtime.SandboxRequest.Sharing;
import dev.slipway.engine.runtime.SandboxRequest.Users;
import dev.slipway.engine.volume.VolumeGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// What the containers of a pod share, as its manifest says.
public final class Sandboxes {
    private static final int USUAL_USERS = 1 << 16;
    private static final String BYTE = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern ADDRESS = Pattern.compile(BYTE + "(\\." + BYTE + "){3}");

    private Sandboxes() {}

    /// @throws MissingReferenceException when a volume cannot be made yet; the message is that of `FailedMount`
    public static SandboxRequest request(PodScope scope) throws MissingReferenceException {
        JsonNode spec = scope.spec();
        Hostname hostname = Hostname.of(scope);
        return new SandboxRequest(
                new PodUid(scope.pod().uid()),
                scope.pod().namespace(),
                scope.pod().name(),
                hostname.kernel(),
                new Network(
                        link(scope.pod()),
                        address(scope.pod()),
                        ports(scope.pod()),
                        dns(spec),
                        hostname.names(),
                        aliases(spec)),
                new Sharing(
                        spec.path("hostPID").asBoolean(),
                        spec.path("shareProcessNamespace").asBoolean(),
                        ipc(spec),
                        users(scope.pod())),
                sysctls(spec),
                group(spec.path("securityContext")),
                PodVolumeSources.of(scope));
    }

    private static Users users(ApiObject pod) {
        if (pod.spec().path("hostUsers").asBoolean(true)) {
            return new Users.OfHost();
        }
        OptionalInt first = number(pod, PodAnnotations.USER_NAMESPACE_HOST_ID);
        return new Users.Own(
                first, number(pod, PodAnnotations.USER_NAMESPACE_SIZE).orElse(USUAL_USERS));
    }

    /// Validated with the pod; what was stored before there was such a rule says nothing.
    private static OptionalInt number(ApiObject pod, String annotation) {
        String text = pod.annotations().getOrDefault(annotation, "");
        long number = text.matches("[0-9]{1,10}") ? Long.parseLong(text) : 0;
        return number > 0 && number <= Integer.MAX_VALUE ? OptionalInt.of((int) number) : OptionalInt.empty();
    }

    static Optional<VolumeGroup> group(JsonNode context) {
        if (!context.path("fsGroup").isNumber()) {
            return Optional.empty();
        }
        boolean always = !context.path("fsGroupChangePolicy").asText().equals("OnRootMismatch");
        return Optional.of(new VolumeGroup(
                Math.toIntExact(context.path("fsGroup").asLong()),
                always ? VolumeGroup.ChangePolicy.ALWAYS : VolumeGroup.ChangePolicy.ON_ROOT_MISMATCH));
    }

    /// By dotted names, whichever way they are spelled: what separates first separates always, and the other sign
    /// is part of a name.
    private static Map<String, String> sysctls(JsonNode spec) {
        Map<String, String> sysctls = new HashMap<>();
        for (JsonNode sysctl : spec.path("securityContext").path("sysctls")) {
            String name = sysctl.path("name").asText();
            int slash = name.indexOf('/');
            int dot = name.indexOf('.');
            boolean isDotted = slash < 0 || dot >= 0 && dot < slash;
            sysctls.put(isDotted ? name : swapped(name), sysctl.path("value").asText());
        }
        return sysctls;
    }

    private static String swapped(String name) {
        StringBuilder swapped = new StringBuilder();
        name.chars().forEach(each -> swapped.append(each == '/' ? '.' : each == '.' ? '/' : (char) each));
        return swapped.toString();
    }

    private static Ipc ipc(JsonNode spec) {
        if (spec.path("hostIPC").asBoolean()) {
            return Ipc.HOST;
        }
        int containers =
                spec.path("containers").size() + spec.path("initContainers").size();
        return containers == 1 ? Ipc.CONTAINER : Ipc.POD;
    }

    private static Link link(ApiObject pod) {
        if (pod.spec().path("hostNetwork").asBoolean()) {
            return Link.HOST;
        }
        return "None".equals(pod.annotations().get(PodAnnotations.NETWORK_MODE)) ? Link.NONE : Link.BRIDGE;
    }

    /// The address that a pod asks for by itself. Validated with the pod; what was stored before there was such a rule
    /// says nothing.
    public static Optional<String> address(ApiObject pod) {
        return Optional.ofNullable(pod.annotations().get(PodAnnotations.NETWORK_ADDRESS))
                .filter(text ->
                        link(pod) == Link.BRIDGE && ADDRESS.matcher(text).matches());
    }

    private static List<PortMapping> ports(ApiObject pod) {
        JsonNode spec = pod.spec();
        List<PortMapping> mappings = new ArrayList<>();
        if (link(pod) != Link.BRIDGE) {
            return mappings;
        }
        for (String list : List.of("initContainers", "containers")) {
            for (JsonNode container : spec.path(list)) {
                container.path("ports").forEach(port -> {
                    // Others are told of with the pod's ignored fields.
                    boolean isForwarded = !port.path("protocol").asText().equals("SCTP")
                            && !port.path("hostIP").asText().contains(":");
                    if (port.path("hostPort").asInt() > 0 && isForwarded) {
                        String address = port.path("hostIP").asText();
                        mappings.add(new PortMapping(
                                address.equals("0.0.0.0") ? "" : address,
                                port.path("hostPort").asInt(),
                                port.path("containerPort").asInt(),
                                port.path("protocol").asText("TCP")));
                    }
                });
            }
        }
        return mappings.stream()
                .distinct()
                .filter(port -> isOnAllAddresses(port)
                        || mappings.stream().noneMatch(other -> isOnAllAddresses(other) && isSame(port, other)))
                .toList();
    }

    private static boolean isOnAllAddresses(PortMapping port) {
        return port.hostAddress().isEmpty();
    }

    /// But for the address.
    private static boolean isSame(PortMapping port, PortMapping other) {
        return port.hostPort() == other.hostPort()
                && port.containerPort() == other.containerPort()
                && port.protocol().equals(other.protocol());
    }

    private static Dns dns(JsonNode spec) {
        JsonNode config = spec.path("dnsConfig");
        List<String> options = new ArrayList<>();
        for (JsonNode option : config.path("options")) {
            String value = option.path("value").asText();
            options.add(option.path("name").asText() + (value.isEmpty() ? "" : ":" + value));
        }
        return new Dns(
                !spec.path("dnsPolicy").asText().equals("None"),
                texts(config.path("nameservers")),
                texts(config.path("searches")),
                options);
    }

    private static List<List<String>> aliases(JsonNode spec) {
        List<List<String>> lines = new ArrayList<>();
        for (JsonNode alias : spec.path("hostAliases")) {
            List<String> line = new ArrayList<>(List.of(alias.path("ip").asText()));
            line.addAll(texts(alias.path("hostnames")));
            lines.add(line);
        }
        return lines;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(node -> texts.add(node.asText()));
        return texts;
    }
}
