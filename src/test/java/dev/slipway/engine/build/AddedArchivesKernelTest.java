package dev.slipway.engine.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.Zstd;
import dev.slipway.engine.build.BuildStep.CopySource;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.layer.TestTar;
import dev.slipway.engine.layer.TreeListing;
import dev.slipway.engine.registry.Command;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `ADD` of files that are archives, and of files that only look like one.
class AddedArchivesKernelTest {
    @TempDir
    private Path directory;

    private BuilderRig rig;
    private Path context;

    @BeforeEach
    void open() throws IOException {
        rig = new BuilderRig(Files.createDirectory(directory.resolve("rig")));
        context = Files.createDirectory(directory.resolve("context"));
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    private BuildStep add(String to, String owner, String... from) {
        CopySource source = new CopySource.Context(context.toString());
        return new BuildStep.Add(new BuildStep.Copy(source, List.of(from), to, "0:0", null), owner);
    }

    private void archive(String name, TestTar tar) throws IOException {
        Files.write(context.resolve(name), tar.ended());
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private Map<String, String> top(LocalImage image) throws IOException {
        return TreeListing.of(rig.layer(image, image.layers().size() - 1));
    }

    private String content(LocalImage image, String path) throws IOException {
        return Files.readString(rig.layer(image, image.layers().size() - 1).resolve(path));
    }

    @Test
    void an_archive_is_known_by_its_content_and_unpacked() throws Exception {
        byte[] tar =
                new TestTar().as(1000, 1001, 0640).file("etc/app.conf", "on").ended();
        Files.write(context.resolve("plain"), tar);
        Files.write(context.resolve("packed.txt"), gzip(tar));
        Files.write(context.resolve("zstd"), Zstd.compress(tar));
        Files.writeString(context.resolve("named.tar.gz"), "no archive");
        Files.write(context.resolve("text.gz"), gzip("a text".getBytes(UTF_8)));

        LocalImage image = rig.built(
                        null,
                        "known",
                        add("/a", "", "plain"),
                        add("/b/", "", "packed.txt"),
                        add("/c", "", "zstd"),
                        add("/d/", "", "named.tar.gz", "text.gz", "plain"))
                .image();

        for (int i = 0; i < 3; i++) {
            String name = List.of("a", "b", "c").get(i);
            Map<String, String> files = TreeListing.of(rig.layer(image, i));
            assertEquals(Set.of(".", name, name + "/etc", name + "/etc/app.conf"), files.keySet());
            assertTrue(files.get(name + "/etc/app.conf").startsWith("- 0640 1000:1001"), files.toString());
        }
        assertEquals("no archive", content(image, "d/named.tar.gz"));
        assertEquals(
                Set.of(".", "d", "d/etc", "d/etc/app.conf", "d/named.tar.gz", "d/text.gz"),
                top(image).keySet());
    }

    @Test
    void all_of_an_archive_goes_to_the_owner_that_is_named() throws Exception {
        archive(
                "app",
                new TestTar()
                        .as(7, 7, 04755)
                        .directory("bin/")
                        .file("bin/app", "run")
                        .hardLink("bin/again", "bin/app")
                        .symlink("app", "bin/app"));

        Map<String, String> files =
                top(rig.built(null, "owned", add("/opt", "5:6", "app")).image());

        assertTrue(files.get("opt/bin/app").startsWith("- 4755 5:6"), files.toString());
        assertTrue(files.get("opt/bin").contains(" 5:6"), files.toString());
        assertTrue(files.get("opt/app").contains(" 5:6"), files.toString());
        assertTrue(files.get("opt/bin/app").endsWith(" same as opt/bin/again"), files.toString());
    }

    @Test
    void directories_and_links_of_the_image_stay_and_look_as_the_archive_describes_them() throws Exception {
        archive(
                "base",
                new TestTar()
                        .as(0, 0, 0755)
                        .directory("usr/")
                        .directory("usr/lib/")
                        .symlink("lib", "usr/lib")
                        .as(3, 3, 0700)
                        .directory("described/")
                        .directory("implied/"));
        archive(
                "more",
                new TestTar()
                        .as(4, 4, 0711)
                        .directory("./")
                        .directory("lib/")
                        .file("lib/one", "1")
                        .directory("described/")
                        .file("implied/two", "2"));
        LocalImage image = rig.built(null, "stays", add("/", "", "base"), add("/", "", "more"))
                .image();

        Map<String, String> files = top(image);

        assertEquals(
                Set.of(".", "usr", "usr/lib", "usr/lib/one", "described", "implied", "implied/two"), files.keySet());
        assertTrue(files.get("described").startsWith("d 0711 4:4"), files.toString());
        assertTrue(files.get("implied").startsWith("d 0700 3:3"), files.toString());
        Map<String, String> elsewhere =
                top(rig.built(null, "elsewhere", add("/srv", "", "more")).image());
        assertTrue(elsewhere.get("srv").startsWith("d 0711 4:4"), elsewhere.toString());
        assertTrue(elsewhere.get("srv/implied").startsWith("d 0755 0:0"), elsewhere.toString());
    }

    @Test
    void marks_of_layers_mean_nothing_in_an_archive() throws Exception {
        archive("base", new TestTar().file("etc/kept", "kept"));
        archive("marks", new TestTar().node('3', "etc/kept", 0, 0).file("etc/other", "other"));

        LocalImage image = rig.built(null, "marks", add("/", "", "base"), add("/", "", "marks"))
                .image();

        assertEquals(Set.of(".", "etc", "etc/other"), top(image).keySet());
    }

    @Test
    void a_changed_archive_makes_another_layer_and_the_same_one_is_known() throws Exception {
        archive("app", new TestTar().file("app", "1"));
        LocalImage first = rig.built(null, "cached", add("/", "", "app")).image();
        archive("app", new TestTar().at(7).file("app", "1"));
        LocalImage later = rig.built(null, "cached", add("/", "", "app")).image();

        assertEquals(first.digest(), later.digest());
        assertEquals(0, rig.built(null, "cached", add("/", "", "app")).layersMade());
        archive("app", new TestTar().file("app", "2"));
        assertNotEquals(
                first.digest(),
                rig.built(null, "cached", add("/", "", "app")).image().digest());
    }

    @Test
    void what_leads_out_of_an_archive_is_refused_or_stays_inside() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "untouched");
        archive("up", new TestTar().file("../secret", "evil"));
        archive("hard", new TestTar().hardLink("stolen", secret.toString()));
        archive(
                "links",
                new TestTar()
                        .symlink("one", "two")
                        .symlink("two", "../../../../../../..")
                        .file("one/file", "inside")
                        .symlink("root", directory.toString())
                        .file("root/secret", "inside"));

        assertEquals(
                "step 1 (add up to /srv): up: archive entry ../secret: its name leads out of the layer",
                rig.failure(add("/srv", "", "up")));
        assertTrue(rig.failure(add("/srv", "", "hard")).contains("layer entry stolen: it is a hard link to"));
        LocalImage image = rig.built(null, "links", add("/srv", "", "links")).image();
        assertEquals("inside", content(image, "srv/file"));
        assertEquals("inside", content(image, "srv" + secret));
        assertEquals("untouched", Files.readString(secret));
    }

