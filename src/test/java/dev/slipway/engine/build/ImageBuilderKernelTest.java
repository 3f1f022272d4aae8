package dev.slipway.engine.build;

import static dev.slipway.engine.build.BuilderRig.host;
import static dev.slipway.engine.build.BuilderRig.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.build.BuildStep.CopySource;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images built on a real disk, and read by other tools.
class ImageBuilderKernelTest {
    private static final BuildStep CONFIG = new BuildStep.Configure(
            Map.of("B", "2", "A", "1"),
            "1000",
            "/srv",
            null,
            List.of("/bin/busybox", "sh"),
            Set.of("/data"),
            Set.of("80"),
            Map.of("maintainer", "ada"),
            "SIGINT",
            null,
            null);

    @TempDir
    private Path directory;

    private BuilderRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = new BuilderRig(Files.createDirectory(directory.resolve("rig")));
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    @Test
    @DisplayName("S24 each step is one layer, and a layer holds only what its step changed")
    void each_step_is_one_layer() throws Exception {
        LocalImage image = rig.built(
                        null, "layers", host("/bin/busybox"), text("/etc/one", "1"), CONFIG, text("/etc/two", "2"))
                .image();

        assertEquals(3, image.layers().size());
        assertEquals(Set.of("bin", "usr/bin/busybox"), files(rig.layer(image, 0)));
        assertEquals(Set.of("etc/one"), files(rig.layer(image, 1)));
        assertEquals(Set.of("etc/two"), files(rig.layer(image, 2)));
    }

    @Test
    @DisplayName("S24 S50 what was built is read by skopeo and umoci, and runs")
    void other_tools_read_it() throws Exception {
        rig.built(null, "readable", host("/bin/busybox", "/bin/ls"), text("/etc/motd", "welcome\n"), CONFIG);

        String config = rig.inspected("readable");
        Path tree = rig.unpacked("readable");

        assertTrue(config.contains("\"Env\": [\n            \"A=1\",\n            \"B=2\""), config);
        assertTrue(config.contains("\"80/tcp\": {}"), config);
        assertEquals("welcome\n", Command.run("chroot", tree.toString(), "/bin/busybox", "cat", "/etc/motd"));
        assertTrue(Command.run("chroot", tree.toString(), "/bin/ls", "/etc").contains("motd"));
    }

    @Test
    @DisplayName("S24 what other tools unpack is what this host unpacked, file by file")
    void the_archive_is_the_tree() throws Exception {
        LocalImage image = rig.built(null, "same", host("/bin/bash", "/usr/lib/*-linux-gnu/perl-base"))
                .image();

        Path other = rig.unpacked("same");

        assertEquals(listing(rig.layer(image, 0)), listing(other));
    }

    @Test
    @DisplayName("S25 the same inputs make the same image, on another disk and with other times")
    void the_same_inputs_make_the_same_image() throws Exception {
        Path file = Files.writeString(directory.resolve("input"), "input");
        BuildStep[] steps = {host("/bin/busybox", file.toString()), text("/etc/motd", "hi"), CONFIG};
        LocalImage first = rig.built(null, "repeated", steps).image();
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2001-01-01T00:00:00Z")));

        try (BuilderRig second = new BuilderRig(Files.createDirectory(directory.resolve("second")))) {
            LocalImage again = second.built(null, "repeated", steps).image();

            assertEquals(first.digest(), again.digest());
        }
    }

    @Test
    @DisplayName("S25 a changed later step leaves the layers before it bit for bit alone")
    void a_changed_later_step_keeps_earlier_layers() throws Exception {
        BuildStep below = host("/bin/busybox");
        LocalImage before = rig.built(null, "later", below, text("/etc/v", "1"), text("/etc/w", "1"))
                .image();

        BuildOutcome.Built after = rig.built(null, "later", below, text("/etc/v", "1"), text("/etc/w", "2"));

        assertEquals(1, after.layersMade());
        assertEquals(
                before.manifest().layers().subList(0, 2),
                after.image().manifest().layers().subList(0, 2));
        assertNotEquals(before.digest(), after.image().digest());
        assertEquals("1", Files.readString(rig.layer(before, 2).resolve("etc/w")));
    }

    @Test
    void a_build_that_finds_everything_writes_nothing() throws Exception {
        BuildStep[] steps = {host("/bin/busybox", "/bin/bash"), text("/etc/motd", "hi"), CONFIG};
        LocalImage first = rig.built(null, "known", steps).image();
        ImageBuilder restarted = rig.restarted();
        Map<Path, String> before = rig.everything();

        BuildOutcome.Built again = BuilderRig.built(restarted, null, "known", steps);

        assertEquals(0, again.layersMade());
        assertEquals(first, again.image());
        assertEquals(before, rig.everything());
    }

