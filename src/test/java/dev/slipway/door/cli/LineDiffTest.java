package dev.slipway.door.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineDiffTest {
    @Test
    void equal_texts_have_no_difference() {
        assertEquals(List.of(), LineDiff.between(List.of("a", "b"), List.of("a", "b")));
    }

    @Test
    void a_changed_line_is_shown_as_removed_and_added() {
        assertEquals(
                List.of("  a", "- b", "+ x", "  c"), LineDiff.between(List.of("a", "b", "c"), List.of("a", "x", "c")));
    }

    @Test
    void a_text_that_did_not_exist_is_all_added() {
        assertEquals(List.of("+ a", "+ b"), LineDiff.between(List.of(), List.of("a", "b")));
    }

    @Test
    void lines_far_from_a_change_are_left_out() {
        List<String> before = IntStream.range(0, 20).mapToObj(i -> "line " + i).toList();
        List<String> after = before.stream()
                .map(line -> line.equals("line 2") || line.equals("line 17") ? line + "!" : line)
                .toList();

        List<String> diff = LineDiff.between(before, after);

        assertEquals("  line 0", diff.getFirst());
        assertEquals(1, diff.stream().filter("  ..."::equals).count());
        assertEquals(-1, diff.indexOf("  line 10"));
    }
}
