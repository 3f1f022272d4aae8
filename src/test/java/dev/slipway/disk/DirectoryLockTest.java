package dev.slipway.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryLockTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_directory_is_taken_once_and_again_when_it_was_given_up() throws IOException {
        Path root = folder.resolve("a/b");
        DirectoryLock first = DirectoryLock.take(root);

        assertThrows(DirectoryInUseException.class, () -> DirectoryLock.take(root));
        assertThrows(DirectoryInUseException.class, () -> DirectoryLock.take(root.resolve("../b")));
        first.close();
        first.close();

        DirectoryLock.take(root).close();
    }

    @Test
    void a_second_process_is_refused_by_the_pid_of_the_first_until_that_is_killed() throws Exception {
        Process holder = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-XX:TieredStopAtLevel=1",
                        Holder.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader said = holder.inputReader()) {
            assertEquals("taken", said.readLine());

            String message = assertThrows(DirectoryInUseException.class, () -> DirectoryLock.take(folder))
                    .getMessage();

            assertEquals("lock %s: in use by process %d".formatted(folder, holder.pid()), message);
        } finally {
            holder.destroyForcibly().waitFor();
        }
        DirectoryLock.take(folder).close();
    }

    @Test
    void nobody_else_may_open_the_file_to_lock_it() throws IOException {
        try (DirectoryLock _ = DirectoryLock.take(folder)) {
            assertEquals(
                    "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("lock"))));
        }
    }

    @Test
    void a_lock_file_that_is_a_link_is_not_followed() throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Files.createSymbolicLink(folder.resolve("lock"), victim);

        assertThrows(IOException.class, () -> DirectoryLock.take(folder));

        assertEquals(List.of("precious"), Files.readAllLines(victim));
        assertTrue(Files.isSymbolicLink(folder.resolve("lock")));
    }

    /// The child process: takes the directory, says so, and waits to be killed.
    static final class Holder {
        private Holder() {}

        public static void main(String[] words) throws IOException {
            DirectoryLock lock = DirectoryLock.take(Path.of(words[0]));
            System.out.println("taken");
            // Ends by end of file if the parent dies without killing it.
            while (System.in.read() >= 0) {
                System.out.println("still " + lock);
            }
        }
    }
}
