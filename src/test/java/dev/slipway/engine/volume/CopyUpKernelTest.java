package dev.slipway.engine.volume;

import static dev.slipway.engine.registry.Command.sh;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.FreshDisk;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.ProjectQuota;
import dev.slipway.engine.volume.ManagedVolumes.Owners;
import dev.slipway.engine.volume.ManagedVolumes.Root;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Volumes that are filled where they are, whatever happens meanwhile.
class CopyUpKernelTest {
    private static final VolumeName NAME = new VolumeName("default.data");

    private static final ProjectQuota.Membership PROJECT = new ProjectQuota.Membership(7, true);

    @TempDir
    private Path folder;

    private Path home;

    private ManagedVolumes volumes;
    private Path volume;
    private Path layer;

    @BeforeEach
    void open() throws IOException {
        home = folder;
        volumes = opened();
        volume = volumes.ensure(NAME, Ownership.ROOT);
        layer = Files.createDirectories(home.resolve("layer"));
        Path data = Files.createDirectories(layer.resolve("data"));
        for (String name : List.of("a", "b", "c")) {
            Files.createDirectories(data.resolve(name));
            Files.writeString(data.resolve(name).resolve("file"), "image " + name);
        }
        Files.setAttribute(data, "unix:uid", 12);
        Files.setAttribute(data, "unix:gid", 13);
        Files.setAttribute(data, "unix:mode", 0750);
        Files.setAttribute(data, "user:note", "of the image".getBytes(StandardCharsets.UTF_8));
    }

    private ManagedVolumes opened() throws IOException {
        ManagedVolumes opened = new ManagedVolumes(home.resolve("volumes"));
        opened.open();
        return opened;
    }

    @Test
    void who_has_it_mounted_goes_on_to_see_it() throws IOException {
        Object inode = Files.getAttribute(volume, "unix:ino");

        fill(volumes);

        assertEquals(inode, Files.getAttribute(volume, "unix:ino"));
        assertWhole();
        assertRoot(12, 13, 0750);
        assertArrayEquals(
                "of the image".getBytes(StandardCharsets.UTF_8), (byte[]) Files.getAttribute(volume, "user:note"));
        assertNothingAside();
    }

    @Test
    void an_empty_directory_of_the_image_gives_its_owner_and_mode() throws IOException {
        Path data = Files.createDirectories(layer.resolve("empty"));
        Files.setAttribute(data, "unix:uid", 70);
        Files.setAttribute(data, "unix:mode", 0700);

        volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(layer), "/empty");

