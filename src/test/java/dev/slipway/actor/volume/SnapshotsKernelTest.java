package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.reconcile.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Snapshots of Volumes and Volumes from snapshots, on a real store and real directories.
class SnapshotsKernelTest {
    @TempDir
    private Path folder = Path.of("");

    private VolumeRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = new VolumeRig(folder);
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @Test
    void a_snapshot_keeps_what_a_volume_held_and_makes_a_volume_of_it() throws Exception {
        Path data = rig.volume("data", "{}");
        Files.writeString(data.resolve("file"), "before");

        ApiObject snapshot = rig.snapshot("monday", "data");

        Files.writeString(data.resolve("file"), "after");
        assertTrue(SnapshotController.isReady(snapshot), snapshot.status().toString());
        assertEquals(
                "2026-01-31T08:00:00Z", snapshot.status().path("creationTime").asText());
        assertEquals("4Ki", snapshot.status().path("restoreSize").asText());
        Path restored = rig.volume("restored", "{populate: {fromSnapshot: {name: monday}}}");
        assertEquals("before", Files.readString(restored.resolve("file")));
        assertEquals("True: from snapshot monday", rig.message("restored", "Populated"));
        Files.writeString(restored.resolve("file"), "mine");
        assertEquals("after", Files.readString(data.resolve("file")));
        Path again = rig.volume("again", "{populate: {fromSnapshot: {name: monday}}}");
        assertEquals("before", Files.readString(again.resolve("file")));
    }

