package dev.slipway.actor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.actor.probe.Probe.Start;
import dev.slipway.engine.oci.Healthcheck;
import dev.slipway.engine.oci.RunParameters;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What the health check of an image is as a probe.
class ImageProbeTest {
    private static final Duration NONE = Duration.ZERO;

    private static RunParameters image(@Nullable Healthcheck check, String... shell) {
        return new RunParameters(
                List.of(), List.of(), List.of(), "", "", Set.of(), "", Set.of(), Map.of(), check, List.of(shell));
    }

    private static RunParameters tested(String... test) {
        return image(new Healthcheck(List.of(test), NONE, NONE, NONE, NONE, 0));
    }

    private static Probe timed(
            Duration interval, Duration timeout, Duration startPeriod, Duration startInterval, int retries) {
        return ProbeReader.ofImage(image(
                        new Healthcheck(List.of("CMD", "ok"), interval, timeout, startPeriod, startInterval, retries)))
                .orElseThrow();
    }

    private static Duration seconds(long seconds) {
        return Duration.ofSeconds(seconds);
    }

    @Test
    void it_is_a_readiness_probe_with_dockers_numbers_where_the_image_has_none() {
        assertEquals(
                Optional.of(new Probe(
                        Probe.Kind.READINESS,
                        new Check.Exec(List.of("curl", "-f", "localhost")),
                        seconds(1),
                        seconds(30),
                        seconds(30),
                        1,
                        3,
                        Optional.empty(),
                        Optional.of(new Start(seconds(30), seconds(5))))),
                ProbeReader.ofImage(tested("CMD", "curl", "-f", "localhost")));
    }

    @Test
    void a_line_is_for_the_shell_of_the_image() {
        Healthcheck line = new Healthcheck(List.of("CMD-SHELL", "a || b"), NONE, NONE, NONE, NONE, 0);

        assertEquals(
                new Check.Exec(List.of("/bin/sh", "-c", "a || b")),
                ProbeReader.ofImage(image(line)).orElseThrow().check());
        assertEquals(
                new Check.Exec(List.of("/bin/bash", "-ec", "a || b")),
                ProbeReader.ofImage(image(line, "/bin/bash", "-ec"))
                        .orElseThrow()
                        .check());
    }

    @Test
    void an_image_without_one_or_with_nonsense_has_none() {
        assertEquals(Optional.empty(), ProbeReader.ofImage(image(null)));
        assertEquals(Optional.empty(), ProbeReader.ofImage(tested()));
        assertEquals(Optional.empty(), ProbeReader.ofImage(tested("NONE")));
        assertEquals(Optional.empty(), ProbeReader.ofImage(tested("NONE", "true")));
        assertEquals(Optional.empty(), ProbeReader.ofImage(tested("CMD")));
        assertEquals(Optional.empty(), ProbeReader.ofImage(tested("curl", "localhost")));
    }

    @Test
    void its_own_numbers_hold() {
        Probe probe = timed(seconds(10), Duration.ofMillis(500), seconds(60), seconds(2), 7);

        assertEquals(seconds(10), probe.period());
        assertEquals(Duration.ofMillis(500), probe.timeout());
        assertEquals(7, probe.failureThreshold());
        assertEquals(Optional.of(new Start(seconds(60), seconds(2))), probe.start());
    }

    @Test
    void nobody_asks_more_than_once_a_second_or_more_seldom_at_the_start() {
        Probe hasty = timed(Duration.ofNanos(1), NONE, NONE, Duration.ofNanos(1), 1);
        Probe odd = timed(seconds(3), NONE, NONE, seconds(20), 1);

        assertEquals(seconds(1), hasty.period());
        assertEquals(Optional.of(new Start(seconds(1), seconds(1))), hasty.start());
        assertEquals(Optional.of(new Start(seconds(3), seconds(3))), odd.start());
    }

    @Test
    void the_rhythm_of_the_start_ends_with_success_and_with_its_time() {
        Probe probe = timed(seconds(30), NONE, seconds(60), NONE, 0);

        assertEquals(seconds(5), probe.period(seconds(59), false));
        assertEquals(seconds(30), probe.period(seconds(60), false));
        assertEquals(seconds(30), probe.period(seconds(1), true));
    }
}
