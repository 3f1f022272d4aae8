package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Every statement of the document that Slipway was founded on has a number, S01 to S61, and each row that has been
/// reached has a test with its number in the display name. Whoever reaches a further row adds it here.
class FoundingRowsTest {
    private static final List<String> REACHED = List.of("1-61");

    private static final Pattern DISPLAY_NAME =
            Pattern.compile("@(?:DisplayName|ParameterizedTest)\\([^)]*?\"([^\"]*)\"");
    private static final Pattern ROW = Pattern.compile("\\bS(\\d\\d)\\b");

    @Test
    void every_row_that_was_reached_has_a_test_named_after_it() throws IOException {
        Set<Integer> missing = new TreeSet<>(reached());

        missing.removeAll(named());

        assertEquals(Set.of(), missing, "founding rows without a test");
    }

    private static Set<Integer> reached() {
        Set<Integer> rows = new TreeSet<>();
        for (String range : REACHED) {
            String[] ends = range.split("-");
            IntStream.rangeClosed(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]))
                    .forEach(rows::add);
        }
        return rows;
    }

    private static Set<Integer> named() throws IOException {
        Set<Integer> rows = new TreeSet<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/test/java"))) {
            for (Path source :
                    sources.filter(path -> path.toString().endsWith(".java")).toList()) {
                Matcher name = DISPLAY_NAME.matcher(Files.readString(source));
                while (name.find()) {
                    ROW.matcher(name.group(1)).results().forEach(row -> rows.add(Integer.parseInt(row.group(1))));
                }
            }
        }
        return rows;
    }
}
