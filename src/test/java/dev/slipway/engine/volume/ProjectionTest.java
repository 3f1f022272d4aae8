package dev.slipway.engine.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectionTest {
    @TempDir
    Path folder;

    @Test
    void files_have_their_content_and_mode() throws IOException {
        Projection projection = new Projection(folder.resolve("p"), OptionalInt.empty());

        projection.write(
                Map.of("a", new ProjectedFile(bytes("one"), 0400), "keys/b", new ProjectedFile(bytes("two"), 0644)),
                "1");

        assertEquals("one", read("a"));
        assertEquals("two", read("keys/b"));
        assertEquals("r--------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path("a"))));
        assertEquals("rw-r--r--", PosixFilePermissions.toString(Files.getPosixFilePermissions(path("keys/b"))));
        assertEquals(List.of("..1", "..data", "a", "keys"), names());
        assertEquals(Path.of("..data/a"), Files.readSymbolicLink(path("a")));
    }

    @Test
    void a_change_replaces_removes_and_adds() throws IOException {
        Projection projection = new Projection(folder.resolve("p"), OptionalInt.empty());
        projection.write(Map.of("a", file("one"), "b", file("one")), "1");

        projection.write(Map.of("b", file("two"), "c/d", file("two")), "2");

        assertEquals(List.of("..2", "..data", "b", "c"), names());
        assertEquals("two", read("b"));
        assertEquals("two", read("c/d"));
    }

    @Test
    void what_did_not_change_is_not_written() throws IOException {
        Projection projection = new Projection(folder.resolve("p"), OptionalInt.empty());
        projection.write(Map.of("a", file("one"), "b/c", file("two")), "1");

        projection.write(Map.of("a", file("one"), "b/c", file("two")), "2");

        assertEquals(List.of("..1", "..data", "a", "b"), names());
    }

    @Test
    void a_change_of_mode_or_to_nothing_is_a_change() throws IOException {
        Projection projection = new Projection(folder.resolve("p"), OptionalInt.empty());
        projection.write(Map.of("a", file("one")), "1");

        projection.write(Map.of("a", new ProjectedFile(bytes("one"), 0600)), "2");
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path("a"))));

        projection.write(Map.of(), "3");
        assertEquals(List.of("..3", "..data"), names());
    }

    @Test
    void a_crash_half_way_is_tidied_up() throws IOException {
        Projection projection = new Projection(folder.resolve("p"), OptionalInt.empty());
        projection.write(Map.of("a", file("one")), "1");
        Files.createDirectory(path("..half"));
        Files.writeString(path("..half/a"), "ha");
        Files.createSymbolicLink(path("..data_tmp"), Path.of("..half"));
        Files.delete(path("a"));

        projection.write(Map.of("a", file("one")), "2");

        assertEquals(List.of("..1", "..data", "a"), names());
        assertEquals("one", read("a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../x", "a/../../x", "..data", "..", "", "a//b", "a/./b", "a/"})
    void a_path_that_leaves_the_directory_is_refused(String path) {
        Projection projection = new Projection(folder.resolve("p"), OptionalInt.empty());

        assertThrows(IllegalArgumentException.class, () -> projection.write(Map.of(path, file("x")), "1"));
        assertFalse(Files.exists(folder.resolve("p")));
    }

    @Test
    void a_reader_never_sees_a_mix() throws Exception {
        Projection projection = new Projection(folder.resolve("p"), OptionalInt.empty());
        projection.write(generation(0), "0");
        AtomicBoolean done = new AtomicBoolean();
        FutureTask<Integer> reader = new FutureTask<>(readUntil(done));
        Thread.ofVirtual().start(reader);

        for (int i = 1; i <= 300; i++) {
            projection.write(generation(i), Integer.toString(i));
        }
        done.set(true);

        assertTrue(reader.get() > 1, "the reader saw " + reader.get() + " generations");
        assertEquals("300", read("a"));
    }

    /// Reads both files of the generation that is current; whoever finds it gone looks again.
    private Callable<Integer> readUntil(AtomicBoolean done) {
        return () -> {
            int changes = 0;
            String last = "";
            while (!done.get()) {
                try {
                    Path generation = path("..data").toRealPath();
                    String first = Files.readString(generation.resolve("a"));
                    assertEquals(first, Files.readString(generation.resolve("b")));
                    changes += first.equals(last) ? 0 : 1;
                    last = first;
                } catch (NoSuchFileException e) {
                    continue;
                }
            }
            return changes;
        };
    }

    private static Map<String, ProjectedFile> generation(int number) {
        return Map.of("a", file(Integer.toString(number)), "b", file(Integer.toString(number)));
    }

    private static ProjectedFile file(String content) {
        return new ProjectedFile(bytes(content), 0644);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Path path(String name) {
        return folder.resolve("p").resolve(name);
    }

    private String read(String name) throws IOException {
        return Files.readString(path(name));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder.resolve("p"))) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