    @Test
    void a_bomb_is_refused_and_nothing_of_it_stays() throws Exception {
        LayerLimits small = new LayerLimits(1 << 20, 100);
        byte[] zeros = new TestTar().file("zeros", "\0".repeat(4 << 20)).ended();
        Files.write(context.resolve("bomb"), gzip(zeros));
        Files.write(context.resolve("zeros"), zeros);
        Command.run("sh", "-c", "bzip2 -9 $0/zeros", context.toString());
        TestTar entries = new TestTar();
        for (int i = 0; i < 101; i++) {
            entries.file("file" + i, "");
        }
        archive("many", entries);
        try (BuilderRig limited = new BuilderRig(Files.createDirectory(directory.resolve("limited")), small)) {
            // Any build that fails leaves its log.
            limited.failure(add("/", "", "missing"));
            Set<Path> before = limited.everything().keySet();

            String bomb = limited.failure(add("/", "", "bomb"));
            String bzip2 = limited.failure(add("/", "", "zeros.bz2"));
            String many = limited.failure(add("/", "", "many"));

            assertTrue(bomb.contains("more than the %d that are allowed".formatted(1 << 20)), bomb);
            assertTrue(bzip2.contains("more than the %d that are allowed".formatted(1 << 20)), bzip2);
            assertTrue(many.contains("more than the 100 entries that are allowed"), many);
            Set<Path> left = new TreeSet<>(limited.everything().keySet());
            left.removeAll(before);
            assertEquals(Set.of(), left);
        }
    }

    @Test
    void what_only_begins_like_an_archive_is_copied() throws Exception {
        Files.writeString(context.resolve("note"), "BZh is how files in bzip2 begin");

        LocalImage image = rig.built(null, "note", add("/d/", "", "note")).image();

        assertEquals(Set.of(".", "d", "d/note"), top(image).keySet());
    }

    @ParameterizedTest
    @CsvSource({"xz,xz,xz: it is cut short", "bzip2,bz2,bzip2: it is cut short"})
    void an_archive_is_unpacked_by_the_library_of_the_host(String packer, String ending, String words)
            throws Exception {
        // More than one block of bzip2, so that what is cut begins well.
        String lines = IntStream.range(0, 300_000).mapToObj(Integer::toString).collect(Collectors.joining("\n"));
        archive("rootfs", new TestTar().as(3, 4, 0644).file("etc/motd", lines));
        Files.writeString(context.resolve("text"), "no archive");
        Command.run(
                "sh",
                "-c",
                "cd $0 && $1 -9 rootfs text && cat rootfs.$2 >cut && truncate -s -20 cut",
                context.toString(),
                packer,
                ending);

        LocalImage image = rig.built(null, packer, add("/d/", "", "rootfs." + ending, "text." + ending))
                .image();

        assertEquals(
                Set.of(".", "d", "d/etc", "d/etc/motd", "d/text." + ending),
                top(image).keySet());
        assertEquals(lines, content(image, "d/etc/motd"));
        String failure = rig.failure(add("/", "", "cut"));
        assertTrue(failure.contains("cut: ") && failure.contains(words), failure);
    }

    @Test
    void a_damaged_archive_is_named_and_a_file_never_takes_the_place_of_a_directory() throws Exception {
        byte[] whole = new TestTar().file("one", "1".repeat(2000)).ended();
        Files.write(context.resolve("cut"), Arrays.copyOf(whole, 1000));
        archive("base", new TestTar().directory("etc/"));
        archive("file", new TestTar().file("etc", "a file"));

        assertTrue(rig.failure(add("/", "", "cut")).startsWith("step 1 (add cut to /): cut: archive"));
        assertEquals(
                "step 2 (add file to /): /etc is a directory in the image",
                rig.failure(add("/", "", "base"), add("/", "", "file")));
    }
}
