package dev.slipway.actor.probe;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads probes and hooks from a container in a pod's spec. Pure.
public final class ProbeReader {
    private ProbeReader() {}

    /// @param container one of the pod's, as in its spec
    public static List<Probe> probes(JsonNode container) {
        List<Probe> probes = new ArrayList<>();
        probe(container, "startupProbe", Probe.Kind.STARTUP).ifPresent(probes::add);
        probe(container, "readinessProbe", Probe.Kind.READINESS).ifPresent(probes::add);
        probe(container, "livenessProbe", Probe.Kind.LIVENESS).ifPresent(probes::add);
        return List.copyOf(probes);
    }

    /// @param name `postStart` or `preStop`
    public static Optional<Check> hook(JsonNode container, String name) {
        JsonNode hook = container.path("lifecycle").path(name);
        return hook.isObject() ? Optional.of(check(container, hook)) : Optional.empty();
    }

    private static Optional<Probe> probe(JsonNode container, String field, Probe.Kind kind) {
        JsonNode probe = container.path(field);
        if (!probe.isObject()) {
            return Optional.empty();
        }
        JsonNode grace = probe.path("terminationGracePeriodSeconds");
        return Optional.of(new Probe(
                kind,
                check(container, probe),
                Duration.ofSeconds(probe.path("initialDelaySeconds").asLong(0)),
                Duration.ofSeconds(atLeastOne(probe, "periodSeconds", 10)),
                Duration.ofSeconds(atLeastOne(probe, "timeoutSeconds", 1)),
                (int) atLeastOne(probe, "successThreshold", 1),
                (int) atLeastOne(probe, "failureThreshold", 3),
                grace.isNumber() ? Optional.of(Duration.ofSeconds(grace.asLong())) : Optional.empty()));
    }

    private static long atLeastOne(JsonNode probe, String field, int usual) {
        long value = probe.path(field).asLong(0);
        return value > 0 ? value : usual;
    }

    private static Check check(JsonNode container, JsonNode action) {
        if (action.path("exec").isObject()) {
            List<String> command = new ArrayList<>();
            action.path("exec").path("command").forEach(word -> command.add(word.asText()));
            return new Check.Exec(command);
        }
        if (action.path("httpGet").isObject()) {
            return httpGet(container, action.path("httpGet"));
        }
        if (action.path("tcpSocket").isObject()) {
            JsonNode socket = action.path("tcpSocket");
            return port(container, socket)
                    .<Check>map(port -> new Check.TcpSocket(socket.path("host").asText(), port))
                    .orElseGet(() -> unknownPort(socket));
        }
        if (action.path("grpc").isObject()) {
            JsonNode grpc = action.path("grpc");
            return new Check.Grpc(
                    grpc.path("port").asInt(), grpc.path("service").asText());
        }
        return new Check.Sleep(action.path("sleep").path("seconds").asLong(0));
    }

    private static Check httpGet(JsonNode container, JsonNode get) {
        List<Check.Header> headers = new ArrayList<>();
        for (JsonNode header : get.path("httpHeaders")) {
            headers.add(new Check.Header(
                    header.path("name").asText(), header.path("value").asText()));
        }
        boolean tls = get.path("scheme").asText().equals("HTTPS");
        return port(container, get)
                .<Check>map(port -> new Check.HttpGet(
                        tls, get.path("host").asText(), port, get.path("path").asText("/"), headers))
                .orElseGet(() -> unknownPort(get));
    }

    /// A number, or the name of one of the container's ports.
    private static Optional<Integer> port(JsonNode container, JsonNode action) {
        JsonNode port = action.path("port");
        if (port.isInt()) {
            return Optional.of(port.asInt());
        }
        for (JsonNode declared : container.path("ports")) {
            if (declared.path("name").asText().equals(port.asText())) {
                return Optional.of(declared.path("containerPort").asInt());
            }
        }
        return Optional.empty();
    }

    private static Check unknownPort(JsonNode action) {
        return new Check.Impossible("strconv.Atoi: parsing %s: invalid syntax"
                .formatted(GoText.quoted(action.path("port").asText())));
    }
}
