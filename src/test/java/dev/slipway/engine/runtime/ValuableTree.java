package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Data of which no byte may be lost: a file of some blocks, one with two names, a link, a directory.
final class ValuableTree {
    private static final String LONG_TEXT = "of value\n".repeat(40_000);

    private ValuableTree() {}

    /// @param root empty directory
    static void write(Path root) throws IOException {
        Files.writeString(root.resolve("file"), "kept");
        Files.createLink(root.resolve("twin"), root.resolve("file"));
        Files.createSymbolicLink(root.resolve("link"), Path.of("deep/file"));
        Files.writeString(Files.createDirectory(root.resolve("deep")).resolve("file"), LONG_TEXT);
    }

    static void assertWhole(Path root) throws IOException {
        Map<String, Integer> facts = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.toList()) {
                facts.put(root.relativize(path).toString(), fact(path));
            }
        }
        assertEquals(
                Map.of(
                        "",
                        0,
                        "deep",
                        0,
                        "deep/file",
                        LONG_TEXT.hashCode(),
                        "file",
                        "kept".hashCode(),
                        "link",
                        "deep/file".hashCode(),
                        "twin",
                        "kept".hashCode()),
                facts,
                root::toString);
        assertEquals(2, Files.getAttribute(root.resolve("twin"), "unix:nlink"), root::toString);
    }

    private static int fact(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return Files.readSymbolicLink(path).toString().hashCode();
        }
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
                ? 0
                : new String(Files.readAllBytes(path), StandardCharsets.UTF_8).hashCode();
    }
}
