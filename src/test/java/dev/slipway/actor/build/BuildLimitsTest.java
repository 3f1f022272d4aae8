package dev.slipway.actor.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.model.ImageSpec;
import dev.slipway.engine.build.BuildRequest.RunLimits;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BuildLimitsTest {
    private static RunLimits limits(String build) throws Exception {
        return BuildLimits.of(ObjectCodec.fromTree(ObjectCodec.yaml().readTree(build), ImageSpec.Build.class));
    }

    @Test
    void what_a_build_does_not_say_is_left_to_what_is_usual() throws Exception {
        assertEquals(RunLimits.STANDARD, limits("{from: scratch}"));
        assertEquals(
                OptionalLong.empty(), limits("{resources: {limits: {cpu: 1}}}").memoryBytes());
    }

    @Test
    void what_it_says_counts_also_that_there_is_no_limit() throws Exception {
        assertEquals(
                new RunLimits(OptionalLong.of(500), OptionalLong.of(64 << 20), Duration.ofMinutes(2)),
                limits("{resources: {limits: {cpu: 500m, memory: 64Mi}}, timeout: 2m}"));
        assertEquals(
                new RunLimits(OptionalLong.empty(), OptionalLong.of(0), Duration.ofHours(1)),
                limits("{resources: {limits: {cpu: 0, memory: 0}}}"));
    }
}
