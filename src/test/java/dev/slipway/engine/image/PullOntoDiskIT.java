package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.layer.TestTar;
import dev.slipway.engine.layer.TreeListing;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.registry.ImageLayout;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Images of several layers, pulled from a real registry and stacked by a real overlay.
@Timeout(180)
class PullOntoDiskIT {
    private static final String BASE = """
            mkdir -p bin etc/conf.d var/cache/old tmp; chmod 1777 tmp; cp /bin/busybox bin/busybox; chmod 4755 bin/busybox
            ln bin/busybox bin/sh; echo base >etc/name; echo one >etc/conf.d/one; echo two >etc/conf.d/two
            head -c 300000 /dev/urandom >var/cache/old/blob; chown 100:100 var/cache; setcap cap_net_raw+ep bin/busybox
            """;

    private static final String APP = """
            mkdir -p etc/conf.d var/cache/old app; : >etc/.wh.name; : >etc/conf.d/.wh.one; echo three >etc/conf.d/three
            : >var/cache/old/.wh..wh..opq; echo fresh >var/cache/old/new; echo app >app/run; chown -R 7:8 app
            """;

    /// All that a layer can hold.
    private static final String NASTY = """
            mkdir -p usr/bin usr/lib dev run gone/deep replaced kept/sub opaque/a/b opaque/c tmp; chmod 3777 tmp
            cp /bin/busybox usr/bin/busybox; chmod 6755 usr/bin/busybox; setcap cap_net_bind_service+ep usr/bin/busybox
            ln usr/bin/busybox usr/bin/one; ln usr/bin/busybox usr/bin/two; ln usr/bin/busybox usr/bin/three
            ln -s usr/bin bin; ln -s /nowhere dangling; ln dangling again; mknod dev/null c 1 3; mknod dev/sda b 8 0
            mkfifo run/pipe; mkdir "$(printf 'no\\377text')"; echo x >"$(printf 'no\\377text')/f"; echo file >becomes-directory
            mkdir becomes-file; echo in >becomes-file/in; mkdir becomes-link; echo out >gone/deep/out; echo k >kept/sub/k
            echo b >opaque/a/b/b; echo c >opaque/c/c; echo old >replaced/f; chown 3000000000:7 kept; setfattr -n user.note -v lower kept
            truncate -s 3000000 usr/lib/sparse; printf end >>usr/lib/sparse; touch -d @-1000 usr/lib/sparse; : >usr/lib/empty
            n=$(printf 'n%.0s' $(seq 200)); mkdir -p long/$n/$n; echo long >long/$n/$n/$n; ln -s $n/$n/$n long/link
            """;

    /// What hides and replaces it.
    private static final String NASTIER = """
            mkdir -p usr/bin kept opaque replaced becomes-directory gone2; : >.wh.gone; : >usr/bin/.wh.two
            cp /bin/busybox usr/bin/three; chmod 4711 usr/bin/three; ln usr/bin/three usr/bin/four; : >opaque/.wh..wh..opq
            mkdir opaque/c; echo new >opaque/c/new; echo d >becomes-directory/d; echo f >becomes-file; ln -s kept becomes-link
            chown 5:6 kept; chmod 2750 kept; setfattr -n user.other -v upper kept; rm -r replaced; mkdir replaced
            : >replaced/.wh.f; mkdir replaced/f; echo both >replaced/f/both; mknod gone2/disk b 7 1; ln -s nothing dangling
            """;

    private static final String NASTIEST = """
            mkdir -p long kept/sub gone; : >long/.wh.link; : >kept/sub/.wh.k; echo back >gone/back; : >.wh.becomes-link
            touch -h -d @1111111111 gone/back; : >usr-is-no-link; mkdir dev; : >dev/.wh.sda; mknod dev/null c 1 5
            """;

    private static final String[] EVERYTHING = {"--format=posix", "--sparse", "--xattrs-include=*"};

