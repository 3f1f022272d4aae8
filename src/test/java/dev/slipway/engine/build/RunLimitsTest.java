package dev.slipway.engine.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.engine.build.BuildRequest.RunLimits;
import dev.slipway.engine.build.ImageBuilder.Bounds;
import dev.slipway.engine.runtime.Resources;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// What a program of a build is held to, by its build and by its host.
class RunLimitsTest {
    private static final Bounds HOST = new Bounds(OptionalLong.of(1000), true);

    private static RunLimits memory(OptionalLong bytes) {
        return new RunLimits(OptionalLong.of(500), bytes, Duration.ofMinutes(5));
    }

    @Test
    void what_the_build_says_counts_and_else_what_is_usual() {
        assertEquals(
                OptionalLong.of(1000),
                memory(OptionalLong.empty()).resources(HOST).memoryLimitBytes());
        assertEquals(
                OptionalLong.of(64), memory(OptionalLong.of(64)).resources(HOST).memoryLimitBytes());
        assertEquals(
                OptionalLong.empty(), memory(OptionalLong.of(0)).resources(HOST).memoryLimitBytes());
        assertEquals(
                OptionalLong.of(500),
                memory(OptionalLong.empty()).resources(HOST).cpuLimitMillis());
    }

    @Test
    void a_host_that_limits_nothing_is_asked_for_nothing() {
        Resources resources = memory(OptionalLong.empty()).resources(Bounds.NONE);

        assertEquals(OptionalLong.empty(), resources.memoryLimitBytes());
        assertEquals(OptionalLong.empty(), resources.pidsLimit());
        assertEquals(
                OptionalLong.of(16_384),
                memory(OptionalLong.empty()).resources(HOST).pidsLimit());
    }
}
