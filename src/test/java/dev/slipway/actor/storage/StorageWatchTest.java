package dev.slipway.actor.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.FakeRuntime;
import dev.slipway.engine.runtime.StorageUsage;
import dev.slipway.engine.runtime.StorageUsage.Amount;
import dev.slipway.engine.runtime.StorageUsage.OfContainer;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StorageWatchTest {
    private static final PodUid POD = new PodUid("pod");
    private static final long MIB = 1 << 20;
    private static final String LIMITED =
            "{containers: [{name: main, resources: {limits: {ephemeral-storage: 100Mi}}}]}";

    private final FakeRuntime runtime = new FakeRuntime(Instant.parse("2026-01-31T08:00:00Z"));
    private Instant wall = Instant.parse("2026-01-31T08:00:00Z");
    private final FakeDelays delays = new FakeDelays();
    private final List<PodUid> heard = new ArrayList<>();
    private final StorageWatch watch = new StorageWatch(
            runtime,
            new Schedule(() -> wall, runtime.clock(), delays, Runnable::run),
            new StorageWatch.Pace(Duration.ofSeconds(5), Duration.ofMinutes(5)));

    @BeforeEach
    void listen() {
        watch.listen(heard::add);
    }

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void a_pod_without_limits_costs_nothing() throws IOException {
        watch.watch(POD, limits("{containers: [{name: main}]}"));

        assertEquals(0, delays.waiting());
        pass(60);
        assertEquals(0, looks());
        assertEquals(Optional.empty(), watch.usage(POD));
    }

    @Test
    void a_container_over_its_limit_is_found_and_named_once() throws IOException {
        watch.watch(POD, limits(LIMITED));
        pass(5);
        assertEquals(Optional.empty(), watch.excess(POD));
        heard.clear();

        runtime.disk.write(POD, layer(101 * MIB));
        pass(5);

        assertEquals(
                Optional.of("Pod ephemeral local storage usage exceeds the total limit of containers 100Mi. "),
                watch.excess(POD));
        assertEquals(List.of(POD), heard);
        assertEquals(layer(101 * MIB), watch.usage(POD).orElseThrow());
        int before = looks();
        pass(60);
        assertEquals(before, looks(), "who has to go is not looked at any more");
        assertEquals(0, delays.waiting());
    }

    @Test
    void while_nothing_changes_it_looks_more_and_more_seldom() throws IOException {
        watch.watch(POD, limits(LIMITED));

        pass(60);
        int first = looks();
        pass(600);

        assertEquals(4, first, "at 5, 10, 20 and 40 seconds");
        assertEquals(4, looks() - first, "at 80, 160, 320 and 620 seconds");
        assertEquals(List.of(POD), heard, "the first look is news, the others are not");
    }

    @Test
    void a_clock_that_is_set_back_lets_nobody_write_more() throws IOException {
        wall = wall.plus(Duration.ofDays(400));
        watch.watch(POD, limits(LIMITED));
        pass(5);
        wall = Instant.EPOCH;

        runtime.disk.write(POD, layer(101 * MIB));
        pass(10);

        assertEquals(1, watch.excess(POD).stream().count());
    }

    @Test
    void when_the_disk_has_lost_as_much_as_a_pod_may_still_write_it_looks_at_once() throws IOException {
        watch.watch(POD, limits(LIMITED));
        pass(600);
        int before = looks();

        runtime.disk.free(-90 * MIB);
        pass(5);
        assertEquals(before, looks());
        runtime.disk.write(POD, layer(110 * MIB));
        pass(5);

        assertEquals(before + 1, looks());
        assertEquals(1, watch.excess(POD).stream().count());
    }

    @Test
    void who_writes_what_others_remove_is_found_a_little_later() throws IOException {
        watch.watch(POD, limits(LIMITED));
        pass(600);

        runtime.disk.write(POD, layer(110 * MIB));
        runtime.disk.free(110 * MIB);
        pass(5);
        assertEquals(Optional.empty(), watch.excess(POD));
        pass(300);

        assertEquals(1, watch.excess(POD).stream().count());
    }

    @Test
    void usage_is_told_when_it_is_noteworthy() throws IOException {
        watch.watch(POD, limits(LIMITED));
        pass(5);
        heard.clear();

        runtime.disk.write(POD, layer(MIB / 2));
        pass(10);
        assertEquals(List.of(), heard);
        runtime.disk.write(POD, layer(2 * MIB));
        pass(20);

        assertEquals(List.of(POD), heard);
        assertEquals(2 * MIB, watch.usage(POD).orElseThrow().bytes());
    }

    @Test
    void a_look_that_fails_is_not_the_last() throws IOException {
        watch.watch(POD, limits(LIMITED));
        watch.listen(pod -> {
            throw new IllegalStateException("nobody listens");
        });
        assertThrows(IllegalStateException.class, () -> pass(5));
        watch.listen(heard::add);

        runtime.disk.write(POD, layer(110 * MIB));
        pass(60);

        assertEquals(List.of(POD), heard);
    }

    @Test
    void a_forgotten_pod_begins_anew() throws IOException {
        watch.watch(POD, limits(LIMITED));
        runtime.disk.write(POD, layer(110 * MIB));
        pass(5);
        assertEquals(1, watch.excess(POD).stream().count());

        watch.forget(POD);
        runtime.disk.write(POD, layer(0));

        assertEquals(Optional.empty(), watch.excess(POD));
        watch.watch(POD, limits(LIMITED));
        pass(5);
        assertEquals(Optional.empty(), watch.excess(POD));
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            runtime.advance(Duration.ofSeconds(1));
            delays.advance(Duration.ofSeconds(1));
        }
    }

    private int looks() {
        return (int) runtime.calls().stream().filter("storage pod"::equals).count();
    }

    private static StorageUsage layer(long bytes) {
        return new StorageUsage(Map.of("main", new OfContainer(new Amount(bytes, 1), Amount.NOTHING)), Map.of());
    }

    private static StorageLimits limits(String spec) throws IOException {
        return StorageLimits.of(ApiObject.of((ObjectNode) ObjectCodec.yaml().readTree("{spec: %s}".formatted(spec))));
    }
}