    @TempDir
    private Path root;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final RegistryClient client = new RegistryClient(RegistrySettings.STANDARD);
    private DockerRegistry registry;
    private ImageLayout layout;
    private Path merged;
    private Snapshots snapshots;
    private HostImages images;

    @BeforeEach
    void start() throws IOException {
        merged = Files.createDirectory(root.resolve("merged"));
        registry = new DockerRegistry(Files.createDirectory(root.resolve("registry")), "");
        layout = new ImageLayout(root.resolve("layout"));
        layout.image("image").layer("image", tree("base", BASE));
        layout.push("image", registry.host() + "/base:v1", "--dest-compress-format", "gzip");
        layout.layer("image", tree("app", APP));
        layout.push("image", registry.host() + "/app:v1", "--dest-compress-format", "gzip");
        snapshots = new Snapshots(root.resolve("snapshots"), threads);
        snapshots.open();
        DirectoryContentStore content =
                new DirectoryContentStore(Files.createDirectory(root.resolve("content")), InstantSource.system());
        content.start();
        images = new HostImages(
                root.resolve("content/index.json"),
                new HostImages.Stores(
                        content,
                        new DiskLayerTrees(snapshots, LayerLimits.STANDARD, threads),
                        new Repositories(
                                root.resolve("repositories"), content, InstantSource.system(), InstantSource.system())),
                client,
                threads);
        images.start();
    }

    @AfterEach
    void stop() {
        Command.run("sh", "-c", "! mountpoint -q " + merged + " || umount " + merged);
        client.close();
        registry.close();
        threads.shutdownNow();
    }

    @Test
    @DisplayName("S16 S22 the layers of an image, stacked by overlayfs, are the tree that umoci unpacks")
    void stacked_layers_are_the_image() throws IOException {
        LocalImage app = pulled("app");

        mount(app.layers());

        assertEquals(2, snapshots.lowers(app.layers()).size());
        String bundle = root.resolve("bundle").toString();
        Command.run("umoci", "unpack", "--keep-dirlinks", "--image", root.resolve("layout") + ":image", bundle);
        assertEquals(listing(Path.of(bundle, "rootfs")), listing(merged));
    }

    @Test
    @DisplayName("S16 S26 an image with all that layers can hold, and hide, is the tree that umoci unpacks")
    void a_nasty_image_is_the_same_entry_by_entry() throws IOException {
        layout.image("nasty")
                .layer("nasty", tree("nasty", NASTY), EVERYTHING)
                .layer("nasty", tree("nastier", NASTIER), EVERYTHING)
                .layer("nasty", tree("nastiest", NASTIEST), EVERYTHING);
        layout.push("nasty", registry.host() + "/nasty:v1", "--dest-compress-format", "zstd");

        mount(pulled("nasty").layers());

        String bundle = root.resolve("nasty").toString();
        Command.run("umoci", "unpack", "--keep-dirlinks", "--image", root.resolve("layout") + ":nasty", bundle);
        Map<String, String> here = listing(merged);
        assertEquals(listing(Path.of(bundle, "rootfs")), here);
        assertTrue(here.get("usr/bin/one").contains("security.capability"), here.get("usr/bin/one"));
    }

    @Test
    @DisplayName("S26 a file that an upper layer deletes is hidden, and still there in the lower layer")
    void whiteouts_hide_and_delete_nothing() throws IOException {
        LocalImage app = pulled("app");
        Path base = snapshots.lowers(app.layers()).getLast();

        mount(app.layers());

        assertFalse(Files.exists(merged.resolve("etc/name")));
        assertEquals("base\n", Files.readString(base.resolve("etc/name")));
        assertEquals(
                List.of("new"), List.of(merged.resolve("var/cache/old").toFile().list()));
        assertTrue(Files.exists(base.resolve("var/cache/old/blob")));
    }