        assertEquals(List.of(), names(volume));
        assertRoot(70, 0, 0700);
        assertNothingAside();
    }

    @Test
    void owner_and_mode_that_somebody_has_declared_stay() throws IOException {
        volumes.copyUp(NAME, new Owners(Root.KEPT, Optional.empty()), List.of(layer), "/data");

        assertWhole();
        assertRoot(0, 0, 0755);
    }

    @Test
    void half_a_copy_is_not_taken_for_a_whole_one() throws IOException {
        Path half = Files.createDirectories(home.resolve("volumes/.making-" + NAME + "/tree/a"));
        Files.writeString(half.resolve("file"), "im");

        ManagedVolumes later = opened();

        assertEquals(List.of(), names(volume));
        fill(later);
        assertWhole();
        assertRoot(12, 13, 0750);
        assertNothingAside();
    }

    @Test
    void a_copy_that_was_on_its_way_into_the_volume_arrives_with_the_next_engine() throws IOException {
        for (int arrived = 0; arrived <= 3; arrived++) {
            half(arrived);

            opened();

            assertWhole();
            assertRoot(12, 13, 0750);
            assertNothingAside();
            empty();
        }
    }

    @Test
    void it_arrives_before_the_volume_is_mounted_again() throws IOException {
        half(1);

        assertEquals(volume, volumes.whole(NAME).orElseThrow());

        assertWhole();
        assertNothingAside();
    }

    @Test
    void what_was_thrown_away_meanwhile_does_not_come_back() throws IOException {
        fill(volumes);
        sh("rm -r $0/a", volume);

        fill(opened());

        assertEquals(List.of("b", "c"), names(volume));
    }

    @Test
    void what_a_container_has_written_meanwhile_stays() throws IOException {
        half(1);
        Files.writeString(volume.resolve("b"), "mine");
        Files.writeString(volume.resolve("more"), "mine");

        fill(opened());

        assertEquals(List.of("a", "b", "c", "more"), names(volume));
        assertEquals("mine", Files.readString(volume.resolve("b")));
        assertNothingAside();
    }

    @Test
    void what_was_on_its_way_into_a_volume_that_is_deleted_does_not_come_into_the_next() throws IOException {
        half(1);

        volumes.delete(NAME);
        volumes.ensure(NAME, Ownership.ROOT);
        opened();

        assertEquals(List.of(), names(volume));
        assertNothingAside();
    }

    @Test
    void what_is_filled_once_stays_as_somebody_has_left_it() throws IOException {
        volumes.copyUpOnce(NAME, "v1", List.of(layer), "/data");
        assertWhole();
        empty();

        opened().copyUpOnce(NAME, "v1", List.of(layer), "/data");

        assertEquals(List.of(), names(volume));
        assertRoot(0, 0, 0755);
        volumes.delete(NAME);
        volumes.ensure(NAME, Ownership.ROOT);
        volumes.copyUpOnce(NAME, "v1", List.of(layer), "/data");
        assertWhole();
    }

    @Test
    void what_an_image_had_not_comes_from_the_next_one_while_the_volume_is_empty() throws IOException {
        Path next = layer;
        Path first = Files.createDirectories(home.resolve("first"));

        volumes.copyUpOnce(NAME, "v1", List.of(first), "/data");
        assertEquals(List.of(), names(volume));
        opened().copyUpOnce(NAME, "v2", List.of(next), "/data");

        assertWhole();
        assertRoot(12, 13, 0750);
        empty();
        opened().copyUpOnce(NAME, "v2", List.of(next), "/data");
        assertEquals(List.of(), names(volume));
        Files.writeString(volume.resolve("own"), "mine");
        volumes.copyUpOnce(NAME, "v3", List.of(next), "/data");
        assertEquals(List.of("own"), names(volume));
        Files.delete(volume.resolve("own"));
        volumes.copyUpOnce(NAME, "v3", List.of(next), "/data");
        assertEquals(List.of(), names(volume), "v3 has had its turn");
    }

    @Test
    void what_is_filled_once_is_completed_later_too() throws IOException {
        volumes.copyUpOnce(NAME, "v1", List.of(layer), "/data");
        empty();
        half(1);

        volumes.copyUpOnce(NAME, "v1", List.of(layer), "/data");

        assertWhole();
        assertNothingAside();
    }

    @Test
    void a_volume_of_another_project_than_the_copy_takes_it_all_the_same() throws IOException {
        Files.createSymbolicLink(layer.resolve("data/link"), Path.of("a"));
        // XFS keeps projects apart, also where it counts none.
        try (FreshDisk disk = FreshDisk.make("320M", "mkfs.xfs -q", "noquota")) {
            home = disk.directory();
            volumes = opened();
            volume = volumes.ensure(NAME, Ownership.ROOT);
            for (int arrived = 0; arrived <= 2; arrived++) {
                half(arrived);
                join(volume);

                opened();

                assertEquals(List.of("a", "b", "c", "link"), names(volume));
                assertRoot(12, 13, 0750);
                assertNothingAside();
                try (Fd copied = ProjectQuota.open(volume.resolve("c"))) {
                    assertEquals(PROJECT, ProjectQuota.membership(copied));
                }
                sh("rm -r $0/* && chown 0:0 $0 && chmod 755 $0 && chattr -p 0 -P $0", volume);
            }
        }
    }

    @Test
    void a_copy_that_does_not_get_there_leaves_nothing_beside_what_it_is_made_of() throws IOException {
        try (FreshDisk disk = FreshDisk.make("320M", "mkfs.xfs -q -m reflink=0", "noquota")) {
            home = disk.directory();
            volumes = opened();
            volume = volumes.ensure(NAME, Ownership.ROOT);
            Files.write(layer.resolve("data/large"), new byte[32 << 20]);
            half(0);
            join(volume);
            sh("fallocate -l $(($(stat -f -c '%a * %S' $0) - (16 << 20))) $0/full", home);

            assertThrows(IOException.class, () -> volumes.whole(NAME));
            assertEquals(List.of(".moving-" + NAME), aside());

            Files.createDirectories(home.resolve("volumes/.making-" + NAME + "/tree"));
            volumes.delete(NAME);
            assertNothingAside();
        }
    }

    @Test
    void what_goes_into_a_volume_is_of_the_project_that_its_root_says() throws IOException {
        try (FreshDisk disk = FreshDisk.make("320M", "mkfs.xfs -q", "noquota")) {
            home = disk.directory();
            volumes = opened();
            volume = volumes.ensure(NAME, Ownership.ROOT);
            join(volume);

            fill(volumes);

            assertWhole();
            try (Fd copied = ProjectQuota.open(volume.resolve("a"))) {
                assertEquals(PROJECT, ProjectQuota.membership(copied));
            }
        }
    }

    private static void join(Path directory) throws IOException {
        try (Fd root = ProjectQuota.open(directory)) {
            ProjectQuota.join(root, PROJECT);
        }
    }

    @Test
    void several_that_start_at_once_find_it_whole() throws Exception {
        List<FutureTask<List<String>>> starts = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            FutureTask<List<String>> start = new FutureTask<>(() -> {
                fill(volumes);
                return names(volume);
            });
            starts.add(start);
            Thread.ofVirtual().start(start);
        }

        for (FutureTask<List<String>> start : starts) {
            assertEquals(List.of("a", "b", "c"), start.get(20, TimeUnit.SECONDS));
        }
        assertWhole();
        assertNothingAside();
    }

    @Test
    void a_disk_that_is_too_small_leaves_it_empty_until_there_is_room() throws IOException {
        Path disk = Files.createDirectories(home.resolve("disk"));
        Files.write(layer.resolve("data/large"), new byte[2 << 20]);
        Mounts.tmpfs(disk, "size=1m");
        try {
            ManagedVolumes small = new ManagedVolumes(disk.resolve("volumes"));
            small.open();
            Path place = small.ensure(NAME, Ownership.ROOT);

            assertThrows(IOException.class, () -> fill(small));
            assertEquals(List.of(), names(place));
            assertFalse(Files.exists(disk.resolve("volumes/.making-" + NAME)));

            sh("mount -o remount,size=8m $0", disk);
            fill(small);
            assertEquals(List.of("a", "b", "c", "large"), names(place));
        } finally {
            Mounts.detach(disk);
        }
    }

    /// A copy of which so many entries have arrived when the engine was killed.
    private void half(int arrived) throws IOException {
        Path moving = home.resolve("volumes/.moving-" + NAME);
        sh("mkdir $0 && cp -a %s $0/tree".formatted(layer.resolve("data")), moving);
        for (String name : List.of("a", "b", "c").subList(0, arrived)) {
            Files.move(moving.resolve("tree").resolve(name), volume.resolve(name));
        }
    }

    private void empty() throws IOException {
        sh("rm -r $0/a $0/b $0/c && chown 0:0 $0 && chmod 755 $0", volume);
    }

    private void fill(ManagedVolumes those) throws IOException {
        those.copyUp(NAME, Owners.OF_IMAGE, List.of(layer), "/data");
    }

    private void assertWhole() throws IOException {
        assertEquals(List.of("a", "b", "c"), names(volume));
        for (String name : names(volume)) {
            assertEquals("image " + name, Files.readString(volume.resolve(name).resolve("file")));
        }
    }

    private void assertRoot(int uid, int gid, int mode) throws IOException {
        assertEquals(uid, Files.getAttribute(volume, "unix:uid"));
        assertEquals(gid, Files.getAttribute(volume, "unix:gid"));
        assertEquals(mode, (int) Files.getAttribute(volume, "unix:mode") & 07777);
    }

    private void assertNothingAside() throws IOException {
        assertEquals(List.of(), aside());
    }

    private List<String> aside() throws IOException {
        return names(home.resolve("volumes")).stream()
                .filter(name -> name.startsWith(".making") || name.startsWith(".moving"))
                .toList();
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
