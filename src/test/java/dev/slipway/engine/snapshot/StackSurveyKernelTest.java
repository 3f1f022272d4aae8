package dev.slipway.engine.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Layers on a real file system, with real whiteouts.
class StackSurveyKernelTest {
    private static final long BLOCK = 4096;

    private Path home;
    private final List<Path> layers = new ArrayList<>();

    @BeforeEach
    void make() throws IOException {
        home = Files.createTempDirectory("slwsurvey");
        for (String name : List.of("bottom", "middle", "top")) {
            layers.addFirst(Files.createDirectory(home.resolve(name)));
        }
    }

    @AfterEach
    void remove() throws IOException {
        TreeRemoval.remove(home);
    }

    private Path file(String layer, String path) throws IOException {
        Path file = home.resolve(layer).resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, "x");
    }

    private void whiteout(String layer, String path) throws IOException {
        Path file = home.resolve(layer).resolve(path);
        Files.createDirectories(file.getParent());
        At at = new At();
        try (Fd directory = at.openHost(file.getParent())) {
            at.makeNode(directory, name(file), FileStat.CHARACTER_DEVICE, 0);
        }
    }

    private void opaque(String layer, String path) throws IOException {
        Path directory = Files.createDirectories(home.resolve(layer).resolve(path));
        At at = new At();
        try (Fd parent = at.openHost(directory.getParent())) {
            at.setAttribute(parent, name(directory), "trusted.overlay.opaque", new byte[] {'y'});
        }
    }

    private static byte[] name(Path file) {
        return file.getFileName().toString().getBytes(StandardCharsets.UTF_8);
    }

    private LayerFacts of(String layer) throws IOException {
        return StackSurvey.of(layers.stream().map(List::of).toList())
                .get(List.of("top", "middle", "bottom").indexOf(layer));
    }

    @Test
    void what_is_replaced_or_deleted_above_is_hidden() throws IOException {
        file("bottom", "replaced");
        file("bottom", "deleted");
        file("bottom", "seen");
        file("middle", "replaced");
        whiteout("top", "deleted");

        assertEquals(new LayerFacts(3 * BLOCK, 0, 2 * BLOCK), of("bottom"));
        assertEquals(new LayerFacts(BLOCK, 0, 0), of("middle"));
        assertEquals(new LayerFacts(0, 1, 0), of("top"));
    }

    @Test
    void a_deleted_directory_hides_all_that_is_in_it() throws IOException {
        file("bottom", "d/e/one");
        file("bottom", "d/two");
        whiteout("top", "d");

        assertEquals(new LayerFacts(4 * BLOCK, 0, 4 * BLOCK), of("bottom"));
    }

    @Test
    void an_opaque_directory_hides_those_below_it_only() throws IOException {
        file("bottom", "d/one");
        opaque("middle", "d");
        file("middle", "d/two");
        file("top", "d/three");

        assertEquals(BLOCK, of("bottom").hiddenBytes());
        assertEquals(new LayerFacts(2 * BLOCK, 1, 0), of("middle"));
        assertEquals(new LayerFacts(2 * BLOCK, 0, 0), of("top"));
    }

    @Test
    void what_lies_below_a_file_between_directories_is_not_merged() throws IOException {
        file("bottom", "d/one");
        file("middle", "d");
        file("top", "d/two");

        assertEquals(2 * BLOCK, of("bottom").hiddenBytes());
        assertEquals(BLOCK, of("middle").hiddenBytes());
    }

    @Test
    void a_file_with_several_names_counts_once_and_each_name_for_its_share() throws IOException {
        Path one = file("bottom", "one");
        Files.createLink(home.resolve("bottom/two"), one);
        whiteout("top", "two");

        assertEquals(new LayerFacts(BLOCK, 0, BLOCK / 2), of("bottom"));
    }
}