    @Test
    void a_file_that_changed_on_the_host_makes_another_image() throws Exception {
        Path file = Files.writeString(directory.resolve("changing"), "aaaa");
        BuildStep step = host(file.toString());
        LocalImage before = rig.built(null, "changing", step).image();
        FileTime time = Files.getLastModifiedTime(file);
        Files.writeString(file, "bbbb");
        Files.setLastModifiedTime(file, time);

        LocalImage after = rig.built(null, "changing", step).image();

        assertNotEquals(before.digest(), after.digest());
        assertEquals(
                "bbbb",
                Files.readString(rig.layer(after, 0).resolve(file.toString().substring(1))));
        assertEquals(
                after.digest(),
                rig.images.find(Reference.parse("changing")).orElseThrow().digest());
    }

    @Test
    @DisplayName("S28 an image built on another shares its layers, and files go through the links that it has")
    void an_image_is_built_on_another() throws Exception {
        LocalImage base = rig.built(null, "base", host("/bin/busybox"), CONFIG).image();

        LocalImage image = rig.built(base, "derived", text("/bin/hello", "#!/bin/busybox sh\n"), text("/etc/x", ""))
                .image();

        assertEquals(base.layers(), image.layers().subList(0, 1));
        assertEquals(base.manifest().layers(), image.manifest().layers().subList(0, 1));
        assertEquals(Set.of("usr/bin/hello"), files(rig.layer(image, 1)));
        assertEquals(base.config().parameters(), image.config().parameters());
        assertTrue(Files.exists(rig.unpacked("derived").resolve("bin/busybox")));
    }

    @Test
    void a_file_of_a_context_is_copied_with_owner_and_mode() throws Exception {
        Path context = Files.createDirectories(directory.resolve("context/app/inner"))
                .getParent()
                .getParent();
        Files.writeString(context.resolve("app/run.sh"), "run");
        Files.writeString(context.resolve("app/inner/data"), "data");
        Files.createSymbolicLink(context.resolve("app/out"), Path.of("../../../etc/passwd"));

        CopySource source = new CopySource.Context(context.toString());

        LocalImage image = rig.built(
                        null,
                        "context",
                        new BuildStep.Copy(source, List.of("app"), "/srv/app", "1000:1001", 0640),
                        new BuildStep.Copy(source, List.of("app/run.sh"), "/usr/bin/", "0:0", 0755))
                .image();

        Path tree = rig.layer(image, 0);
        assertEquals(Set.of("srv/app/run.sh", "srv/app/inner/data", "srv/app/out"), files(tree));
        assertEquals("rw-r----- 1000 1001", look(tree.resolve("srv/app/run.sh")));
        assertEquals("rwxr-x--- 1000 1001", look(tree.resolve("srv/app/inner")));
        assertEquals("rwxr-xr-x 1000 1001", look(tree.resolve("srv")));
        assertEquals("rwxr-xr-x 0 0", look(rig.layer(image, 1).resolve("usr/bin/run.sh")));
    }

    @Test
    void the_working_directory_is_there_and_is_roots_before_a_layer_has_it() throws Exception {
        Path context = Files.createDirectories(directory.resolve("context"));
        Files.writeString(context.resolve("app"), "app");
        CopySource source = new CopySource.Context(context.toString());
        BuildStep place = new BuildStep.Configure(
                Map.of(), null, "/srv/work", null, null, Set.of(), Set.of(), Map.of(), null, null, null);
        BuildStep copy = new BuildStep.Copy(source, List.of("app"), "/srv/work", "7:8", null);

        LocalImage image = rig.built(null, "placed", place, copy, new BuildStep.CopyText("", "/srv/own/a", "7:8", 0600))
                .image();
        LocalImage elsewhere = rig.built(null, "elsewhere", copy).image();

        assertEquals(Set.of("srv/work/app"), files(rig.layer(image, 0)));
        assertEquals("rwxr-xr-x 0 0", look(rig.layer(image, 0).resolve("srv/work")));
        assertEquals("rwxr-xr-x 7 8", look(rig.layer(image, 1).resolve("srv/own")));
        assertEquals(Set.of("srv/work"), files(rig.layer(elsewhere, 0)));
    }

    @Test
    void a_directory_is_entered_and_made_for_its_user_once() throws Exception {
        BuildStep.Configure config = new BuildStep.Configure(
                Map.of(), null, "/srv/work", null, null, Set.of(), Set.of(), Map.of(), null, null, null);
        BuildStep enter = new BuildStep.EnterDirectory(config, new BuildStep.MakeDirectory("/srv/work", "7:8"));

        LocalImage image = rig.built(null, "entered", enter, enter).image();

        assertEquals("/srv/work", image.config().parameters().workingDir());
        assertEquals("rwxr-xr-x 7 8", look(rig.layer(image, 0).resolve("srv")));
        assertEquals("rwxr-xr-x 7 8", look(rig.unpacked("entered").resolve("srv/work")));
        assertEquals("", Command.run("tar", "tzf", rig.blob(image, 1).toString()));
        assertTrue(rig.failure(text("/srv", "a file"), enter).endsWith("/srv is no directory in the image"));
    }

