package dev.slipway.engine.volume;

import static dev.slipway.engine.registry.Command.sh;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.MountTable;
import dev.slipway.engine.volume.ManagedVolumes.Owners;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManagedVolumesKernelTest {
    private static final VolumeName NAME = new VolumeName("default.data");

    @TempDir
    Path home;

    private ManagedVolumes volumes;

    @BeforeEach
    void open() throws IOException {
        volumes = new ManagedVolumes(home.resolve("volumes"));
        volumes.open();
    }

    @Test
    void a_volume_is_made_once_with_its_owner() throws IOException {
        Path path = volumes.ensure(NAME, new Ownership(70, 71, 02770));
        Files.writeString(path.resolve("file"), "x");

        assertEquals(path, volumes.ensure(NAME, Ownership.ROOT));

        assertEquals("70 71 2770", sh("stat -c '%u %g %a' " + path));
        assertEquals("x", Files.readString(path.resolve("file")));
        assertEquals(Optional.of(path), volumes.find(NAME));
        assertEquals(Set.of(NAME), volumes.list());
    }

    @Test
    @DisplayName("S49 a volume and its data are there until it is deleted")
    void a_volume_is_there_until_it_is_deleted() throws IOException {
        Files.writeString(volumes.ensure(NAME, Ownership.ROOT).resolve("file"), "x");

        ManagedVolumes later = new ManagedVolumes(home.resolve("volumes"));
        later.open();
        assertEquals("x", Files.readString(later.find(NAME).orElseThrow().resolve("file")));
        later.delete(NAME);
        later.delete(NAME);

        assertEquals(Optional.empty(), later.find(NAME));
        assertEquals(Set.of(), later.list());
        assertEquals(List.of(".empty"), names(home.resolve("volumes")));
    }

    @Test
    void an_object_of_the_longest_name_has_a_volume() throws IOException {
        VolumeName longest = VolumeName.of("n".repeat(63), "a".repeat(253));

        volumes.ensure(longest, Ownership.ROOT);

        assertEquals(Set.of(longest), volumes.list());
        volumes.delete(longest);
        assertEquals(Set.of(), volumes.list());
    }

    @Test
    void a_volume_that_is_being_copied_is_removed_afterwards_and_others_at_once() throws Exception {
        VolumeName other = new VolumeName("default.other");
        VolumeReaders readers = new VolumeReaders();
        List<VolumeName> removed = new CopyOnWriteArrayList<>();
        readers.enter(NAME);
        readers.enter(NAME);
        FutureTask<Boolean> removal = new FutureTask<>(() -> {
            readers.whenNone(NAME, () -> removed.add(NAME));
            return true;
        });
        Thread.ofPlatform().start(removal);

        readers.whenNone(other, () -> removed.add(other));
        readers.leave(NAME);
        readers.whenNone(other, () -> removed.add(other));
        assertEquals(List.of(other, other), removed);
        readers.leave(NAME);

        assertTrue(removal.get(20, TimeUnit.SECONDS));
        assertEquals(List.of(other, other, NAME), removed);
    }

    @Test
    void a_volume_that_resists_its_removal_is_gone_all_the_same_and_removed_at_the_next_start() throws IOException {
        Path volume = volumes.ensure(NAME, Ownership.ROOT);
        Files.writeString(volume.resolve("file"), "x");
        sh("chattr +i %s/file 2>/dev/null || mount --bind %s/file %s/file".formatted(volume, volume, volume));
        Path gone = home.resolve("volumes/.gone-" + NAME);
        try {
            assertThrows(IOException.class, () -> volumes.delete(NAME));

            assertEquals(Optional.empty(), volumes.find(NAME));
            assertTrue(Files.exists(gone));
            assertEquals(volume, volumes.ensure(NAME, Ownership.ROOT), "the name is free");
        } finally {
            sh("chattr -i %s/file 2>/dev/null || umount %s/file".formatted(gone, gone));
        }
        volumes.open();
        assertFalse(Files.exists(gone));
    }

    @Test
    void a_set_uid_program_that_a_container_leaves_in_its_volume_is_out_of_reach_for_users_of_the_host()
            throws IOException {
        Path volume = volumes.ensure(NAME, new Ownership(0, 0, 0777));
        sh("cp /bin/busybox %s/evil && chmod 4755 %s/evil && chmod 755 %s".formatted(volume, volume, home));

        String tried = sh(
                "setpriv --reuid 65534 --regid 65534 --clear-groups sh -c '%s/evil id 2>&1; true'".formatted(volume));

        assertTrue(tried.contains("Permission denied"), tried);
    }

    @Test
    void what_a_crash_left_half_made_is_removed() throws IOException {
        Files.createDirectories(home.resolve("volumes/.making-a/sub"));
        Files.createDirectories(home.resolve("volumes/.gone-b/sub"));

        new ManagedVolumes(home.resolve("volumes")).open();

        assertEquals(List.of(".empty"), names(home.resolve("volumes")));
    }

    @Test
    void usage_counts_each_file_once() throws IOException {
        Path path = volumes.ensure(NAME, Ownership.ROOT);
        Files.createDirectory(path.resolve("sub"));
        Files.write(path.resolve("sub/big"), new byte[1 << 20]);
        Files.createLink(path.resolve("twin"), path.resolve("sub/big"));
        Files.createSymbolicLink(path.resolve("link"), Path.of("/etc"));

        TreeUsage usage = volumes.usage(NAME).orElseThrow();

        assertEquals(3, usage.files());
        assertTrue(usage.bytes() >= 1 << 20 && usage.bytes() < (1 << 20) + 50_000, usage.toString());
        assertEquals(Optional.empty(), volumes.usage(new VolumeName("other")));
    }

    @Test
    @DisplayName("S19 an empty volume is filled with what the image has at its path")
    void an_empty_volume_is_filled_from_the_image() throws IOException {
        Path base = layer("base");
        sh(
                "mkdir -p $0/srv/data/sub && cd $0/srv/data && echo base > kept && echo base > hidden && echo base > changed"
                        + " && echo s > sub/setuid && chmod 4755 sub/setuid && ln sub/setuid twin && ln -s ../../etc/passwd link"
                        + " && mkfifo pipe && touch -d 2001-02-03T04:05:06Z kept && setfattr -n user.note -v hello kept"
                        + " && setfattr -n security.capability -v 0x0100000200040000000000000000000000000000 changed"
                        + " && chown 33:34 sub && chmod 1750 . && chown 12:13 . && printf x > \"$(printf 'raw\\377name')\"",
                base);
        Path top = layer("top");
        sh(
                "mkdir -p $0/srv/data/sub && cd $0/srv/data && mknod hidden c 0 0 && echo top > changed && echo top > added"
                        + " && chmod 1750 . && chown 12:13 . && chown 33:34 sub",
                top);
        Path volume = volumes.ensure(NAME, Ownership.ROOT);

        volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(top, base), "/srv/data");

        assertEquals(
                "added changed kept link pipe raw\\377name sub twin",
                sh("cd $0 && LC_ALL=C ls -b | tr '\\n' ' '", volume).strip());
        assertEquals("top", Files.readString(volume.resolve("changed")).strip());
        assertEquals("12 13 1750", sh("stat -c '%u %g %a' $0", volume));
        assertEquals("33 34", sh("stat -c '%u %g' $0/sub", volume));
        assertEquals("4755 2", sh("stat -c '%a %h' $0/sub/setuid", volume));
        assertEquals(
                Files.getAttribute(volume.resolve("twin"), "unix:ino"),
                Files.getAttribute(volume.resolve("sub/setuid"), "unix:ino"));
        assertEquals("981173106", sh("stat -c '%Y' $0/kept", volume));
        assertEquals("hello", sh("getfattr --absolute-names --only-values -n user.note $0/kept", volume));
        assertEquals(
                "../../etc/passwd",
                Files.readSymbolicLink(volume.resolve("link")).toString());
        assertEquals("fifo", sh("stat -c '%F' $0/pipe", volume));
        assertEquals("", sh("getfattr --absolute-names -d -h -m trusted.overlay $0 $0/*", volume));
    }

    @Test
    void a_file_capability_is_kept() throws IOException {
        Path base = layer("base");
        sh(
                "mkdir -p $0/d && echo x > $0/d/ping && setfattr -n security.capability"
                        + " -v 0x0100000200200000000000000000000000000000 $0/d/ping",
                base);
        Path volume = volumes.ensure(NAME, Ownership.ROOT);

        volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(base), "/d");

        assertTrue(sh("getfattr --absolute-names -e hex -n security.capability $0/ping", volume)
                .contains("0x0100000200200000000000000000000000000000"));
    }

    @Test
    void links_on_the_way_are_those_of_the_image() throws IOException {
        Path base = layer("base");
        sh(
                "mkdir -p $0/run/lib $0/var && echo inside > $0/run/lib/f && ln -s /run $0/var/run"
                        + " && ln -s ../../../../../../../../etc $0/escape",
                base);
        Path volume = volumes.ensure(NAME, Ownership.ROOT);

        volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(base), "/escape");
        assertEquals(List.of(), names(volume));
        volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(base), "/var/run/lib");

        assertEquals("inside", Files.readString(volume.resolve("f")).strip());
    }

    @Test
    void an_opaque_directory_hides_what_is_below() throws IOException {
        Path base = layer("base");
        Path top = layer("top");
        sh("mkdir -p $0/d && echo x > $0/d/below", base);
        sh("mkdir -p $0/d && echo x > $0/d/above && setfattr -n trusted.overlay.opaque -v y $0/d", top);
        Path volume = volumes.ensure(NAME, Ownership.ROOT);

        volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(top, base), "/d");

        assertEquals(List.of("above"), names(volume));
    }

    @Test
    void what_is_in_a_volume_is_never_replaced() throws IOException {
        Path base = layer("base");
        sh("mkdir -p $0/d && echo image > $0/d/f", base);
        Path volume = volumes.ensure(NAME, Ownership.ROOT);
        Files.writeString(volume.resolve("mine"), "mine");

        volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(base), "/d");

        assertEquals(List.of("mine"), names(volume));
    }

    @Test
    void a_path_that_the_image_lacks_or_that_is_a_file_fills_nothing() throws IOException {
        Path base = layer("base");
        sh("echo x > $0/file", base);
        Path volume = volumes.ensure(NAME, Ownership.ROOT);

        volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(base), "/missing");
        volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(base), "/file");

        assertEquals(List.of(), names(volume));
        assertEquals("0 0 755", sh("stat -c '%u %g %a' $0", volume));
    }

    @Test
    void an_image_of_many_layers_is_merged() throws IOException {
        List<Path> layers = IntStream.range(0, 100)
                .mapToObj(number -> home.resolve("a-rather-long-directory-name-for-a-layer-" + number))
                .toList();
        for (Path layer : layers) {
            Files.createDirectories(layer.resolve("d"));
            Files.writeString(layer.resolve("d").resolve(layer.getFileName()), "x");
        }
        Path volume = volumes.ensure(NAME, Ownership.ROOT);

        volumes.copyUp(NAME, Owners.OF_IMAGE, layers, "/d");

        assertEquals(100, names(volume).size());
    }

    @Test
    void copying_up_leaves_no_mount() throws IOException {
        Path base = layer("base");
        sh("mkdir -p $0/d && echo x > $0/d/f", base);
        volumes.ensure(NAME, Ownership.ROOT);
        List<String> before = MountTable.seenBy(home);

        volumes.copyUp(NAME, Owners.OF_IMAGE, List.of(base), "/d");

        assertEquals(before, MountTable.seenBy(home));
        assertFalse(Files.exists(home.resolve("volumes/.making-" + NAME)));
    }

    @Test
    void a_name_that_is_a_path_is_refused() {
        assertThrows(IllegalArgumentException.class, () -> new VolumeName("../x"));
        assertThrows(IllegalArgumentException.class, () -> new VolumeName(".hidden"));
        assertThrows(IllegalArgumentException.class, () -> new VolumeName(""));
    }

    private Path layer(String name) throws IOException {
        return Files.createDirectory(home.resolve(name));
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
