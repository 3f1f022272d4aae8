package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SortingTest {
    @Test
    void text_is_in_the_order_of_its_letters_and_numbers() throws IOException {
        assertEquals(List.of("a", "web-2", "web-10", "web-10a", "x"), sorted("web-10a", "x", "web-10", "a", "web-2"));
    }

    @Test
    void numbers_and_quantities_are_in_the_order_of_what_they_are_worth() throws IOException {
        assertEquals(List.of("2", "10", "010.5"), sorted("10", "010.5", "2"));
        assertEquals(List.of("100m", "1", "2k", "1Mi"), sorted("1Mi", "2k", "1", "100m"));
        assertEquals(
                List.of("2026-01-09T08:00:00Z", "2026-01-10T07:00:00Z"),
                sorted("2026-01-10T07:00:00Z", "2026-01-09T08:00:00Z"));
    }

    @Test
    void what_has_no_such_value_comes_first_and_the_rest_keeps_its_order() throws IOException {
        JsonNode list = ObjectCodec.yaml().readTree("[{n: b, v: 2}, {n: c}, {n: a, v: 2}, {n: d, v: 1}]");

        List<JsonNode> sorted = Sorting.parse("{.v}").sorted(list.valueStream().toList(), each -> each);

        assertEquals(
                List.of("c", "d", "b", "a"),
                sorted.stream().map(each -> each.path("n").asText()).toList());
    }

    @Test
    void a_value_that_nobody_has_is_said_and_so_is_what_is_no_path() throws IOException {
        JsonNode list = ObjectCodec.yaml().readTree("[{n: b}, {n: c}]");

        IOException nobody = assertThrows(IOException.class, () -> Sorting.parse(".v")
                .sorted(list.valueStream().toList(), each -> each));
        assertEquals("couldn't find any field with path \".v\" in the list of objects", nobody.getMessage());
        assertThrows(WrongUsageException.class, () -> Sorting.parse("{.a[}"));
        assertEquals(List.of(), Sorting.parse(".v").sorted(List.of(), each -> each));
    }

    private static List<String> sorted(String... values) throws IOException {
        List<JsonNode> items = Stream.of(values)
                .<JsonNode>map(value -> ObjectCodec.json().createObjectNode().put("v", value))
                .toList();
        return Sorting.parse(".v").sorted(items, each -> each).stream()
                .map(each -> each.path("v").asText())
                .toList();
    }
}