    @Test
    void a_pattern_of_a_copy_knows_classes_and_takes_hidden_files() throws Exception {
        Path context = Files.createDirectories(directory.resolve("context"));
        for (String name : List.of("a1.txt", "b2.txt", "c3.txt", ".env")) {
            Files.writeString(context.resolve(name), name);
        }
        CopySource source = new CopySource.Context(context.toString());

        LocalImage image = rig.built(
                        null,
                        "patterns",
                        new BuildStep.Copy(source, List.of("[ab]?.txt"), "/some/", "0:0", null),
                        new BuildStep.Copy(source, List.of("*"), "/all/", "0:0", null))
                .image();

        assertEquals(Set.of("some/a1.txt", "some/b2.txt"), files(rig.layer(image, 0)));
        assertEquals(Set.of("all/a1.txt", "all/b2.txt", "all/c3.txt", "all/.env"), files(rig.layer(image, 1)));
        assertEquals(
                "step 1 (copy [a to /x): [a is no pattern: a [ is not closed",
                rig.failure(new BuildStep.Copy(source, List.of("[a"), "/x", "0:0", null)));
    }

    @Test
    void an_image_that_files_of_a_guarded_image_are_copied_to_is_guarded() throws Exception {
        LocalImage open = rig.built(null, "open", text("/etc/key", "key")).image();
        LocalImage guarded = new LocalImage(
                open.descriptor(),
                open.manifest(),
                open.config(),
                open.indexes(),
                open.names(),
                true,
                Map.of(),
                Set.of());
        BuildStep copy = new BuildStep.Copy(
                new CopySource.Image(new StageOrigin.Image("other")), List.of("/etc/key"), "/key", "0:0", null);
        for (LocalImage source : List.of(open, guarded)) {
            BuildOutcome outcome = rig.builder.build(
                    new BuildRequest(
                            "copy",
                            List.of(new BuildStage(
                                    new StageOrigin.Scratch(), List.of(copy, text("/one", "" + source.guarded())))),
                            Map.of("other", source),
                            Set.of(Reference.parse("copy")),
                            true),
                    BuildProgress.SILENT);

            assertEquals(
                    source.guarded(),
                    assertInstanceOf(BuildOutcome.Built.class, outcome, outcome::toString)
                            .image()
                            .guarded());
        }
    }

    @Test
    void a_failing_step_is_named_and_leaves_what_came_before_it_for_the_next_try() throws Exception {
        rig.built(null, "other", text("/etc/x", "x"));
        Map<Path, String> before = rig.everything();

        String message = rig.failure(host("/bin/busybox"), text("/etc/motd", "x"), host("/no/such/file"));

        assertEquals(
                "step 3 (copyFromHost /no/such/file with libraries): this host has no file /no/such/file", message);
        BuildOutcome.Built mended = rig.built(null, "failing", host("/bin/busybox"), text("/etc/motd", "x"));
        assertEquals(0, mended.layersMade());
        rig.images.remove(mended.image().digest());
        rig.builder.forget("failing");
        assertEquals(paths(before), paths(rig.everything()));
    }

    @Test
    void what_a_failed_build_left_goes_when_the_next_does_not_use_it() throws Exception {
        rig.failure(text("/etc/motd", "x"), host("/no/such/file"));
        Set<DiffId> left = rig.snapshots.layers();

        rig.built(null, "failing", text("/etc/other", "y"));

        assertEquals(1, left.size());
        assertTrue(Collections.disjoint(left, rig.snapshots.layers()));
    }

    @Test
    void a_text_at_the_place_of_a_directory_is_refused() throws Exception {
        String message = rig.failure(host("/bin/busybox"), text("/usr/bin", "x"));

        assertEquals("step 2 (copy text to /usr/bin): /usr/bin is a directory in the image", message);
    }

    /// But for what says only which layer a step made.
    private static Set<Path> paths(Map<Path, String> everything) {
        return everything.keySet().stream()
                .filter(path -> !path.getParent().endsWith("builds") && !path.endsWith("durable"))
                .collect(Collectors.toSet());
    }

    private static String look(Path file) throws IOException {
        Map<String, Object> seen = Files.readAttributes(file, "unix:uid,gid,permissions", LinkOption.NOFOLLOW_LINKS);
        @SuppressWarnings("unchecked") // "permissions" is always this set
        var permissions = (Set<PosixFilePermission>) seen.get("permissions");
        return PosixFilePermissions.toString(permissions) + " " + seen.get("uid") + " " + seen.get("gid");
    }

    /// Everything but directories.
    private static Set<String> files(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            return files.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                    .map(file -> tree.relativize(file).toString())
                    .collect(Collectors.toSet());
        }
    }

    private static String listing(Path tree) {
        return Command.run(
                "sh",
                "-c",
                "cd \"$0\" && find . -mindepth 1 -printf '%P %y %m %U %G %s %T@ %l\\n' | sed 's/ d \\([0-9]*\\)"
                        + " \\([0-9]*\\) \\([0-9]*\\) [0-9]*/ d \\1 \\2 \\3/' | LC_ALL=C sort",
                tree.toString());
    }
}