    @Test
    @DisplayName("S23 two images with a common base have it on the disk once")
    void a_common_base_takes_its_space_once() throws IOException {
        LocalImage base = pulled("base");
        long before = kilobytes();

        LocalImage app = pulled("app");

        assertEquals(base.layers(), app.layers().subList(0, 1));
        assertEquals(
                snapshots.lowers(base.layers()).getFirst(),
                snapshots.lowers(app.layers()).getLast());
        assertTrue(before > 1000, before + " KiB");
        assertTrue(kilobytes() - before < 100, before + " and then " + kilobytes() + " KiB");

        images.remove(base.digest());
        assertEquals(2, snapshots.layers().size());
        images.remove(app.digest());
        assertEquals(0, snapshots.layers().size());
    }

    @Test
    @DisplayName("S16 S23 layers that need what is below them are joined when they are pulled, and share the rest")
    void pulled_layers_are_joined_with_what_is_below_them() throws IOException {
        byte[] loose = new TestTar()
                .file("tmp/new", "new")
                .hardLink("etc/alias", "etc/name")
                .ended();
        Path archive = Files.write(root.resolve("loose.tar"), loose);
        Command.run("umoci", "raw", "add-layer", "--image", root.resolve("layout") + ":image", archive.toString());
        layout.push("image", registry.host() + "/loose:v1", "--dest-compress-format", "gzip");
        Command.run("umoci", "new", "--image", root.resolve("layout") + ":broken");
        Command.run("umoci", "raw", "add-layer", "--image", root.resolve("layout") + ":broken", archive.toString());
        layout.push("broken", registry.host() + "/broken:v1", "--dest-compress-format", "gzip");
        LocalImage app = pulled("app");

        // The layer below deletes etc/name.
        assertRefused("loose", "etc/alias: it is a hard link to etc/name, which is no file of this layer");
        assertRefused("broken", "etc/alias: it is a hard link to etc/name, which is no file of this layer");
        assertEquals(Set.copyOf(app.layers()), snapshots.layers());

        layout.image("kept").layer("kept", tree("kept", BASE));
        Command.run("umoci", "raw", "add-layer", "--image", root.resolve("layout") + ":kept", archive.toString());
        layout.push("kept", registry.host() + "/kept:v1", "--dest-compress-format", "gzip");
        LocalImage kept = pulled("kept");
        mount(kept.layers());
        assertEquals("base\n", Files.readString(merged.resolve("etc/alias")));
        assertTrue(
                listing(merged).get("tmp").startsWith("d 1777"), listing(merged).get("tmp"));
        assertEquals(5, snapshots.layers().size(), "two of each image, and what joins those of one");
    }

    private void assertRefused(String path, String why) {
        PullOutcome.Failed failed = assertInstanceOf(PullOutcome.Failed.class, pull(path));
        assertTrue(failed.message().contains(why), failed.message());
    }

    private Path tree(String name, String script) throws IOException {
        Path tree = Files.createDirectory(root.resolve("tree-" + name));
        Command.run("sh", "-ec", "cd " + tree + "\n" + script);
        return tree;
    }

    private void mount(List<DiffId> layers) throws IOException {
        String lowers = snapshots.lowers(layers).stream().map(Path::toString).collect(Collectors.joining(":"));
        Command.run("mount", "-t", "overlay", "overlay", "-o", "ro,lowerdir=" + lowers, merged.toString());
    }

    /// All but the root, which a container has from its own layer.
    private static Map<String, String> listing(Path directory) throws IOException {
        Map<String, String> files = new TreeMap<>(TreeListing.of(directory));
        files.remove(".");
        return files;
    }

    private long kilobytes() {
        return Long.parseLong(
                Command.run("du", "-sk", root.resolve("snapshots").toString()).split("\\s")[0]);
    }

    private LocalImage pulled(String path) {
        return assertInstanceOf(PullOutcome.Pulled.class, pull(path)).image();
    }

    private PullOutcome pull(String path) {
        Reference reference = new Reference(new Repository(registry.host(), path), "v1", null);
        return images.pull(
                new PullRequest(reference, Platform.host(), Keyring.EMPTY, PullPolicy.IF_NOT_PRESENT),
                PullProgress.SILENT);
    }
}
