package dev.slipway.engine.copy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HandoverTest {
    private static final InputStream BROKEN = new InputStream() {
        @Override
        public int read() throws IOException {
            throw new IOException("the client has gone");
        }
    };

    @Test
    void everything_arrives() throws IOException {
        byte[] bytes = new byte[1_000_000];
        bytes[777_777] = 7;

        try (Handover handover = Handover.of(new ByteArrayInputStream(bytes))) {
            assertArrayEquals(bytes, handover.stream().readAllBytes());
        }
    }

    /// However the two threads meet: what broke never looks like an end.
    @Test
    void a_failure_is_told_and_is_no_end() throws IOException {
        for (int i = 0; i < 2000; i++) {
            InputStream from = new SequenceInputStream(new ByteArrayInputStream(new byte[10]), BROKEN);
            try (Handover handover = Handover.of(from)) {
                IOException failure =
                        assertThrows(IOException.class, () -> handover.stream().readAllBytes());
                assertTrue(String.valueOf(failure.getMessage()).contains("the client has gone"), failure.toString());
            }
        }
    }
}
