package dev.slipway.engine.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Layers and writable layers on a real file system.
@Timeout(120)
class SnapshotsKernelTest {
    private static final DiffId BASE = diffId("base");
    private static final DiffId APP = diffId("app");
    private static final SnapshotKey KEY = new SnapshotKey("web-0_main");

    @TempDir
    private Path folder;

    private final Queue<Runnable> background = new ArrayDeque<>();
    private Path root;
    private Snapshots snapshots;

    @BeforeEach
    void open() throws IOException {
        root = folder.resolve("snapshots");
        snapshots = restarted();
    }

    @Test
    void a_layer_is_seen_after_its_commit_and_not_before() throws IOException {
        try (Staging staging = snapshots.stage()) {
            Files.writeString(staging.directory().resolve("file"), "content");
            assertFalse(snapshots.hasLayer(BASE));

            staging.commit(BASE);
        }

        assertTrue(snapshots.hasLayer(BASE));
        assertEquals(Set.of(BASE), snapshots.layers());
        assertEquals(
                "content",
                Files.readString(snapshots.lowers(List.of(BASE)).getFirst().resolve("file")));
        assertEquals(List.of(), stagings());
    }

    @Test
    void a_staging_that_is_closed_leaves_nothing() throws IOException {
        try (Staging staging = snapshots.stage()) {
            Files.createDirectories(staging.directory().resolve("a/b"));
        }

        assertEquals(Set.of(), snapshots.layers());
        assertEquals(List.of(), stagings());
    }

    @Test
    void what_a_full_disk_has_no_room_for_leaves_nothing() throws Exception {
        run("mount", "-t", "tmpfs", "-o", "nr_inodes=100", "slipway-test", root.toString());
        try {
            Snapshots full = restarted();
            for (int i = roomFor(0); i > 1; i--) {
                Files.createFile(root.resolve("ballast" + i));
            }

            assertThrows(IOException.class, full::stage);
            assertThrows(IOException.class, () -> full.writable(KEY));

            assertEquals(List.of(), stagings());
            assertEquals(1, roomFor(0));
        } finally {
            run("umount", "-l", root.toString());
        }
    }

