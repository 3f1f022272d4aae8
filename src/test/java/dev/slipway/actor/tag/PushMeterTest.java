package dev.slipway.actor.tag;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.model.TagStatus;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.registry.BlobPush;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PushMeterTest {
    private static final Descriptor CONFIG = Descriptor.of(MediaType.OCI_CONFIG, new byte[10]);
    private static final Descriptor LAYER = Descriptor.of(MediaType.OCI_LAYER, new byte[90]);

    private final AtomicInteger told = new AtomicInteger();
    private final PushMeter meter =
            new PushMeter(told::incrementAndGet, new Schedule(InstantSource.system(), new FakeDelays(), Runnable::run));

    private void assertProgress(int blobsDone, long bytesDone) {
        TagStatus.Progress progress = meter.progress().orElseThrow();
        assertEquals(blobsDone, progress.blobsDone());
        assertEquals(2, progress.blobsTotal());
        assertEquals(bytesDone, progress.bytesDone());
        assertEquals(100, progress.bytesTotal());
    }

    @Test
    void it_knows_how_many_bytes_went_of_how_many() {
        assertEquals(Optional.empty(), meter.progress());
        meter.begun(List.of(CONFIG, LAYER));
        assertProgress(0, 0);
        meter.moved(CONFIG, 10);
        meter.moved(LAYER, 40);
        meter.sent(CONFIG, BlobPush.Sent.UPLOADED);
        assertProgress(1, 50);
        meter.moved(LAYER, 30);
        assertProgress(1, 40);
        meter.begun(List.of(CONFIG, LAYER));
        assertProgress(0, 0);
    }

    @Test
    void it_tells_at_once_and_then_only_now_and_then() {
        meter.begun(List.of(CONFIG, LAYER));
        for (int i = 0; i < 1000; i++) {
            meter.moved(LAYER, i);
        }

        assertEquals(1, told.get());
    }
}
