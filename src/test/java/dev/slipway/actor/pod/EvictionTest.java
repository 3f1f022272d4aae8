package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.pod.PodFacts.Written;
import dev.slipway.desired.api.ApiException;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import dev.slipway.engine.runtime.StorageUsage;
import dev.slipway.engine.runtime.StorageUsage.Amount;
import dev.slipway.engine.runtime.StorageUsage.OfContainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of pods that write too much to disk.
class EvictionTest {
    private static final PodUid WEB = new PodUid("uid-2");
    private static final long MIB = 1 << 20;
    private static final String LIMITED =
            "containers: [{name: main, image: a, resources: {limits: {ephemeral-storage: 10Mi}}}]";
    private static final String EXCESS =
            "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ";

    @TempDir
    private Path folder = Path.of("");

    private PodRig rig;

    @BeforeEach
    void open() throws IOException, InterruptedException, ApiException {
        rig = new PodRig(folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void a_pod_over_its_limit_fails_for_good_and_says_why() throws Exception {
        rig.pod(LIMITED);
        rig.settle();

        write(11);
        rig.pass(6);

        assertEquals("Failed", rig.status("/phase"));
        assertEquals("Evicted", rig.status("/reason"));
        assertEquals(EXCESS, rig.status("/message"));
        rig.assertEvent("Warning Evicted: " + EXCESS);
        assertEquals(
                1,
                rig.events().stream().filter(event -> event.contains("Evicted")).count());
        rig.restartEngine();
        rig.pass(60);
        assertEquals("Failed", rig.status("/phase"));
        assertEquals(1, rig.runtime.started().size(), "whatever its restart policy");
    }

    @Test
    void who_does_not_end_by_himself_has_a_second() throws Exception {
        rig.runtime.behave(request -> new Behaviour.IgnoresSignals());
        rig.pod(LIMITED);
        rig.settle();

        write(11);
        rig.pass(7);

        assertTrue(rig.runtime.calls().contains("stop uid-2/main 15 PT1S"), String.valueOf(rig.runtime.calls()));
        assertEquals("Evicted", rig.status("/reason"));
    }

    @Test
    void one_that_is_stopped_when_it_has_written_too_much_can_be_started() throws Exception {
        rig.runtime.behave(request -> new Behaviour.IgnoresSignals());
        rig.create("{apiVersion: v1, kind: Pod, metadata: {name: web, annotations: {slipway.dev/storage-layer: Kept,"
                + " slipway.dev/storage-layer-size-limit: 10Mi}}, spec: {containers: [{name: main, image: a}]}}");
        rig.settle();

        write(11);
        rig.pass(5);
        rig.patch("{metadata: {annotations: {slipway.dev/desired-state: Stopped}}}");
        rig.pass(10);
        assertEquals("Pending", rig.status("/phase"));
        rig.patch("{metadata: {annotations: {slipway.dev/desired-state: Running}}}");
        rig.settle();

        assertEquals("Running", rig.status("/phase"));
    }

    @Test
    void a_limit_that_is_raised_in_time_evicts_nobody() throws Exception {
        rig.create("{apiVersion: v1, kind: Pod, metadata: {name: web, annotations:"
                + " {slipway.dev/storage-layer-size-limit: 10Mi}}, spec: {containers: [{name: main, image: a}]}}");
        rig.settle();
        write(9);
        rig.pass(6);
        assertEquals(new Written(9 * MIB, 1), written());

        rig.patch("{metadata: {annotations: {slipway.dev/storage-layer-size-limit: 20Mi}}}");
        rig.settle();
        write(19);
        rig.pass(12);

        assertEquals("Running", rig.status("/phase"));
        assertEquals(new Written(19 * MIB, 1), written());
    }

    private Written written() {
        return rig.actor()
                .facts()
                .container(WEB.value(), "main")
                .orElseThrow()
                .written()
                .orElseThrow();
    }

    private void write(long mib) {
        rig.runtime.disk.write(
                WEB,
                new StorageUsage(Map.of("main", new OfContainer(new Amount(mib * MIB, 1), Amount.NOTHING)), Map.of()));
    }
}
