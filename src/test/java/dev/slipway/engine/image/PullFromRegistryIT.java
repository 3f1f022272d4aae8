package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.image.PullOutcome.AlreadyPresent;
import dev.slipway.engine.image.PullOutcome.Failed;
import dev.slipway.engine.image.PullOutcome.Pulled;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.registry.ImageLayout;
import dev.slipway.engine.registry.Keyring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Images made by other tools, pulled from a real registry.
@Timeout(180)
class PullFromRegistryIT {
    @TempDir
    private Path root;

    private DockerRegistry registry;
    private ImageLayout layout;
    private ImagesRig rig;

    @BeforeEach
    void start() throws IOException {
        registry = new DockerRegistry(Files.createDirectory(root.resolve("registry")), "");
        rig = new ImagesRig(Files.createDirectory(root.resolve("content")));
        layout = new ImageLayout(root.resolve("layout"));
        layout.image("base").layer("base", tree("base", "the base"));
    }

    @AfterEach
    void stop() {
        rig.close();
        registry.close();
    }

    @ParameterizedTest(name = "{0} {1}")
    @DisplayName("S51 images of either kind and every compression are pulled")
    @CsvSource({
        "oci, gzip, application/vnd.oci.image.layer.v1.tar+gzip",
        "oci, zstd, application/vnd.oci.image.layer.v1.tar+zstd",
        "v2s2, gzip, application/vnd.docker.image.rootfs.diff.tar.gzip",
    })
    void an_image_made_by_other_tools_is_pulled(String format, String compression, String type) {
        layout.config("base", "--config.env", "A=b", "--config.user", "7:8", "--config.volume", "/data");
        layout.config("base", "--config.entrypoint", "/init", "--config.cmd", "x y", "--config.workingdir", "/srv");
        layout.config("base", "--config.exposedports", "80/tcp", "--config.stopsignal", "SIGQUIT");
        layout.push("base", name("team/base:v1"), "--format", format, "--dest-compress-format", compression);

        LocalImage image = pulled("team/base", "v1");

        assertEquals(type, image.manifest().layers().getFirst().mediaType().value());
        RunParameters run = image.config().parameters();
        assertTrue(run.env().contains("A=b"), run.env().toString());
        assertEquals("7:8", run.user());
        assertEquals(Set.of("/data"), run.volumes());
        assertEquals(List.of("/init"), run.entrypoint());
        assertEquals(List.of("x y"), run.cmd());
        assertEquals("/srv", run.workingDir());
        assertEquals(Set.of("80/tcp"), run.exposedPorts());
        assertEquals("SIGQUIT", run.stopSignal());
    }

    @Test
    void the_same_layer_packed_otherwise_is_another_blob_and_the_same_tree() {
        layout.push("base", name("base:gzip"), "--dest-compress-format", "gzip");
        layout.push("base", name("base:zstd"), "--dest-compress-format", "zstd", "--format", "oci");

        LocalImage gzip = pulled("base", "gzip");
        LocalImage zstd = pulled("base", "zstd");

        assertEquals(gzip.layers(), zstd.layers());
        assertEquals(Set.copyOf(gzip.layers()), rig.trees.list());
    }

    @Test
    @DisplayName("S51 the image for this machine is chosen from an index in a real registry")
    void an_index_is_resolved_for_this_machine() throws IOException {
        TestImage mine = TestImage.of("mine");
        TestImage theirs = TestImage.of(new Platform("linux", "s390x", ""), "theirs");
        byte[] index = ManifestCodec.write(new ImageIndex(
                MediaType.OCI_INDEX,
                List.of(upload(theirs, new Platform("linux", "s390x", "")), upload(mine, Platform.host())),
                Map.of()));
        Descriptor top = registry.manifest("web", "v1", MediaType.OCI_INDEX, index);

        LocalImage image = pulled("web", "v1");

        assertEquals(mine.manifest(), image.manifest());
        assertEquals(Set.of(top.digest()), image.indexes());
    }

    @Test
    @DisplayName("S54 S55 S59 many repositories and many tags are pulled from one registry side by side")
    void repositories_and_tags_are_pulled_side_by_side() throws IOException {
        layout.push("base", name("ubuntu:14.04"));
        layout.layer("base", tree("more", "more")).push("base", name("ubuntu:16.04"));
        layout.push("base", name("jwilder/nginx-proxy:latest"));

        LocalImage older = pulled("ubuntu", "14.04");
        LocalImage newer = pulled("ubuntu", "16.04");
        LocalImage proxy = pulled("jwilder/nginx-proxy", "latest");

        assertEquals(Optional.of(older.digest()), found("ubuntu", "14.04"));
        assertEquals(Optional.of(newer.digest()), found("ubuntu", "16.04"));
        assertEquals(newer.digest(), proxy.digest());
        assertEquals(newer.layers().getFirst(), older.layers().getFirst());
    }

