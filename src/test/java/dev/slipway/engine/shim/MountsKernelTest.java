package dev.slipway.engine.shim;

import static dev.slipway.engine.registry.Command.sh;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.MountTable;
import dev.slipway.engine.launch.KernelView;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Mount.Access;
import dev.slipway.engine.launch.Mount.Kind;
import dev.slipway.engine.launch.Mount.Propagation;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Layers, volumes, and images that try to get out of their root.
class MountsKernelTest {
    private ShimLab lab;
    private Path volume;

    @BeforeEach
    void open() throws IOException {
        lab = new ShimLab();
        volume = Files.createDirectory(lab.home().resolve("volume"));
        Files.writeString(volume.resolve("file"), "from the host\n");
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void a_volume_is_written_by_both_sides() throws Exception {
        String output = lab.container("cat /data/file; echo from the box > /data/answer")
                .mounts(new Mount.Bind(volume, "/data", Kind.DIRECTORY, Access.READ_WRITE))
                .output();

        assertEquals("from the host", output);
        assertEquals("from the box\n", Files.readString(volume.resolve("answer")));
    }

    @Test
    void a_file_is_mounted_on_a_file_that_is_made() throws Exception {
        String output = lab.container("cat /etc/deep/x.conf")
                .mounts(new Mount.Bind(volume.resolve("file"), "/etc/deep/x.conf", Kind.FILE, Access.READ_ONLY))
                .output();

        assertEquals("from the host", output);
    }

    @Test
    void read_only_volumes_are_not_written_and_recursive_ones_not_even_below() throws Exception {
        Path below = Files.createDirectory(volume.resolve("below"));
        Mounts.tmpfs(below, "size=65536");
        try {
            String output = lab.container("""
                            exec 2>/dev/null
                            touch /ro/x || echo ro
                            touch /ro/below/x && echo ro below is not
                            touch /deep/below/y || echo deep
                            """)
                    .mounts(
                            new Mount.Bind(volume, "/ro", Kind.DIRECTORY, Access.READ_ONLY),
                            new Mount.Bind(volume, "/deep", Kind.DIRECTORY, Access.RECURSIVE_READ_ONLY))
                    .output();

            assertEquals("ro\nro below is not\ndeep", output);
        } finally {
            Mounts.detach(below);
        }
    }

    @Test
    void a_mount_of_the_host_appears_inside_only_when_asked_for() throws Exception {
        Path shared = Files.createDirectory(lab.home().resolve("shared"));
        Mounts.tmpfs(shared, "size=65536");
        sh("mount --make-shared $0", shared);
        try {
            Path later = Files.createDirectory(shared.resolve("later"));
            Mount.Bind following =
                    new Mount.Bind(shared, "", "/f", Kind.DIRECTORY, Access.READ_WRITE, Propagation.HOST_TO_CONTAINER);
            Mount.Bind apart = new Mount.Bind(shared, "/p", Kind.DIRECTORY, Access.READ_WRITE);
            String script = "until [ -e /f/later/mark ]; do sleep 0.01; done; ls /p/later; echo end";
            ShimLab.Started started =
                    lab.container(script).mounts(following, apart).start();
            Mounts.tmpfs(later, "size=65536");
            Files.createFile(later.resolve("mark"));

            assertEquals("end", started.awaitOutput());

            Mounts.detach(later);
        } finally {
            Mounts.detach(shared);
        }
    }

    @Test
    void a_sub_path_is_made_and_cannot_leave_its_volume() throws Exception {
        Mount.Bind made =
                new Mount.Bind(volume, "a/b", "/data", Kind.DIRECTORY, Access.READ_WRITE, Propagation.PRIVATE);
        lab.container("touch /data/here").mounts(made).output();
        assertTrue(Files.exists(volume.resolve("a/b/here")));

        Files.createSymbolicLink(volume.resolve("out"), Path.of("/etc"));
        Files.createSymbolicLink(volume.resolve("up"), Path.of("../.."));
        for (String escape : List.of("out", "up", "out/passwd")) {
            StartResult.Failed failed = lab.container("true")
                    .mounts(new Mount.Bind(
                            volume, escape, "/data", Kind.DIRECTORY, Access.READ_WRITE, Propagation.PRIVATE))
                    .failure();
            assertEquals(Errno.EXDEV, failed.errno(), failed.words());
            assertTrue(
                    failed.words()
                            .startsWith("open sub-path %s, which must not lead out of its volume: ".formatted(escape)),
                    failed.words());
        }
    }

    @Test
    void a_sub_path_is_made_for_those_who_may_write_to_the_volume() throws Exception {
        Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxrwxrwx"));
        Mount.Bind open =
                new Mount.Bind(volume, "tmp/deep", "/tmp", Kind.DIRECTORY, Access.READ_WRITE, Propagation.PRIVATE);
        assertEquals(
                "777",
                lab.container("touch /tmp/mine && stat -c %a /tmp")
                        .user(1001, 1001)
                        .mounts(open)
                        .output());

        Path group = Files.createDirectory(lab.home().resolve("of-a-group"));
        Files.setAttribute(group, "unix:gid", 2000);
        Files.setAttribute(group, "unix:mode", 02775);
        Mount.Bind shared =
                new Mount.Bind(group, "part", "/data", Kind.DIRECTORY, Access.READ_WRITE, Propagation.PRIVATE);
        assertEquals(
                "2775 2000",
                lab.container("touch /data/mine && stat -c '%a %g' /data")
                        .user(1001, 1001, 2000)
                        .mounts(shared)
                        .output());
    }

    @Test
    void a_destination_that_is_a_link_stays_inside_the_root() throws Exception {
        Path target = Files.createDirectory(lab.home().resolve("target"));
        Files.createSymbolicLink(lab.layer().resolve("out"), target);
        Files.createSymbolicLink(lab.layer().resolve("dots"), Path.of("../../../../../../../.." + target));
        String output = lab.container("cat /out/x/file /dots/y/file")
                .mounts(
                        new Mount.Bind(volume, "/out/x", Kind.DIRECTORY, Access.READ_ONLY),
                        new Mount.Bind(volume, "/dots/y", Kind.DIRECTORY, Access.READ_ONLY))
                .output();

        assertEquals("from the host\nfrom the host", output);
        assertFalse(Files.exists(target.resolve("x")));
        assertFalse(Files.exists(target.resolve("y")));
    }

    @Test
    void a_broken_link_gives_way_to_a_mount() throws Exception {
        Files.createSymbolicLink(
                lab.layer().resolve("etc/resolv.conf"), Path.of("../run/systemd/resolve/stub-resolv.conf"));

        String output = lab.container("cat /etc/resolv.conf")
                .mounts(new Mount.Bind(volume.resolve("file"), "/etc/resolv.conf", Kind.FILE, Access.READ_ONLY))
                .output();

        assertEquals("from the host", output);
    }

    @Test
    @DisplayName("CVE-2026-41579, CVE-2026-47766: an image with links in the place of /dev, /proc and /sys")
    void an_image_with_links_for_standard_directories_is_refused() throws Exception {
        for (String name : List.of("dev", "proc", "sys")) {
            Path target = Files.createDirectory(lab.home().resolve("target-" + name));
            Path hostile = Files.createDirectory(lab.home().resolve("hostile-" + name));
            Files.createSymbolicLink(hostile.resolve(name), target);

            StartResult.Failed failed =
                    lab.container("true").lowers(List.of(hostile, lab.layer())).failure();

            assertEquals(Errno.ELOOP, failed.errno(), failed.words());
            assertEquals(0, count(target), name);
        }
    }

    @Test
    void two_hundred_layers_are_stacked() throws Exception {
        List<Path> lowers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Path layer = Files.createDirectories(lab.home()
                    .resolve("layers-with-quite-a-long-name-as-digests-have")
                    .resolve("layer-" + i));
            Files.writeString(layer.resolve("mark-" + i), "");
            lowers.add(layer);
        }
        lowers.add(lab.layer());

        assertEquals(
                "200", lab.container("ls -d /mark-* | wc -l").lowers(lowers).output());
    }

