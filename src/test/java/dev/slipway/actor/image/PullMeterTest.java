package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.image.PullProgress.Phase;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PullMeterTest {
    private static final Digest LAYER = Digest.sha256(new byte[1]);

    private final FakeDelays delays = new FakeDelays();
    private final List<Reference> told = new ArrayList<>();
    private final PullMeter.Meters meters =
            new PullMeter.Meters(told::add, new Schedule(InstantSource.system(), delays, Runnable::run));

    @Test
    void what_is_owed_when_a_pull_ends_is_told_to_nobody() throws Exception {
        Reference name = Reference.parse("web:v1");
        try (PullMeter.Meters.Part part = meters.open(name)) {
            part.meter().layer(LAYER, Phase.DOWNLOADING, 1);
            part.meter().layer(LAYER, Phase.DOWNLOADING, 2);
            delays.advance(Duration.ofSeconds(1));
            part.meter().layer(LAYER, Phase.DOWNLOADING, 3);
            assertEquals(List.of(name, name), told);
        }

        delays.advance(Duration.ofSeconds(1));

        assertEquals(List.of(name, name), told);
    }
}
