package dev.slipway.engine.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.device.DeviceRule.Access;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceNodesKernelTest {
    @Test
    void a_node_says_which_device_it_leads_to(@TempDir Path directory) throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), Path.of("/dev/full"));

        assertEquals(
                "c 1:3 rwm",
                DeviceNodes.rule(Path.of("/dev/null"), EnumSet.allOf(Access.class))
                        .toString());
        assertEquals("c 1:7 r", DeviceNodes.rule(link, Set.of(Access.READ)).toString());
    }

    @Test
    void large_numbers_are_read_whole(@TempDir Path directory) throws Exception {
        Path node = directory.resolve("node");
        Process made = new ProcessBuilder("mknod", node.toString(), "b", "259", "70000")
                .inheritIO()
                .start();
        assertEquals(0, made.waitFor());

        assertEquals(
                "b 259:70000 w", DeviceNodes.rule(node, Set.of(Access.WRITE)).toString());
    }

    @Test
    void what_is_no_device_is_named(@TempDir Path directory) {
        Path none = directory.resolve("none");

        IOException wrong = assertThrows(IOException.class, () -> DeviceNodes.rule(directory, Set.of(Access.READ)));
        IOException absent = assertThrows(IOException.class, () -> DeviceNodes.rule(none, Set.of(Access.READ)));

        assertEquals("look at device %s: it is none".formatted(directory), wrong.getMessage());
        assertEquals("look at device %s: no such file".formatted(none), absent.getMessage());
    }

    @Test
    void the_hosts_nodes_are_found_but_for_those_left_out() throws Exception {
        List<Path> nodes = DeviceNodes.except(Set.of("null", "pts"));

        assertTrue(nodes.contains(Path.of("/dev/zero")), nodes::toString);
        assertFalse(nodes.contains(Path.of("/dev/null")), nodes::toString);
        assertTrue(nodes.stream().noneMatch(node -> node.startsWith("/dev/pts")), nodes::toString);
    }
}
