package dev.slipway.door.streams;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class SessionStatusTest {
    @Test
    void an_exit_code_is_told_as_kubelets_tell_it() throws IOException {
        ObjectNode status = ObjectCodec.readObject(SessionStatus.exited(7));

        assertEquals("Failure", status.path("status").asText());
        assertEquals("NonZeroExitCode", status.path("reason").asText());
        assertEquals("ExitCode", status.at("/details/causes/0/reason").asText());
        assertEquals("7", status.at("/details/causes/0/message").asText());
    }

    @Test
    void exit_code_zero_is_a_success() throws IOException {
        assertEquals(
                "Success",
                ObjectCodec.readObject(SessionStatus.exited(0)).path("status").asText());
    }

    @Test
    void a_failure_says_why() throws IOException {
        ObjectNode status = ObjectCodec.readObject(SessionStatus.failed("execute x: no such file"));

        assertEquals("InternalError", status.path("reason").asText());
        assertEquals("execute x: no such file", status.path("message").asText());
    }
}
