package dev.slipway.engine.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {
    @Test
    void it_is_read_as_docker_hub_says_it() {
        assertEquals(Optional.of(new RateLimit(100, 76, Duration.ofHours(6))), read("100;w=21600", "76;w=21600"));
    }

    @Test
    void a_registry_need_not_say_a_window() {
        assertEquals(Optional.of(new RateLimit(5000, 0, Duration.ZERO)), read("5000", "0"));
    }

    @Test
    void of_several_windows_the_first_counts() {
        assertEquals(Optional.of(new RateLimit(10, 9, Duration.ofMinutes(1))), read("10;w=60, 100;w=3600", "9"));
    }

    @ParameterizedTest
    @CsvSource({"'',''", "100;w=60,''", "'',9", "many,9", "100,few", "-1,-2", "99999999999999999999999,1"})
    void what_is_no_pair_of_numbers_says_nothing(String limit, String remaining) {
        assertEquals(Optional.empty(), read(limit, remaining));
    }

    private static Optional<RateLimit> read(String limit, String remaining) {
        return RateLimit.of(HttpHeaders.of(
                Map.of("ratelimit-limit", List.of(limit), "ratelimit-remaining", List.of(remaining)),
                (name, value) -> true));
    }
}
