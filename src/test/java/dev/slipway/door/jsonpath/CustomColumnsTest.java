package dev.slipway.door.jsonpath;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class CustomColumnsTest {
    @Test
    void a_line_for_each_object() throws IOException {
        List<JsonNode> pods = List.of(
                read("{\"metadata\": {\"name\": \"web\"}, \"images\": [\"a\", \"b\"]}"),
                read("{\"metadata\": {\"name\": \"a-longer-one\"}, \"restarts\": 3}"));

        List<String> lines = CustomColumns.parse("NAME:.metadata.name,IMAGES:{.images[*]},N:restarts")
                .lines(pods);

        assertEquals(
                List.of("NAME           IMAGES   N", "web            a,b      <none>", "a-longer-one   <none>   3"),
                lines);
    }

    @Test
    void a_comma_in_brackets_parts_no_columns() throws IOException {
        assertEquals(
                List.of("BOTH   B", "1,2    2"),
                CustomColumns.parse("BOTH:['a','b'],B:.b").lines(List.of(read("{\"a\": 1, \"b\": 2}"))));
    }

    @Test
    void a_column_has_a_header_and_a_path() {
        for (String wrong : List.of("", "NAME", "NAME:", ":.a", "NAME:.a,", "A:.a[")) {
            assertThrows(IllegalArgumentException.class, () -> CustomColumns.parse(wrong), wrong);
        }
    }

    private static JsonNode read(String json) throws IOException {
        return new ObjectMapper().readTree(json);
    }
}
