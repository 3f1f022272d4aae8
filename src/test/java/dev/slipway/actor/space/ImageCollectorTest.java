package dev.slipway.actor.space;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.space.Inventory.Candidate;
import dev.slipway.actor.space.Inventory.Content;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Disk, clock and delays are the test's; whatever runs aside runs at once.
class ImageCollectorTest {
    private static final Instant NOW = Instant.parse("2026-01-31T08:00:00Z");
    private static final Duration INTERVAL = Duration.ofMinutes(5);

    @TempDir
    private Path folder;

    private final FakeDelays delays = new FakeDelays();
    private final List<Candidate> candidates = new ArrayList<>();
    private final List<String> touched = new ArrayList<>();
    private final List<String> done = new ArrayList<>();
    private final Leftovers leftovers = new Leftovers() {
        @Override
        public void tidy(Instant before) throws IOException {
            if (isBroken) {
                throw new IOException("read notes: input/output error");
            }
            done.add("tidy " + Duration.between(before, now));
        }

        @Override
        public void release() throws IOException {
            if (isBroken) {
                throw new IOException("read notes: input/output error");
            }
            done.add("release");
        }
    };
    private Instant now = NOW;
    private boolean isBroken;
    private FileSystemSpace.Gauge gauge = used(50);
    private int passes;
    private SqliteObjectStore store;
    private EventRecorder events;
    private ImageCollector collector;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        store.create(
                new ObjectKey(GroupResource.core("nodes"), "", "here"),
                ApiObject.of((com.fasterxml.jackson.databind.node.ObjectNode) ObjectCodec.json()
                        .readTree("{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"metadata\":{\"name\":\"here\"}}")));
        Schedule schedule = new Schedule(() -> now, delays, Runnable::run);
        events = new EventRecorder(store, new EventSource("slipway", "here"), schedule);
        collector = new ImageCollector(
                new ImageCollector.Tools(
                        store,
                        events,
                        schedule,
                        CollectionSettings.STANDARD,
                        leftovers,
                        repositories(),
                        () -> gauge.read(),
                        INTERVAL),
                this::inventory,
                touched::add);
        collector.start();
    }

    /// There are none.
    private RepositoryCollector repositories() {
        return new EmptyRepositories(folder).collector();
    }

    @AfterEach
    void close() throws IOException {
        collector.close();
        events.close();
        store.close();
    }

    /// Of 1000 bytes.
    private static FileSystemSpace.Gauge used(int percent) {
        return () -> new FileSystemSpace(1000, 1000 - 10 * percent);
    }

    private Inventory inventory() {
        passes++;
        return new Inventory(
                candidates,
                candidates.stream()
                        .map(candidate -> new Content(
                                Digest.sha256(candidate.name().getBytes(UTF_8)),
                                Map.of(Digest.sha256((candidate.name() + " layer").getBytes(UTF_8)), 100L),
                                Set.of(candidate.name()),
                                false))
                        .toList());
    }

    private void unused(String name, Duration since) {
        candidates.add(new Candidate(name, NOW.minus(since), Optional.empty()));
    }

    private Removal due(String name) {
        return collector.due(name).orElseThrow();
    }

    /// Reason and count of each.
    private List<String> told() {
        return store.list(GroupResource.core("events"), "").items().stream()
                .map(event -> event.tree().path("reason").asText() + " "
                        + event.tree().path("count").asText())
                .sorted()
                .toList();
    }

    @Test
    void a_pass_that_finds_nothing_touches_and_writes_nothing() {
        unused("web", Duration.ofDays(1));
        long version = store.resourceVersion();

        delays.advance(INTERVAL);
        delays.advance(INTERVAL);

        assertEquals(2, passes);
        assertEquals(List.of(), touched);
        assertEquals(version, store.resourceVersion());
    }

    @Test
    void what_is_due_is_given_a_round_and_another_look_follows_when_it_has_gone() {
        unused("one", Duration.ofHours(2));
        unused("two", Duration.ofHours(1));
        gauge = used(90);

        delays.advance(INTERVAL);

        assertEquals(List.of("one"), touched);
        assertEquals("space", due("one").cause().word());
        candidates.removeFirst();
        collector.removed(due("one"));
        assertEquals(List.of("one", "two"), touched, "it was not enough");
        gauge = used(79);
        candidates.clear();
        collector.removed(due("two"));
        assertEquals(List.of("one", "two"), touched);
        assertEquals(Map.of("space", new ImageCollector.Collected(2, 200)), collector.collected());
        assertEquals(List.of(), told());
    }

    @Test
    void an_image_that_is_needed_again_stays_and_is_not_asked_for_until_the_next_pass() {
        unused("one", Duration.ofHours(2));
        gauge = used(90);
        collector.look();

        collector.spared(due("one"));

        assertEquals(List.of("one"), touched);
        assertTrue(collector.due("one").isEmpty());
        assertTrue(collector.collected().isEmpty());
    }

    @Test
    void that_nothing_can_be_freed_is_told_once_and_again_after_it_was_better() {
        gauge = used(90);
        collector.look();
        collector.look();
        assertEquals(List.of("FreeDiskSpaceFailed 1"), told());

        gauge = used(84);
        collector.look();
        gauge = used(90);
        collector.look();

        assertEquals(List.of("FreeDiskSpaceFailed 2"), told());
    }

    private static FileSystemSpace.Gauge inodes(int percent) {
        return () -> new FileSystemSpace(1000, 500, new FileSystemSpace.Inodes(100, 100 - percent));
    }

    @Test
    void images_go_one_by_one_until_there_are_inodes_below_the_low_threshold() {
        unused("one", Duration.ofHours(3));
        unused("two", Duration.ofHours(2));
        unused("three", Duration.ofHours(1));
        gauge = inodes(84);
        collector.look();
        assertEquals(List.of(), touched);

        gauge = inodes(85);
        collector.look();

        assertEquals(List.of("one"), touched);
        assertEquals(List.of("tidy PT720H", "release"), done);
        candidates.removeFirst();
        gauge = inodes(81);
        collector.removed(due("one"));
        assertEquals(List.of("one", "two"), touched, "it is above the low threshold");
        candidates.removeFirst();
        gauge = inodes(80);
        collector.removed(due("two"));
        assertEquals(List.of("one", "two"), touched);
        assertEquals(Map.of("inodes", new ImageCollector.Collected(2, 200)), collector.collected());
        collector.look();
        assertEquals(List.of("one", "two"), touched);
    }

    @Test
    void that_no_inode_can_be_freed_is_told_once() {
        gauge = inodes(97);
        collector.look();
        collector.look();

        assertEquals(List.of("FreeDiskSpaceFailed 1"), told());
        assertEquals(
                "97 % of the inodes of the file system of images are in use, which may be 85 %, and no image may be"
                        + " removed: all are needed, kept or too young",
                store.list(GroupResource.core("events"), "")
                        .items()
                        .getFirst()
                        .tree()
                        .path("message")
                        .asText());
    }

    @Test
    void a_disk_that_cannot_be_looked_at_is_told_and_does_not_end_the_looking() {
        gauge = () -> {
            throw new IOException("stat: input/output error (EIO)");
        };
        delays.advance(INTERVAL);
        assertEquals(List.of("ImageGCFailed 1"), told());

        unused("old", Duration.ofDays(31));
        gauge = used(10);
        delays.advance(INTERVAL);

        assertEquals(List.of("old"), touched);
    }

    @Test
    void who_asks_for_all_gets_it_at_once() {
        unused("one", Duration.ofSeconds(1));

        assertEquals(1, collector.wouldGo().removals().size());
        assertEquals(List.of(), touched);
        assertEquals(100, collector.removeAll().freedBytes());

        assertEquals("wish", due("one").cause().word());
    }

    @Test
    void who_asked_is_told_of_those_only_that_have_gone() {
        unused("one", Duration.ofHours(2));
        unused("two", Duration.ofHours(1));
        List<Removal> all = collector.removeAll().removals();
        Removal two = due("two");

        collector.spared(due("one"));
        collector.removed(two);

        assertEquals(2, all.size());
        assertEquals(List.of(two), collector.gone(all));
        collector.removeAll();
        collector.removed(due("one"));
        assertEquals(all, collector.gone(all));
    }

    @Test
    void what_no_image_has_goes_before_images_do_and_once_a_day_when_it_is_old() {
        unused("one", Duration.ofHours(2));
        collector.look();
        now = now.plus(Duration.ofHours(23));
        collector.look();
        assertEquals(List.of("tidy PT720H"), done);
        now = now.plus(Duration.ofHours(1));
        collector.look();
        assertEquals(List.of("tidy PT720H", "tidy PT720H"), done);

        gauge = new Relief();
        collector.look();

        assertEquals("release", done.getLast());
        assertEquals(List.of(), touched, "that was enough");
    }

    @Test
    void leftovers_that_could_not_be_looked_through_are_tried_again_and_keep_no_image_from_going() {
        unused("one", Duration.ofHours(2));
        gauge = used(90);
        isBroken = true;
        collector.look();
        assertEquals(List.of("ImageGCFailed 1"), told());
        assertEquals(List.of("one"), touched);

        isBroken = false;
        collector.look();

        assertEquals(List.of("tidy PT720H", "release"), done);
    }

    /// A disk that is too full until it is looked at again.
    private static final class Relief implements FileSystemSpace.Gauge {
        private int looks;

        @Override
        public FileSystemSpace read() {
            return new FileSystemSpace(1000, looks++ == 0 ? 100 : 500);
        }
    }

    @Test
    void nothing_happens_after_the_end() {
        collector.close();
        delays.advance(INTERVAL);
        collector.look();

        assertEquals(0, passes);
        assertEquals(0, delays.waiting());
    }
}
