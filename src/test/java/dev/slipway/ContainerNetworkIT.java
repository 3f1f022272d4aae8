package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Containers that say which network they have.
@ExtendWith(SharedEngine.class)
class ContainerNetworkIT {
    private static final String STAY = "; exec /bin/busybox sleep 600";
    private static final String IP = ".status.podIPs[0].ip";

    @Test
    void a_container_without_a_network_has_a_loopback_and_nothing_of_it_is_asked_elsewhere(EngineProcess engine) {
        Sample lone = Sample.container(
                        "lone",
                        "/bin/busybox ip -o link; /bin/busybox ip -4 addr show lo; /bin/busybox ip route; echo end"
                                + STAY)
                .with("network: {mode: None}")
                .with("readinessProbe: {tcpSocket: {port: %d}, periodSeconds: 1}".formatted(engine.port()))
                .in(engine)
                .running(engine);

        lone.wrote(engine, "end");
        String seen = lone.logs(engine);
        assertTrue(seen.startsWith("1: lo: <LOOPBACK,UP,"), seen);
        assertTrue(seen.contains("inet 127.0.0.1/8"), seen);
        assertFalse(seen.contains("2: ") || seen.contains("default"), seen);
        assertEquals("", engine.field(lone.object(), ".status.podIPs"));
        assertEquals("", engine.field("pod/lone", ".status.podIP"));
        engine.await("the probe to fail", () -> engine.kubectl("get", "events")
                .out()
                .contains("Readiness probe failed: the pod has no address to be asked by"));
        lone.delete(engine);
    }

    @Test
    void a_container_has_the_address_that_it_asks_for_and_hands_it_on(EngineProcess engine) {
        Sample any = Sample.container("any", "exec /bin/busybox sleep 600")
                .in(engine)
                .running(engine);
        String wanted = engine.field(any.object(), IP).replaceFirst("\\.\\d+\\.\\d+$", ".77.9");
        any.delete(engine);
        String server = "echo %s > /same; exec /bin/busybox httpd -f -p 8080 -h /";
        Sample first = wanting(wanted, "first", server).in(engine).running(engine);
        assertEquals(wanted, engine.field(first.object(), IP));
        engine.await("the first", () -> served(engine, at(wanted)).equals("first\n"));

        Sample second = wanting(wanted, "second", server).in(engine);
        engine.await("word of who has it", () -> engine.field(second.object(), ".status.conditions[*].message")
                .contains("take address " + wanted + ": already in use by pod default/first"));
        first.delete(engine);
        second.running(engine);
        assertEquals(wanted, engine.field(second.object(), IP));

        String pod = engine.field("pod/second", ".metadata.uid");
        wanting(wanted, "second", server.replace("%s", "again")).in(engine);
        engine.await("another pod", () -> !engine.field("pod/second", ".metadata.uid")
                .equals(pod));
        second.running(engine);
        engine.await("what the other says", () -> served(engine, at(wanted)).equals("again\n"));
        second.delete(engine);
    }

    private static Sample wanting(String address, String name, String script) {
        return Sample.container(name, script.formatted(name)).with("network: {address: %s}".formatted(address));
    }

    private static String at(String address) {
        return "http://" + address + ":8080/same";
    }

    /// Empty if nobody answers.
    private static String served(EngineProcess engine, String address) {
        return engine.shell(Path.of("/"), "curl -s --connect-timeout 1 " + address)
                .out();
    }
}