    /// How many files more can be made, found by making them.
    private int roomFor(int made) throws IOException {
        Path probe = root.resolve("probe" + made);
        try {
            Files.createFile(probe);
        } catch (IOException e) {
            return made;
        }
        try {
            return roomFor(made + 1);
        } finally {
            Files.delete(probe);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), String.join(" ", command));
    }

    @Test
    void the_first_of_two_commits_stays() throws IOException {
        try (Staging first = snapshots.stage();
                Staging second = snapshots.stage()) {
            Files.writeString(first.directory().resolve("file"), "first");
            first.commit(BASE);
            second.commit(BASE);
        }

        assertEquals(
                "first",
                Files.readString(snapshots.lowers(List.of(BASE)).getFirst().resolve("file")));
        assertEquals(List.of(), stagings());
    }

    @Test
    @DisplayName("S22 the directories of an image's layers are topmost first")
    void lowers_are_topmost_first() throws IOException {
        Path base = layer(BASE);
        Path app = layer(APP);

        assertEquals(List.of(app, base), snapshots.lowers(List.of(BASE, APP)));
    }

    @Test
    void a_layer_that_comes_twice_counts_where_it_is_topmost() throws IOException {
        Path base = layer(BASE);
        Path app = layer(APP);

        assertEquals(List.of(base, app), snapshots.lowers(List.of(BASE, APP, BASE)));
    }

    @Test
    void an_opaque_root_ends_the_stack() throws IOException {
        layer(BASE);
        Path app = layer(APP);
        At at = new At();
        try (Fd tree = at.openHost(app)) {
            at.setAttribute(tree, new byte[] {'.'}, "trusted.overlay.opaque", new byte[] {'y'});
        }

        assertEquals(List.of(app), snapshots.lowers(List.of(BASE, APP)));
    }

    @Test
    void a_missing_layer_is_named() {
        NoSuchFileException missing = assertThrows(NoSuchFileException.class, () -> snapshots.lowers(List.of(BASE)));

        assertTrue(missing.getMessage().contains(BASE.digest().hex()), missing.getMessage());
    }

    @Test
    void more_layers_than_overlayfs_takes_are_refused() throws IOException {
        List<DiffId> many = IntStream.range(0, 501)
                .mapToObj(number -> diffId("layer " + number))
                .toList();
        for (DiffId layer : many) {
            layer(layer);
        }

        IOException refused = assertThrows(IOException.class, () -> snapshots.lowers(many));

        assertTrue(refused.getMessage().contains("at most 500, not 501"), refused.getMessage());
        assertEquals(500, snapshots.lowers(many.subList(1, 501)).size());
    }

    @Test
    void a_removed_layer_is_gone_and_can_come_again() throws IOException {
        layer(BASE);

        snapshots.removeLayer(BASE);
        snapshots.removeLayer(BASE);

        assertFalse(snapshots.hasLayer(BASE));
        assertEquals(List.of(), stagings());
        layer(BASE);
        assertTrue(snapshots.hasLayer(BASE));
    }

    @Test
    void a_killed_engine_loses_no_layer_and_leaves_no_staging() throws IOException {
        layer(BASE);
        Files.writeString(snapshots.stage().directory().resolve("half"), "half");

        Snapshots again = restarted();

        assertTrue(again.hasLayer(BASE));
        settle();
        assertEquals(List.of(), stagings());
    }

    @Test
    void a_power_cut_takes_layers_that_were_not_synced() throws IOException {
        layer(BASE);
        settle();
        layer(APP);
        hostWentDown();

        Snapshots again = restarted();

        assertEquals(Set.of(BASE), again.layers());
        settle();
        assertEquals(List.of(), stagings());
    }

    @Test
    void what_a_killed_engine_did_not_sync_is_synced_by_the_next() throws IOException {
        layer(BASE);
        restarted();
        settle();
        hostWentDown();

        assertEquals(Set.of(BASE), restarted().layers());
    }

    @Test
    void the_sync_of_a_removed_layer_does_not_vouch_for_the_next_of_its_name() throws IOException {
        layer(BASE);
        snapshots.removeLayer(BASE);
        settle();
        layer(BASE);
        hostWentDown();

        assertEquals(Set.of(), restarted().layers());
    }

    @Test
    void a_writable_layer_lives_until_it_is_removed() throws IOException {
        assertEquals(Optional.empty(), snapshots.findWritable(KEY));

        WritableLayer made = snapshots.writable(KEY);
        Files.writeString(made.upper().resolve("log"), "written");

        assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(made.upper())));
        assertEquals(made, snapshots.writable(KEY));
        assertEquals(Optional.of(made), restarted().findWritable(KEY));
        assertEquals("written", Files.readString(made.upper().resolve("log")));
        assertEquals(Set.of(KEY), snapshots.writables());

        snapshots.removeWritable(KEY);
        snapshots.removeWritable(KEY);

        assertEquals(Optional.empty(), snapshots.findWritable(KEY));
        assertEquals(List.of(), stagings());
    }

    @Test
    void users_of_the_host_cannot_reach_the_files_of_images() throws IOException {
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root)));
    }

    private Path layer(DiffId layer) throws IOException {
        try (Staging staging = snapshots.stage()) {
            staging.commit(layer);
        }
        return snapshots.lowers(List.of(layer)).getFirst();
    }

    /// The room after the engine was killed, with all that it had still to do, and started again.
    private Snapshots restarted() throws IOException {
        background.clear();
        Snapshots again = new Snapshots(root, background::add);
        again.open();
        return again;
    }

    /// Runs what nobody waits for.
    private void settle() {
        for (Runnable task = background.poll(); task != null; task = background.poll()) {
            task.run();
        }
    }

    private void hostWentDown() throws IOException {
        Files.writeString(root.resolve("boot"), "00000000-0000-0000-0000-000000000000");
    }

    private List<Path> stagings() throws IOException {
        try (Stream<Path> left = Files.list(root.resolve("staging"))) {
            return left.toList();
        }
    }

    private static DiffId diffId(String name) {
        return new DiffId(Digest.sha256(name.getBytes(UTF_8)));
    }
}
