package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Holds what the table of packages cannot: room signs, sizes, names, and the framework at the edge.
class HouseRulesTest {
    private static final Path MAIN = Path.of("src/main/java/dev/slipway");
    private static final Path TEST = Path.of("src/test/java/dev/slipway");
    private static final int LONGEST_FILE = 400;
    private static final int LARGEST_PACKAGE = 25;
    private static final Pattern VAGUE_NAME =
            Pattern.compile(".*(Manager|Helper|Utils?|Impl|Processor|Handler|Wrapper|Data|Base)\\.java");
    private static final Pattern FRAMEWORK =
            Pattern.compile("(?m)^import (static )?(jakarta|io\\.quarkus|io\\.vertx|io\\.netty)\\.");
    private static final Pattern FOREIGN = Pattern.compile("(?m)^import (static )?(jnr|java\\.lang\\.foreign)\\.");
    private static final Pattern SLEEP = Pattern.compile("Thread\\.sleep\\(");

    @Test
    void every_package_has_a_room_sign_that_is_null_marked() throws IOException {
        Set<Path> unsigned = new TreeSet<>();
        try (Stream<Path> folders = Files.walk(MAIN).filter(Files::isDirectory)) {
            for (Path folder : folders.toList()) {
                Path sign = folder.resolve("package-info.java");
                boolean hasCode = !sources(folder, 1).isEmpty();
                if (hasCode && !(Files.exists(sign) && Files.readString(sign).contains("@NullMarked"))) {
                    unsigned.add(folder);
                }
            }
        }
        assertEquals(Set.of(), unsigned);
    }

    @Test
    void no_file_is_longer_than_400_lines() {
        assertEquals(Set.of(), violations(MAIN, text -> text.lines().count() > LONGEST_FILE));
        assertEquals(Set.of(), violations(TEST, text -> text.lines().count() > LONGEST_FILE));
    }

    @Test
    void no_package_has_more_than_25_types() throws IOException {
        Set<String> large = new TreeSet<>();
        try (Stream<Path> folders = Files.walk(MAIN).filter(Files::isDirectory)) {
            for (Path folder : folders.toList()) {
                int types = sources(folder, 1).size() - 1;
                if (types > LARGEST_PACKAGE) {
                    large.add(folder + " has " + types);
                }
            }
        }
        assertEquals(Set.of(), large);
    }

    @Test
    void no_type_has_a_vague_name() {
        Set<Path> vague = new TreeSet<>(sources(MAIN, Integer.MAX_VALUE));
        vague.removeIf(
                path -> !VAGUE_NAME.matcher(path.getFileName().toString()).matches());
        assertEquals(Set.of(), vague);
    }

    @Test
    void the_framework_stays_in_app_and_door() {
        Set<Path> inside = violations(MAIN, text -> FRAMEWORK.matcher(text).find());
        inside.removeIf(path -> path.startsWith(MAIN.resolve("app")) || path.startsWith(MAIN.resolve("door")));
        assertEquals(Set.of(), inside);
    }

    @Test
    void foreign_calls_stay_in_linux_and_codec() {
        Set<Path> outside = violations(MAIN, text -> FOREIGN.matcher(text).find());
        outside.removeIf(path -> path.startsWith(MAIN.resolve("engine/linux")));
        outside.removeIf(path -> path.startsWith(MAIN.resolve("engine/codec")));
        assertEquals(Set.of(), outside);
    }

    @Test
    void nothing_sleeps_in_tests() {
        Set<Path> sleepy = violations(TEST, text -> SLEEP.matcher(text).find());
        sleepy.removeIf(path -> path.endsWith("HouseRulesTest.java"));
        assertEquals(Set.of(), sleepy);
    }

    @Test
    void the_shim_stays_under_1000_lines() throws IOException {
        long lines = 0;
        try (Stream<Path> files = Files.list(Path.of("src/main/c"))) {
            for (Path file :
                    files.filter(path -> path.toString().matches(".*\\.[ch]")).toList()) {
                lines += Files.readString(file).lines().count();
            }
        }
        assertTrue(lines < 1000, "the shim has " + lines + " lines");
    }

    private static Set<Path> violations(Path root, Predicate<String> broken) {
        Set<Path> found = new TreeSet<>();
        for (Path source : sources(root, Integer.MAX_VALUE)) {
            try {
                if (broken.test(Files.readString(source))) {
                    found.add(source);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return found;
    }

    private static List<Path> sources(Path root, int depth) {
        try (Stream<Path> files = Files.walk(root, depth)) {
            return files.filter(path -> path.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
