package dev.slipway.engine.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.volume.VolumeGroup.ChangePolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A volume is given to a group, also while a container in it does its worst.
@Timeout(60)
class GroupOwnershipKernelTest {
    private static final int GROUP = 4711;
    private static final VolumeGroup ALWAYS = new VolumeGroup(GROUP, ChangePolicy.ALWAYS);
    private static final VolumeGroup ON_MISMATCH = new VolumeGroup(GROUP, ChangePolicy.ON_ROOT_MISMATCH);

    private Path home;
    private Path volume;
    private Path outside;

    @BeforeEach
    void make() throws IOException {
        home = Files.createTempDirectory("slwgroup");
        volume = Files.createDirectory(home.resolve("volume"));
        outside = Files.createDirectory(home.resolve("outside"));
        file(outside.resolve("secret"), 0600);
    }

    @AfterEach
    void remove() throws IOException {
        Path mount = volume.resolve("mounted");
        while (Mounts.isMountPoint(mount)) {
            Mounts.detach(mount);
        }
        TreeRemoval.remove(home);
    }

    @Test
    void files_and_directories_belong_to_the_group_and_are_its_to_write() throws Exception {
        mode(volume, 0755);
        mode(Files.createDirectory(volume.resolve("deep")), 0700);
        file(volume.resolve("deep/file"), 0604);
        file(volume.resolve("tool"), 06755);
        Files.createSymbolicLink(volume.resolve("link"), Path.of("deep/file"));

        GroupOwnership.give(volume, ALWAYS);

        assertEquals("4711 2775", look(volume));
        assertEquals("4711 2770", look(volume.resolve("deep")));
        assertEquals("4711 664", look(volume.resolve("deep/file")));
        assertEquals("4711 4775", look(volume.resolve("tool")), "it runs as its owner still, and not as the new group");
        assertEquals("4711 777", look(volume.resolve("link")));
    }

    @Test
    void a_link_leads_nowhere() throws Exception {
        Files.createSymbolicLink(volume.resolve("file"), outside.resolve("secret"));
        Files.createSymbolicLink(volume.resolve("directory"), outside);
        Files.createSymbolicLink(volume.resolve("up"), Path.of(".."));

        GroupOwnership.give(volume, ALWAYS);

        assertEquals("0 600", look(outside.resolve("secret")));
        assertEquals("0 755", look(outside));
    }

    @Test
    void what_is_mounted_below_and_device_nodes_stay_as_they_are() throws Exception {
        Path mount = Files.createDirectory(volume.resolve("mounted"));
        Mounts.tmpfs(mount, "mode=0711");
        file(mount.resolve("file"), 0600);
        At at = new At();
        try (Fd directory = at.openHost(volume)) {
            at.makeNode(
                    directory,
                    "null".getBytes(StandardCharsets.US_ASCII),
                    FileStat.CHARACTER_DEVICE | 0600,
                    FileStat.device(1, 3));
        }

        GroupOwnership.give(volume, ALWAYS);

        assertEquals("0 711", look(mount));
        assertEquals("0 600", look(mount.resolve("file")));
        assertEquals("0 600", look(volume.resolve("null")));
    }

    @Test
    void a_volume_whose_root_is_the_groups_is_left_alone_when_the_pod_says_so() throws Exception {
        GroupOwnership.give(volume, ON_MISMATCH);
        file(volume.resolve("later"), 0600);
        Files.setAttribute(volume.resolve("later"), "unix:gid", 0);

        GroupOwnership.give(volume, ON_MISMATCH);
        assertEquals("0 600", look(volume.resolve("later")));

        mode(volume, 0755);
        GroupOwnership.give(volume, ON_MISMATCH);
        assertEquals("4711 660", look(volume.resolve("later")));
    }

    @Test
    void a_tree_may_be_deeper_than_descriptors_reach() throws Exception {
        At at = new At();
        byte[] name = {'d'};
        Fd directory = at.openHost(volume);
        for (int depth = 0; depth < 5000; depth++) {
            at.makeDirectory(directory, name, 0700);
            Fd below = at.openChild(directory, name);
            directory.close();
            directory = below;
        }

        GroupOwnership.give(volume, ALWAYS);

        try (Fd deepest = directory) {
            assertEquals(GROUP, at.stat(deepest).gid());
        }
    }

    @Test
    void a_container_that_swaps_directories_for_links_gains_nothing() throws Exception {
        for (int i = 0; i < 50; i++) {
            file(Files.createDirectories(volume.resolve("a" + i + "/b")).resolve("secret"), 0600);
        }
        AtomicBoolean ended = new AtomicBoolean();
        Thread container = Thread.ofPlatform().start(() -> swap(ended));
        try {
            for (int round = 0; round < 60; round++) {
                giveOrSayThatItMoved();
            }
        } finally {
            ended.set(true);
            container.join();
        }

        assertEquals("0 600", look(outside.resolve("secret")));
        assertEquals("0 755", look(outside));
        assertEquals("0 700", look(home));
    }

    @Test
    void projected_files_are_readable_for_the_group_from_the_first_moment() throws Exception {
        Path directory = home.resolve("projection");
        ProjectedFile key = new ProjectedFile("1234".getBytes(StandardCharsets.UTF_8), 0400);

        new Projection(directory, OptionalInt.of(GROUP)).write(Map.of("keys/pin", key), "1");
        Path generation = Files.readSymbolicLink(directory.resolve("..data"));
        new Projection(directory, OptionalInt.of(GROUP)).write(Map.of("keys/pin", key), "2");

        assertEquals(generation, Files.readSymbolicLink(directory.resolve("..data")), "nothing changed");
        assertEquals("4711 440", look(directory.resolve("..data/keys/pin")));
        assertEquals("4711 2755", look(directory.resolve("..data/keys")));
    }

    private void giveOrSayThatItMoved() throws IOException {
        try {
            GroupOwnership.give(volume, ALWAYS);
        } catch (IOException e) {
            assertTrue(e.getMessage().contains("moved meanwhile"), e.getMessage());
        }
    }

    /// A directory is a link to the outside at one moment and itself at the next; another one wanders about.
    private void swap(AtomicBoolean ended) {
        try {
            Path aside = volume.resolve("aside");
            for (int i = 0; !ended.get(); i = (i + 1) % 50) {
                Path victim = volume.resolve("a" + i + "/b");
                Files.move(victim, aside);
                Files.createSymbolicLink(victim, outside);
                Files.delete(victim);
                Files.move(aside, victim, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String look(Path path) throws IOException {
        Map<String, Object> seen = Files.readAttributes(path, "unix:gid,mode", LinkOption.NOFOLLOW_LINKS);
        return seen.get("gid") + " " + Integer.toOctalString((int) seen.get("mode") & 07777);
    }

    private static void file(Path path, int mode) throws IOException {
        Files.writeString(path, "content");
        mode(path, mode);
    }

    private static void mode(Path path, int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode);
    }
}
