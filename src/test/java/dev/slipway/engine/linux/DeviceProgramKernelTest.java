package dev.slipway.engine.linux;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DeviceProgramKernelTest {
    /// `r0 = 1; exit`: everything is allowed.
    private static final byte[] ALLOW = ByteBuffer.allocate(16)
            .order(ByteOrder.nativeOrder())
            .put((byte) 0xb7)
            .position(4)
            .putInt(1)
            .put((byte) 0x95)
            .array();

    private Path cgroup = Path.of("");

    @BeforeEach
    void make() throws Exception {
        Path root = Stream.of("/sys/fs/cgroup/unified", "/sys/fs/cgroup")
                .map(Path::of)
                .filter(each -> Files.exists(each.resolve("cgroup.procs")))
                .findFirst()
                .orElseThrow();
        cgroup = Files.createDirectory(
                root.resolve("slipwaytest" + ProcessHandle.current().pid() + ".programs"));
    }

    @AfterEach
    void remove() throws Exception {
        Files.deleteIfExists(cgroup);
    }

    @Test
    void a_program_is_attached_once_and_says_where_it_is() throws Exception {
        try (DeviceProgram program = DeviceProgram.load("first", ALLOW);
                DeviceProgram other = DeviceProgram.load("other", ALLOW)) {
            other.attach(cgroup);
            assertFalse(program.isAttached(cgroup));

            program.attach(cgroup);
            program.attach(cgroup);

            assertTrue(program.isAttached(cgroup));
        }
    }

    @Test
    void what_is_no_cgroup_takes_no_program() throws Exception {
        try (DeviceProgram program = DeviceProgram.load("first", ALLOW)) {
            assertThrows(LinuxException.class, () -> program.attach(Path.of("/proc")));
        }
    }
}
