package dev.slipway.actor.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostFactsTest {
    @TempDir
    private Path root = Path.of("");

    @Test
    void facts_are_read_from_where_the_host_keeps_them() throws IOException {
        write("proc/sys/kernel/hostname", "Edge-1\n");
        write("proc/sys/kernel/osrelease", "6.18.0\n");
        write("proc/sys/kernel/random/boot_id", "b\n");
        write("proc/sys/kernel/pid_max", "32768\n");
        write("proc/sys/kernel/threads-max", "1000\n");
        write("proc/loadavg", "0.00 0.01 0.05 1/123 4567\n");
        write("proc/stat", "cpu  1 2\ncpu0 1 2\ncpu1 1 2\nintr 5\n");
        write("proc/meminfo", "MemTotal:       2048 kB\nMemFree:  1 kB\nMemAvailable:   1024 kB\n");
        write("etc/machine-id", "m\n");
        write("etc/os-release", "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n");

        HostFacts facts = new HostFactsReader(root, root).read();

        assertEquals("Edge-1", facts.name());
        assertEquals("Debian GNU/Linux 12 (bookworm)", facts.system().osImage());
        assertEquals("6.18.0", facts.system().kernelVersion());
        assertEquals("", facts.system().systemUuid(), "not every host has one");
        assertEquals(2, facts.resources().cpus());
        assertEquals(2048 * 1024, facts.resources().memoryBytes());
        assertEquals(1024 * 1024, facts.resources().freeMemoryBytes());
        assertEquals(123, facts.resources().tasks());
        assertEquals(1000, facts.resources().mostTasks());
    }

    @Test
    void this_very_host_can_be_read() throws IOException {
        HostFacts facts = new HostFactsReader(Path.of("/"), root).read();

        assertTrue(facts.resources().cpus() > 0);
        assertTrue(facts.resources().diskBytes() > 0);
        assertTrue(facts.resources().tasks() > 0);
        assertTrue(facts.resources().mostTasks() > 300, "numbers below /proc/sys are read whole");
        assertTrue(facts.address().matches("[0-9]+(\\.[0-9]+){3}"), facts.address());
    }

    @ParameterizedTest
    @CsvSource({
        "edge-1, edge-1",
        "Edge_1, edge-1",
        "edge.lan, edge.lan",
        "-a..b-, a.b",
        "'', localhost",
        "___, localhost",
        "a-.-b, a.b"
    })
    void a_node_is_named_as_its_host(String host, String node) {
        assertEquals(node, HostFacts.nodeName(host));
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