    @Test
    @DisplayName("S23 two images with a common base fetch and store the base once")
    void a_common_base_is_fetched_once() throws IOException {
        layout.push("base", name("base:v1"));
        layout.layer("base", tree("app", "app")).push("base", name("app:v1"));
        LocalImage base = pulled("base", "v1");

        Pulled app = assertInstanceOf(Pulled.class, pull("app", "v1", PullPolicy.IF_NOT_PRESENT));

        assertEquals(app.image().manifest().layers().getLast().sizeBytes(), app.fetchedBytes());
        assertEquals(base.layers(), app.image().layers().subList(0, 1));
        assertEquals(2, rig.trees.list().size());
    }

    @Test
    @DisplayName("S56 a tag that was moved in the registry is seen by a pull that asks")
    void a_tag_moved_in_the_registry_is_seen() throws IOException {
        layout.push("base", name("web:latest"));
        LocalImage first = pulled("web", "latest");
        assertInstanceOf(AlreadyPresent.class, pull("web", "latest", PullPolicy.ALWAYS));
        layout.layer("base", tree("changed", "changed")).push("base", name("web:latest"));

        Pulled second = assertInstanceOf(Pulled.class, pull("web", "latest", PullPolicy.ALWAYS));

        assertEquals(2, second.image().layers().size());
        assertEquals(Optional.of(second.image().digest()), found("web", "latest"));
        assertTrue(rig.images.find(first.digest()).isPresent());
    }

    @Test
    void a_registry_that_is_down_costs_nothing_that_is_here() {
        layout.push("base", name("web:latest"));
        LocalImage image = pulled("web", "latest");
        registry.close();

        Failed failed = assertInstanceOf(Failed.class, pull("web", "latest", PullPolicy.ALWAYS));

        assertEquals(PullOutcome.Reason.UNREACHABLE, failed.reason());
        assertEquals(Optional.of(image.digest()), found("web", "latest"));
        assertInstanceOf(AlreadyPresent.class, pull("web", "latest", PullPolicy.IF_NOT_PRESENT));
    }

    @Test
    void other_tools_read_the_content_directory() {
        layout.push("base", name("web:latest"));
        LocalImage image = pulled("web", "latest");

        String name = new Reference(new Repository(registry.host(), "web"), "latest", null).toString();
        String raw = Command.run("skopeo", "inspect", "--raw", "oci:" + root.resolve("content") + ":" + name);

        assertTrue(raw.contains(image.manifest().config().digest().value()), raw);
    }

    private Descriptor upload(TestImage image, Platform platform) throws IOException {
        registry.blob("web", MediaType.OCI_CONFIG, image.config());
        for (byte[] blob : image.blobs()) {
            registry.blob("web", MediaType.OCI_LAYER_GZIP, blob);
        }
        byte[] manifest = ManifestCodec.write(image.manifest());
        Descriptor stored =
                registry.manifest("web", "for-" + platform.architecture(), MediaType.OCI_MANIFEST, manifest);
        return new Descriptor(stored.mediaType(), stored.digest(), stored.sizeBytes(), platform, Map.of());
    }

    private Path tree(String name, String text) throws IOException {
        Path tree = Files.createDirectories(root.resolve("tree-" + name));
        Files.writeString(tree.resolve(name), text.repeat(10_000));
        return tree;
    }

    private String name(String image) {
        return registry.host() + "/" + image;
    }

    private Optional<Digest> found(String path, String tag) {
        return rig.images.find(reference(path, tag)).map(LocalImage::digest);
    }

    private LocalImage pulled(String path, String tag) {
        return assertInstanceOf(Pulled.class, pull(path, tag, PullPolicy.IF_NOT_PRESENT))
                .image();
    }

    private PullOutcome pull(String path, String tag, PullPolicy policy) {
        return rig.images.pull(
                new PullRequest(reference(path, tag), Platform.host(), Keyring.EMPTY, policy), PullProgress.SILENT);
    }

    private Reference reference(String path, String tag) {
        return new Reference(new Repository(registry.host(), path), tag, null);
    }
}
