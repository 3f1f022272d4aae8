package dev.slipway.actor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.probe.Probe.Kind;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProbeReaderTest {
    @Test
    void every_field_of_a_probe_is_read() throws IOException {
        List<Probe> probes = ProbeReader.probes(read("""
                ports: [{name: web, containerPort: 8080}]
                livenessProbe:
                  httpGet: {path: /live, port: web, host: h, scheme: HTTPS, httpHeaders: [{name: A, value: b}]}
                  initialDelaySeconds: 1
                  periodSeconds: 2
                  timeoutSeconds: 3
                  successThreshold: 4
                  failureThreshold: 5
                  terminationGracePeriodSeconds: 6
                """));

        Check.HttpGet get = new Check.HttpGet(true, "h", 8080, "/live", List.of(new Check.Header("A", "b")));
        assertEquals(
                List.of(new Probe(
                        Kind.LIVENESS,
                        get,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        4,
                        5,
                        Optional.of(Duration.ofSeconds(6)))),
                probes);
    }

    @Test
    void what_a_probe_does_not_say_is_as_in_kubernetes() throws IOException {
        Probe probe = ProbeReader.probes(read("readinessProbe: {tcpSocket: {port: 80}}"))
                .getFirst();

        assertEquals(new Check.TcpSocket("", 80), probe.check());
        assertEquals(Duration.ZERO, probe.initialDelay());
        assertEquals(Duration.ofSeconds(10), probe.period());
        assertEquals(Duration.ofSeconds(1), probe.timeout());
        assertEquals(1, probe.successThreshold());
        assertEquals(3, probe.failureThreshold());
    }

    @Test
    void a_port_that_has_no_such_name_cannot_be_asked() throws IOException {
        Probe probe = ProbeReader.probes(read("startupProbe: {tcpSocket: {port: http}}"))
                .getFirst();

        assertEquals(new Check.Impossible("strconv.Atoi: parsing \"http\": invalid syntax"), probe.check());
    }

    @Test
    void hooks_are_checks_too() throws IOException {
        JsonNode container = read("lifecycle: {postStart: {sleep: {seconds: 3}}, preStop: {exec: {command: [a, b]}}}");

        assertEquals(Optional.of(new Check.Sleep(3)), ProbeReader.hook(container, "postStart"));
        assertEquals(Optional.of(new Check.Exec(List.of("a", "b"))), ProbeReader.hook(container, "preStop"));
        assertEquals(Optional.empty(), ProbeReader.hook(read("{name: main}"), "preStop"));
    }

    private static JsonNode read(String yaml) throws IOException {
        return ObjectCodec.yaml().readTree(yaml);
    }
}
