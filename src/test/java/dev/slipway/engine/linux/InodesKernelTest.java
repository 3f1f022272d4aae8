package dev.slipway.engine.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InodesKernelTest {
    @TempDir
    private Path folder = Path.of("");

    @AfterEach
    void unmount() throws Exception {
        run("umount", "-l", folder.toString());
    }

    @Test
    void inodes_are_counted_as_files_take_them() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=100", "slipway-test", folder.toString());
        Mounts.Inodes before = Mounts.inodes(folder);

        for (int i = 0; i < 40; i++) {
            Files.createFile(folder.resolve("file " + i));
        }

        Mounts.Inodes after = Mounts.inodes(folder.resolve("file 0"));
        assertEquals(100, before.all());
        assertEquals(100, after.all());
        assertEquals(before.free() - 40, after.free());
        assertThrows(LinuxException.class, () -> Mounts.inodes(folder.resolve("nothing")));
    }

    @Test
    void a_file_system_that_has_no_number_of_them_says_zero() throws Exception {
        run("mount", "-t", "ramfs", "slipway-test", folder.toString());

        assertEquals(new Mounts.Inodes(0, 0), Mounts.inodes(folder));
    }

    private static void run(String... words) throws Exception {
        Process process = new ProcessBuilder(words).inheritIO().start();
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), String.join(" ", words));
    }
}
