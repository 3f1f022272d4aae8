package dev.slipway.engine.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class HostPidsTest {
    @Test
    void a_container_may_have_a_part_of_what_the_host_can_have() throws IOException {
        Process cat = new ProcessBuilder("cat", "/proc/sys/kernel/pid_max", "/proc/sys/kernel/threads-max").start();
        try (Stream<String> numbers = cat.inputReader().lines()) {
            long most = numbers.mapToLong(Long::parseLong).min().orElseThrow();

            assertEquals(most * 15 / 100, HostPids.usualLimit());
        }
    }
}