    @Test
    void more_layers_than_overlayfs_takes_are_refused_in_words() throws Exception {
        ContainerDraft container = lab.container("true").lowers(Collections.nCopies(501, lab.layer()));

        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, container::result);

        assertTrue(e.getMessage().contains("501 layers"), e.getMessage());
    }

    @Test
    void more_than_a_hundred_volumes_and_layers_do_not_get_in_each_other_s_way() throws Exception {
        List<Mount> mounts = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            mounts.add(new Mount.Bind(volume, "/many/v" + i, Kind.DIRECTORY, Access.READ_ONLY));
        }

        assertEquals(
                "120",
                lab.container("cat /many/*/file | wc -l")
                        .mounts(mounts.toArray(Mount[]::new))
                        .output());
    }

    @Test
    void memory_is_limited_and_gone_afterwards() throws Exception {
        String output = lab.container("dd if=/dev/zero of=/mem/x bs=1M count=8 2>/dev/null || wc -c < /mem/x")
                .mounts(new Mount.Tmpfs("/mem", 1 << 20, 01777, Access.READ_WRITE))
                .output();

        assertEquals("1048576", output);
    }

    @Test
    void a_mount_of_the_spec_takes_the_place_of_a_standard_one() throws Exception {
        String output = lab.container("grep -c ' /dev/shm ' /proc/mounts; cat /dev/shm/file")
                .mounts(new Mount.Bind(volume, "/dev/shm", Kind.DIRECTORY, Access.READ_WRITE))
                .output();

        assertEquals("1\nfrom the host", output);
    }

    @Test
    void a_kept_layer_is_mounted_again() throws Exception {
        ContainerDraft first = lab.container("echo kept > /note").kept();
        first.output();

        assertEquals("kept\n", Files.readString(lab.upper(first.id()).resolve("note")));
    }

    @Test
    void namespaced_kernel_parameters_are_set() throws Exception {
        KernelView kernel = new KernelView(
                "box",
                KernelView.MASKED_PATHS,
                KernelView.READ_ONLY_PATHS,
                Map.of("net.ipv4.ip_unprivileged_port_start", "0", "kernel.shm_rmid_forced", "1"),
                List.of("/dev/fuse"));

        String output = lab.container("""
                        cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/shm_rmid_forced
                        stat -c %F /dev/fuse
                        """).kernel(kernel).output();

        assertEquals("0\n1\ncharacter special file", output);
    }

    @Test
    void the_container_sees_its_own_cgroups_only_and_cannot_write_them() throws Exception {
        String output = lab.container("""
                        exec 2>/dev/null
                        ls /sys/fs/cgroup
                        grep -c . /sys/fs/cgroup/pids/cgroup.procs
                        mkdir /sys/fs/cgroup/memory/x || echo refused
                        mkdir /sys/fs/cgroup/y || echo refused
                        grep '^1 ' /sys/fs/cgroup/pids/cgroup.procs
                        """)
                .mounts(new Mount.Cgroups("/sys/fs/cgroup", List.of("memory", "pids")))
                .output();

        assertTrue(output.matches("memory\npids\n[0-9]+\nrefused\nrefused"), output);
    }

    @Test
    void the_host_s_mount_table_never_shows_a_container() throws Exception {
        List<String> before = MountTable.seenBy(lab.home());
        lab.container("sleep 60").start();

        assertEquals(before, MountTable.seenBy(lab.home()));
    }

    private static long count(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return entries.count();
        }
    }
}
