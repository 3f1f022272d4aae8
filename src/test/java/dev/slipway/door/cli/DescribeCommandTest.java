package dev.slipway.door.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.util.List;
import org.junit.jupiter.api.Test;

class DescribeCommandTest {
    @Test
    void events_stand_in_the_order_in_which_they_happened() throws Exception {
        JsonNode events = ObjectCodec.json().readTree("""
                [{"reason": "Started", "metadata": {"name": "a", "resourceVersion": "10"}},
                 {"reason": "Created", "metadata": {"name": "b", "resourceVersion": "9"}},
                 {"reason": "Scheduled", "metadata": {"name": "c", "resourceVersion": "8"}}]
                """);

        List<String> reasons = DescribeCommand.inOrder(events).stream()
                .map(event -> event.path("reason").asText())
                .toList();

        assertEquals(List.of("Scheduled", "Created", "Started"), reasons);
    }
}
