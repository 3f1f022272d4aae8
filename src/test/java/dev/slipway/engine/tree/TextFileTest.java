package dev.slipway.engine.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.registry.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What stands where a file is looked for.
class TextFileTest {
    private static final Duration AT_ONCE = Duration.ofSeconds(10);

    @TempDir
    private Path directory;

    private String read(String file) throws IOException {
        return TextFile.read(directory.toString(), file);
    }

    private IOException refused(String file) {
        return assertTimeoutPreemptively(AT_ONCE, () -> assertThrows(IOException.class, () -> read(file)));
    }

    @Test
    void a_file_is_read() throws Exception {
        Files.writeString(directory.resolve("file"), "FROM scratch\n");

        assertEquals("FROM scratch\n", read("file"));
    }

    @Test
    void one_that_is_not_there_is_told_apart() {
        assertThrows(NoSuchFileException.class, () -> read("file"));
    }

    @Test
    void a_fifo_is_not_waited_for() throws Exception {
        Command.run("mkfifo", directory.resolve("fifo").toString());

        assertTrue(refused("fifo").getMessage().contains("invalid argument"), () -> refused("fifo")
                .getMessage());
    }

    @Test
    void a_link_is_not_followed() throws Exception {
        Files.createSymbolicLink(directory.resolve("link"), Path.of("/dev/zero"));

        refused("link");
    }

    @Test
    void a_file_without_end_is_not_read_to_it() throws Exception {
        Command.run("truncate", "--size=1T", directory.resolve("long").toString());

        assertTrue(refused("long").getMessage().endsWith("has more than 1048576 bytes"));
    }
}
