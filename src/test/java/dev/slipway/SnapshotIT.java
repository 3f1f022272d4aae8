package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// Snapshots of a volume that a container writes without a pause. An engine of its own, because it is killed.
///
/// The container adds the same number to `a` and then to `b`. Of a copy, `a` is made first and `b` last, with thousands
/// of files between them: a copy of one moment has in `b` the number that is in `a`, or the one before.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SnapshotIT {
    private static final int FILES = 8_000;
    private static final String WRITE = "i=0; while true; do i=$((i+1)); echo $i >> /v/a; echo $i >> /v/more/last/b; "
            + "/bin/busybox usleep 1000; done";
    private static final Duration LOOK = Duration.ofMillis(1);
    private static final Duration A_MINUTE_AND_MORE = Duration.ofSeconds(90);

    private EngineProcess engine;
    private Path data = Path.of("");
    private Sample writer = Sample.container("writer", WRITE);

    @BeforeAll
    void start() throws IOException {
        engine = SharedEngine.fresh();
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: ledger}
                spec: {type: Managed, reclaimPolicy: Delete}
                """);
        engine.await("the volume", () -> !engine.field("volume/ledger", ".status.path")
                .isEmpty());
        data = Path.of(engine.field("volume/ledger", ".status.path"));
        Path last = Files.createDirectories(data.resolve("more/last"));
        for (int i = 0; i < FILES; i++) {
            Files.writeString(last.resolveSibling("file" + i), "x");
        }
        writer = writer.with("volumes: [{name: v, volume: {name: ledger}}]")
                .with("volumeMounts: [{name: v, mountPath: /v}]")
                .in(engine)
                .running(engine);
        awaitWrites();
    }

    @AfterAll
    void stop() throws IOException {
        engine.close();
    }

    @Test
    @Order(1)
    void what_an_engine_that_is_killed_at_a_copy_left_frozen_goes_on_and_the_copy_is_made() throws Exception {
        long pid = writer.pid(engine);
        ask("crash");
        engine.await("the writer to be frozen", () -> isFrozen(pid));

        engine.kill();

        assertTrue(isFrozen(pid), "the copy was over before the engine was killed");
        assertEquals(1, copiesBegun(), "the copy was over before the engine was killed");
        engine.restart();
        awaitWrites();
        writer.running(engine);
        assertEquals(pid, writer.pid(engine), "the same process goes on");
        assertOfOneMoment(taken("crash"));
        engine.await("all that was begun to be whole or gone", () -> copiesBegun() == 0);
        assertEquals("0", engine.field(writer.object(), ".status.restartCount"));
    }

    @Test
    @Order(2)
    @DisplayName("S49 a snapshot is of one moment, while its users write")
    void a_snapshot_is_of_one_moment_while_its_users_write() throws Exception {
        for (String name : List.of("first", "second")) {
            AtomicBoolean wasFrozen = new AtomicBoolean();
            Path copy = watched(wasFrozen, name);

            assertOfOneMoment(copy);
            assertTrue(wasFrozen.get());
            awaitWrites();
        }
    }

    @Test
    @Order(3)
    void the_schedule_takes_one_when_it_is_due() throws IOException {
        set("schedule", "\"* * * * *\"");
        try {
            engine.await("a snapshot by the schedule", A_MINUTE_AND_MORE, () -> !lastScheduled()
                    .isEmpty());

            assertOfOneMoment(taken(lastScheduled()));
        } finally {
            set("schedule", "null");
        }
    }

    @Test
    @Order(4)
    void users_that_are_not_to_be_frozen_write_while_the_copy_is_made() throws Exception {
        set("freeze", "\"None\"");
        AtomicBoolean wasFrozen = new AtomicBoolean();

        Path copy = watched(wasFrozen, "loose");

        assertEquals(FILES + 1, entries(copy.resolve("more")));
        long a = number(copy.resolve("a"));
        long b = number(copy.resolve("more/last/b"));
        assertTrue(b > a, "the writer stood still between %d and %d".formatted(a, b));
        assertTrue(!wasFrozen.get(), "the writer was frozen");
    }

    private String lastScheduled() {
        return engine.field("volume/ledger", ".status.snapshots.last");
    }

    private void ask(String name) {
        engine.apply("""
                apiVersion: snapshot.storage.k8s.io/v1
                kind: VolumeSnapshot
                metadata: {name: %s}
                spec: {source: {persistentVolumeClaimName: ledger}}
                """.formatted(name));
    }

    /// Where the data of a snapshot are once it has been taken.
    private Path taken(String name) {
        engine.awaitField("volumesnapshot/" + name, ".status.readyToUse", "true");
        return snapshots().resolve(engine.field("volumesnapshot/" + name, ".metadata.uid"));
    }

    /// Takes a snapshot, and notes whether the writer was frozen at any look meanwhile.
    private Path watched(AtomicBoolean wasFrozen, String name) throws Exception {
        long pid = writer.pid(engine);
        AtomicBoolean isOver = new AtomicBoolean();
        Thread watch = Thread.ofPlatform().start(() -> {
            while (!isOver.get()) {
                wasFrozen.compareAndSet(false, isFrozen(pid));
                LockSupport.parkNanos(LOOK.toNanos());
            }
        });
        try {
            ask(name);
            return taken(name);
        } finally {
            isOver.set(true);
            watch.join();
        }
    }

    private void set(String field, String json) {
        engine.kubectl(
                        "patch",
                        "volume/ledger",
                        "--type=merge",
                        "-p",
                        "{\"spec\": {\"snapshots\": {\"%s\": %s}}}".formatted(field, json))
                .orFail();
    }

    private void awaitWrites() {
        long before = Files.exists(data.resolve("a")) ? number(data.resolve("a")) : 0;
        engine.await(
                "the writer to go on",
                () -> Files.exists(data.resolve("a")) && number(data.resolve("a")) > before + 10);
    }

    private static void assertOfOneMoment(Path copy) throws IOException {
        assertEquals(FILES + 1, entries(copy.resolve("more")));
        long a = number(copy.resolve("a"));
        long b = number(copy.resolve("more/last/b"));
        assertTrue(b == a || b == a - 1, "%d, then %d".formatted(a, b));
    }

    /// The last that was added.
    private static long number(Path file) {
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.isEmpty() ? 0 : Long.parseLong(lines.getLast());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path snapshots() {
        return engine.root().resolve("volumes/.snapshots");
    }

    /// How many copies are begun, and not whole.
    private long copiesBegun() {
        try (Stream<Path> all = Files.list(snapshots())) {
            return all.filter(each -> each.getFileName().toString().startsWith(".making"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long entries(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.count();
        }
    }

    /// By the hierarchy that holds every process, the unified one where there is one.
    private static boolean isFrozen(long pid) {
        try {
            String own = Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")).stream()
                    .filter(line -> line.startsWith("0::/"))
                    .map(line -> line.substring("0::/".length()))
                    .findFirst()
                    .orElseThrow();
            return Files.readString(Leftovers.unifiedCgroups().resolve(own).resolve("cgroup.events"))
                    .contains("frozen 1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
