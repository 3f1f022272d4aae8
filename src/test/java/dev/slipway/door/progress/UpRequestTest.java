package dev.slipway.door.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpRequestTest {
    @Test
    void a_limit_reads_as_people_write_it() {
        assertEquals(Duration.ofSeconds(90), UpRequest.limit("90s"));
        assertEquals(Duration.ofMinutes(5), UpRequest.limit("5m"));
        assertEquals(Duration.ofHours(1), UpRequest.limit("1h"));
        for (String wrong : List.of("", "5", "-5m", "0s", "5 m", "PT5M", "99999999h")) {
            assertThrows(IllegalArgumentException.class, () -> UpRequest.limit(wrong), wrong);
        }
    }
}
