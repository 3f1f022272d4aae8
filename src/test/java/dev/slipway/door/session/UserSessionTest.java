package dev.slipway.door.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class UserSessionTest {
    @Test
    void the_exit_code_is_read_from_the_status() throws IOException {
        assertEquals(0, exitCode("{\"status\":\"Success\"}"));
        assertEquals(
                7,
                exitCode("{\"status\":\"Failure\",\"reason\":\"NonZeroExitCode\","
                        + "\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"7\"}]}}"));
    }

    @Test
    void another_failure_is_told_in_its_words() {
        String status = "{\"status\":\"Failure\",\"reason\":\"InternalError\",\"message\":\"execute x: no such file\"}";

        IOException failure = assertThrows(IOException.class, () -> exitCode(status));

        assertEquals("execute x: no such file", failure.getMessage());
    }

    @Test
    void a_session_that_broke_off_is_a_failure() {
        assertThrows(IOException.class, () -> exitCode(""));
    }

    private static int exitCode(String status) throws IOException {
        return UserSession.exitCode(status.getBytes(StandardCharsets.UTF_8));
    }
}
