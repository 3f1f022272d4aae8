package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Starts, and ends of all sorts.
class StartKernelTest {
    private ShimLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = new ShimLab();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void a_program_runs_and_its_exit_code_is_recorded() throws Exception {
        ShimLab.Started started = lab.container("echo hello; exit 7").start();

        ExitRecord exit = started.awaitExit();

        assertEquals(7, exit.exitCode());
        assertEquals(0, exit.signal());
        assertEquals(started.pid(), exit.pid());
        assertTrue(exit.finishedAt().isAfter(exit.startedAt()));
        assertEquals("hello", ShimLab.text(lab.logOf(started.id())));
    }

    @Test
    void a_missing_program_is_the_image_s_fault_and_leaves_nothing() throws Exception {
        ContainerDraft container = lab.command("/bin/nope");

        StartResult.Failed failed = container.failure();

        assertEquals("execute /bin/nope: no such file or directory (ENOENT)", failed.words());
        assertEquals(StartResult.Reason.PROGRAM, failed.reason());
        assertEquals(Errno.ENOENT, failed.errno());
        assertFalse(Files.exists(
                lab.run().resolve("containers").resolve(container.id().value())));
        assertEquals(List.of(), lab.shimPids());
    }
}
