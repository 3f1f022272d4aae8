package dev.slipway.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void what_a_killed_process_left_aside_is_swept_and_nothing_else() throws IOException {
        AtomicFile.write(directory.resolve("note"), new byte[] {1});
        Files.createFile(directory.resolve(".note8201.tmp"));
        Files.createFile(directory.resolve("other.tmp"));
        Files.createFile(directory.resolve(".hidden"));

        AtomicFile.sweep(directory);

        assertEquals(Set.of("note", "other.tmp", ".hidden"), names());
    }

    @Test
    void a_directory_that_is_not_there_has_nothing_to_sweep() throws IOException {
        AtomicFile.sweep(directory.resolve("none"));

        assertEquals(Set.of(), names());
    }

    private Set<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).collect(Collectors.toSet());
        }
    }
}
