package dev.slipway.actor.probe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.engine.oci.Healthcheck;
import dev.slipway.engine.oci.RunParameters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads probes and hooks from a container in a pod's spec, and the check that an image brings along. Pure.
public final class ProbeReader {
    private static final Duration INTERVAL = Duration.ofSeconds(30);
    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final Duration START_INTERVAL = Duration.ofSeconds(5);
    private static final int RETRIES = 3;
    /// An image is written by strangers: not one may keep the host busy with starting checks.
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final List<String> SHELL = List.of("/bin/sh", "-c");

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

    /// What an image says about asking its container how it is; empty if it says nothing, or nothing that can be
    /// asked. It is a readiness probe, because who fails it is only called unhealthy and left alone. Not ready is
    /// also who has not succeeded yet: so until then, and in the first interval or the start period, it is asked in
    /// the rhythm of the start, and failures of that time have no other meaning.
    ///
    /// @spec https://docs.docker.com/reference/dockerfile/#healthcheck Docker: HEALTHCHECK
    public static Optional<Probe> ofImage(RunParameters image) {
        Healthcheck declared = image.healthcheck();
        return declared == null
                ? Optional.empty()
                : command(declared.test(), image.shell()).map(command -> ofImage(declared, command));
    }

    private static Probe ofImage(Healthcheck declared, List<String> command) {
        Duration interval = rhythm(declared.interval(), INTERVAL);
        Duration startInterval = shorter(rhythm(declared.startInterval(), START_INTERVAL), interval);
        Duration start = declared.startPeriod().compareTo(interval) > 0 ? declared.startPeriod() : interval;
        return new Probe(
                Probe.Kind.READINESS,
                new Check.Exec(command),
                SHORTEST,
                interval,
                declared.timeout().isZero() ? TIMEOUT : declared.timeout(),
                1,
                declared.retries() == 0 ? RETRIES : declared.retries(),
                Optional.empty(),
                Optional.of(new Probe.Start(start, startInterval)));
    }

    private static Optional<List<String>> command(List<String> test, List<String> shell) {
        if (test.size() < 2) {
            return Optional.empty();
        }
        List<String> words = test.subList(1, test.size());
        return switch (test.getFirst()) {
            case "CMD" -> Optional.of(List.copyOf(words));
            case "CMD-SHELL" -> {
                List<String> command = new ArrayList<>(shell.isEmpty() ? SHELL : shell);
                command.addAll(words);
                yield Optional.of(command);
            }
            default -> Optional.empty();
        };
    }

    private static Duration rhythm(Duration declared, Duration usual) {
        Duration rhythm = declared.isZero() ? usual : declared;
        return rhythm.compareTo(SHORTEST) < 0 ? SHORTEST : rhythm;
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