    @Test
    @DisplayName("S08 what a volume holds is carried to another host in an archive")
    void a_snapshot_is_an_archive_for_another_host() throws Exception {
        Path data = rig.volume("data", "{}");
        Files.writeString(data.resolve("file"), "x");
        Files.setAttribute(data.resolve("file"), "unix:uid", 1234);
        Path archive = folder.resolve("data.tgz");
        rig.create(
                "snapshot.storage.k8s.io/v1",
                "VolumeSnapshot",
                "moving, annotations: {slipway.dev/archive: %s}".formatted(archive),
                "spec: {source: {persistentVolumeClaimName: data}}");
        rig.taker.reconcile(VolumeRig.snapshot("moving"));
        assertTrue(SnapshotController.isReady(rig.get(VolumeRig.snapshot("moving"))));

        try (VolumeRig other = new VolumeRig(Files.createDirectory(folder.resolve("other-host")))) {
            Path arrived = other.volume("data", "{populate: {fromArchive: {path: %s}}}".formatted(archive));

            assertEquals("x", Files.readString(arrived.resolve("file")));
            assertEquals(1234, Files.getAttribute(arrived.resolve("file"), "unix:uid"));
        }
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(archive)));
    }

    @Test
    void a_snapshot_outlives_its_volume_and_goes_with_its_object() throws Exception {
        Path data = rig.volume("data", "{reclaimPolicy: Delete}");
        Files.writeString(data.resolve("file"), "kept");
        ApiObject snapshot = rig.snapshot("monday", "data");

        rig.delete(VolumeRig.volume("data"));
        rig.round("data");

        assertFalse(Files.exists(data));
        Path copy = rig.snapshots.find(SnapshotController.data(snapshot)).orElseThrow();
        assertEquals("kept", Files.readString(copy.resolve("file")));
        rig.delete(VolumeRig.snapshot("monday"));
        rig.taker.reconcile(VolumeRig.snapshot("monday"));
        assertEquals(Optional.empty(), rig.find(VolumeRig.snapshot("monday")));
        assertFalse(Files.exists(copy));
    }

    @Test
    void a_volume_waits_for_its_snapshot_and_is_woken_by_it() throws Exception {
        rig.create(VolumeRig.OWN, "Volume", "restored", "spec: {populate: {fromSnapshot: {name: monday}}}");

        assertInstanceOf(Result.Waiting.class, rig.round("restored"));

        assertEquals("False: snapshot \"monday\" not found", rig.message("restored", "Ready"));
        Path data = rig.volume("data", "{}");
        Files.writeString(data.resolve("file"), "x");
        ApiObject snapshot = rig.snapshot("monday", "data");
        assertEquals(List.of(VolumeRig.volume("restored")), List.copyOf(rig.volumes.concerned(snapshot)));
        assertEquals(Result.SETTLED, rig.round("restored"));
        assertEquals("True: ", rig.message("restored", "Ready"));
    }

    @Test
    void a_snapshot_waits_for_its_volume_and_says_so_once() throws Exception {
        ApiObject snapshot = rig.snapshot("early", "data");
        rig.now = rig.now.plusSeconds(60);
        rig.taker.reconcile(VolumeRig.snapshot("early"));

        assertEquals(
                "volume \"data\" not found",
                snapshot.status().at("/error/message").asText());
        assertEquals(snapshot.status(), rig.get(VolumeRig.snapshot("early")).status());
        rig.volume("data", "{}");
        ApiObject volume = rig.get(VolumeRig.volume("data"));
        assertEquals(List.of(VolumeRig.snapshot("early")), List.copyOf(rig.taker.concerned(volume)));
        rig.taker.reconcile(VolumeRig.snapshot("early"));
        assertTrue(SnapshotController.isReady(rig.get(VolumeRig.snapshot("early"))));
        assertEquals(List.of(), List.copyOf(rig.taker.concerned(volume)), "it waits no more");
    }

    @Test
    void data_of_the_host_are_not_copied() throws Exception {
        rig.volume("data", "{hostPath: {path: %s}}".formatted(folder));

        ApiObject snapshot = rig.snapshot("huge", "data");

        assertEquals(
                "volume \"data\" is of type HostPath: only data of type Managed are copied",
                snapshot.status().at("/error/message").asText());
    }

    @Test
    void who_uses_a_volume_is_held_still_while_it_is_copied_unless_it_says_otherwise() throws Exception {
        rig.volume("data", "{}");
        ApiObject user = rig.create("v1", "Pod", "web", VolumeRig.USER);
        rig.create("v1", "Pod", "other", VolumeRig.USER.replace("claimName: data", "claimName: else"));
        rig.round("data");

        rig.snapshot("still", "data");
        rig.volume("twin", "{populate: {fromVolume: {name: data}}}");

        assertEquals(List.of(List.of(user.uid()), List.of(user.uid())), rig.frozen);
        rig.frozen.clear();
        rig.volume("restless", "{snapshots: {freeze: None}}");
        rig.snapshot("moving", "restless");
        assertEquals(List.of(), rig.frozen);
    }

    @Test
    void a_snapshot_is_of_the_moment_at_which_its_users_stood_still() throws Exception {
        rig.volume("data", "{}");
        rig.turn = Duration.ofSeconds(7);

        ApiObject snapshot = rig.snapshot("monday", "data");

        assertEquals(
                "2026-01-31T08:00:07Z", snapshot.status().path("creationTime").asText());
    }

    @Test
    void a_clone_is_a_volume_of_its_own() throws Exception {
        Path data = rig.volume("data", "{ownership: {uid: 7, gid: 8, mode: '0750'}}");
        Files.writeString(data.resolve("file"), "x");

        Path twin = rig.volume("twin", "{populate: {fromVolume: {name: data}}}");

        Files.delete(data.resolve("file"));
        assertEquals("x", Files.readString(twin.resolve("file")));
        assertEquals(7, Files.getAttribute(twin, "unix:uid"));
        assertEquals("True: from volume data", rig.message("twin", "Populated"));
        assertEquals(Result.SETTLED, rig.round("twin"), "it is not populated again");
        assertEquals("x", Files.readString(twin.resolve("file")));
    }

    @Test
    void a_schedule_takes_snapshots_in_time_and_keeps_the_last() throws Exception {
        rig.now = Instant.parse("2026-01-31T08:00:30Z");
        rig.volume("data", "{snapshots: {schedule: '0 * * * *', keep: 2}}");
        assertEquals("2026-01-31T09:00:00Z", status("next"), "a schedule that is written anew does not reach back");
        assertEquals(
                Duration.ofSeconds(59 * 60 + 30),
                assertInstanceOf(Result.Again.class, rig.round("data")).after());

        for (int hour = 9; hour < 12; hour++) {
            rig.now = Instant.parse("2026-01-31T%02d:00:00Z".formatted(hour));
            rig.round("data");
            rig.taker.reconcile(VolumeRig.snapshot("data-20260131-%02d00".formatted(hour)));
            rig.round("data");
        }

        assertEquals("2026-01-31T12:00:00Z", status("next"));
        assertEquals("data-20260131-1100", status("last"));
        rig.taker.reconcile(VolumeRig.snapshot("data-20260131-0900"));
        rig.round("data");
        assertEquals("2", status("count"));
        assertEquals(Optional.empty(), rig.find(VolumeRig.snapshot("data-20260131-0900")));
        long version = rig.store.resourceVersion();
        rig.round("data");
        assertEquals(version, rig.store.resourceVersion(), "a round that finds nothing to do writes nothing");
    }

    @Test
    void a_clock_that_is_set_back_puts_off_no_snapshot() throws Exception {
        rig.now = Instant.parse("2026-01-31T08:00:30Z");
        rig.volume("data", "{snapshots: {schedule: '0 * * * *'}}");
        takeAt(9);
        assertEquals("2026-01-31T10:00:00Z", status("next"));

        rig.now = Instant.parse("2026-01-30T08:30:00Z");
        rig.round("data");
        assertEquals("2026-01-30T09:00:00Z", status("next"));
        rig.now = Instant.parse("2026-01-30T09:00:00Z");
        rig.round("data");

        assertTrue(rig.find(VolumeRig.snapshot("data-20260130-0900")).isPresent());
    }

    @Test
    void what_became_due_while_no_engine_ran_is_taken_once() throws Exception {
        rig.volume("data", "{snapshots: {schedule: '0 2 * * *', timeZone: Europe/Berlin}}");
        assertEquals("2026-02-01T01:00:00Z", status("next"));

        rig.now = Instant.parse("2026-02-04T07:00:00Z");
        rig.round("data");

        assertTrue(rig.find(VolumeRig.snapshot("data-20260201-0100")).isPresent());
        assertEquals("2026-02-05T01:00:00Z", status("next"));
        assertEquals(1, rig.store.list(SnapshotController.SNAPSHOTS, "").items().size());
    }

    @Test
    void what_cannot_be_copied_is_tried_more_and_more_seldom_whatever_else_happens() throws Exception {
        rig.volume("data", "{}");
        rig.fault = "no space left on device";
        ApiObject snapshot = rig.snapshot("monday", "data");
        assertEquals(
                "no space left on device",
                snapshot.status().at("/error/message").asText());

        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Result.Again again =
                    assertInstanceOf(Result.Again.class, rig.taker.reconcile(VolumeRig.snapshot("monday")));
            pauses.add(again.after());
            assertEquals(i + 1, rig.frozen.size(), "a round in between copies nothing");
            rig.now = rig.now.plus(again.after());
            rig.taker.reconcile(VolumeRig.snapshot("monday"));
        }

        assertEquals(Duration.ofMinutes(1), pauses.get(0));
        assertEquals(Duration.ofMinutes(2), pauses.get(1));
        assertEquals(Duration.ofHours(6), pauses.get(11));
        rig.fault = "";
        rig.now = rig.now.plus(Duration.ofHours(6));
        rig.taker.reconcile(VolumeRig.snapshot("monday"));
        assertTrue(SnapshotController.isReady(rig.get(VolumeRig.snapshot("monday"))));
    }

    @Test
    void a_schedule_waits_for_the_one_that_is_not_taken_yet_and_says_why() throws Exception {
        rig.volume("data", "{snapshots: {schedule: '0 * * * *'}}");
        rig.fault = "no space left on device";
        for (int hour = 9; hour < 12; hour++) {
            rig.now = Instant.parse("2026-01-31T%02d:00:00Z".formatted(hour));
            rig.round("data");
            rig.taker.reconcile(VolumeRig.snapshot("data-20260131-0900"));
        }

        assertEquals(1, rig.store.list(SnapshotController.SNAPSHOTS, "").items().size());
        assertEquals(Result.SETTLED, rig.round("data"), "the snapshot wakes it");
        assertEquals(
                "True: snapshot data-20260131-0900: no space left on device", rig.message("data", "SnapshotsFailing"));
        rig.fault = "";
        rig.now = Instant.parse("2026-01-31T20:30:00Z");
        rig.taker.reconcile(VolumeRig.snapshot("data-20260131-0900"));
        rig.round("data");
        assertEquals("False: ", rig.message("data", "SnapshotsFailing"));
        assertTrue(rig.find(VolumeRig.snapshot("data-20260131-1000")).isPresent(), "what became due meanwhile, once");
        assertEquals(2, rig.store.list(SnapshotController.SNAPSHOTS, "").items().size());
    }

    @Test
    void a_volume_that_comes_again_leaves_the_snapshots_of_the_earlier_one_alone() throws Exception {
        rig.volume("data", "{snapshots: {schedule: '0 * * * *', keep: 1}}");
        takeAt(9);
        rig.delete(VolumeRig.volume("data"));
        rig.round("data");

        rig.volume("data", "{snapshots: {schedule: '0 * * * *', keep: 1}}");
        takeAt(10);
        takeAt(11);

        assertTrue(rig.find(VolumeRig.snapshot("data-20260131-0900")).isPresent());
        ApiObject second = rig.get(VolumeRig.snapshot("data-20260131-1000"));
        assertTrue(second.deletionTimestamp().isPresent(), "its own are too many");
        assertEquals("1", status("count"));
    }

    private void takeAt(int hour) throws Exception {
        rig.now = Instant.parse("2026-01-31T%02d:00:00Z".formatted(hour));
        rig.round("data");
        rig.taker.reconcile(VolumeRig.snapshot("data-20260131-%02d00".formatted(hour)));
        rig.round("data");
    }

    private String status(String field) {
        return rig.get(VolumeRig.volume("data"))
                .status()
                .path("snapshots")
                .path(field)
                .asText();
    }
}
