package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ColumnsTest {
    private static final String TABLE = """
            {"columnDefinitions":[{"name":"Name","priority":0},{"name":"Ready","priority":0},{"name":"Node","priority":1}],
             "rows":[{"cells":["web","1/1","here"],"object":{"metadata":{"namespace":"default"}}},
                     {"cells":["database",null,"here"],"object":{"metadata":{"namespace":"prod"}}}]}""";

    @Test
    void columns_are_aligned_and_wide_ones_are_left_out() throws IOException {
        assertEquals(
                List.of("NAME       READY", "web        1/1", "database   <none>"),
                new Columns(false, false, "").lines(tree(TABLE)));
    }

    @Test
    void wide_and_namespace_columns_appear_when_asked_for() throws IOException {
        assertEquals(
                List.of(
                        "NAMESPACE   NAME       READY    NODE",
                        "default     web        1/1      here",
                        "prod        database   <none>   here"),
                new Columns(true, true, "").lines(tree(TABLE)));
    }

    @Test
    void the_header_comes_once() throws IOException {
        Columns columns = new Columns(false, false, "");

        columns.lines(tree(TABLE));

        assertEquals(2, columns.lines(tree(TABLE)).size());
    }

    private static JsonNode tree(String json) throws IOException {
        return ObjectCodec.json().readTree(json);
    }
}
