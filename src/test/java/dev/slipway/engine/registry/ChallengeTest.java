package dev.slipway.engine.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChallengeTest {
    private static final Challenge BEARER =
            new Challenge("bearer", Map.of("realm", "https://a/t", "service", "s", "scope", "repository:x:pull,push"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:x:pull,push\"",
                "bearer  realm = \"https://a/t\" , service=s, scope=\"repository:x:pull,push\"",
                "BEARER Realm=\"https://a/t\",SERVICE=\"s\",Scope=\"repository:x:pull,push\"",
                "Negotiate, Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:x:pull,push\"",
                "Basic realm=\"b\", Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:x:pull,push\"",
                "Bearer realm=\"https://a/t\",service=\"\\s\",scope=\"repository:x:pull,push\"",
            })
    void a_bearer_challenge_is_read_in_every_spelling(String header) {
        assertEquals(Optional.of(BEARER), Challenge.parse(List.of(header)));
    }

    @Test
    void bearer_is_preferred_over_basic_across_headers() {
        Optional<Challenge> found = Challenge.parse(List.of(
                "Basic realm=\"b\"", "Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:x:pull,push\""));

        assertEquals(Optional.of(BEARER), found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic", "Basic realm=\"x\"", "basic realm=x"})
    void a_basic_challenge_needs_no_parameters(String header) {
        assertEquals("basic", Challenge.parse(List.of(header)).orElseThrow().scheme());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Negotiate", "Bearer", "Bearer service=\"s\"", "Digest realm=\"x\"", ",,,", "=\"\""})
    void what_cannot_be_answered_is_no_challenge(String header) {
        assertEquals(Optional.empty(), Challenge.parse(List.of(header)));
    }

    @Test
    void a_hostile_header_is_read_in_linear_time() {
        String hostile = "Bearer " + "a=\"\\".repeat(20_000) + " ,".repeat(20_000);

        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> Challenge.parse(List.of(hostile)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "0|PT0S",
                "120|PT2M",
                "Wed, 21 Oct 2026 07:28:10 GMT|PT10S",
                "Wed, 21 Oct 2026 07:27:00 GMT|PT0S",
                "-1|none",
                "1e9|none",
                "99999999999999|none",
                "soon|none",
            })
    void retry_after_is_seconds_or_a_date(String value, Duration expected) {
        Instant now = Instant.parse("2026-10-21T07:28:00Z");

        assertEquals(Optional.ofNullable(expected), RateLimit.retryAfter(value, now));
    }
}
