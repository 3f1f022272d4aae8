package dev.slipway.door.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.meta.ObjectCodec;
import java.util.List;
import org.junit.jupiter.api.Test;

class StatusCommandTest {
    @Test
    void names_and_messages_command_no_terminal() throws Exception {
        List<String> lines = StatusCommand.lines(ObjectCodec.json().readTree("""
                {"asDeclared": false,
                 "problems": [{"object": "file \\u001b[2Ja.yaml", "reason": "Malformed", "since": "today",
                               "message": "no\\u0007"}],
                 "atRest": [{"object": "Container \\u001bc", "state": "stopped"}]}
                """));

        assertEquals(4, lines.size());
        assertEquals("NOT as declared:", lines.getFirst());
        assertEquals(
                List.of(),
                lines.stream().filter(line -> line.matches(".*\\p{Cntrl}.*")).toList());
    }
}
