package dev.slipway.door.distribution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.image.PushOutcome;
import dev.slipway.engine.image.TestImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.BlobPush;
import dev.slipway.engine.registry.Credentials;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RepositoryPattern;
import dev.slipway.engine.repository.Serving;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One engine pushes to a registry that another serves.
class PushToServedRegistryTest {
    private static final TestImage IMAGE = TestImage.of("base", "web");
    private static final Platform ELSEWHERE = new Platform("linux", "s390x", "");
    private static final TestImage OTHER = TestImage.of(ELSEWHERE, "base", "other");

    @TempDir
    Path root;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private RegistryRig here;
    private RegistryRig there;
    private ImagePusher pusher;

    @BeforeEach
    void open() throws Exception {
        here = RegistryRig.open(Files.createDirectory(root.resolve("here")));
        there = RegistryRig.open(Files.createDirectory(root.resolve("there")));
        pusher = new ImagePusher(
                new ImagePusher.Sources(here.images, here.content, here.repositories), here.client, threads);
    }

    @AfterEach
    void close() {
        there.close();
        here.close();
        threads.shutdownNow();
    }

    /// An image for this host, out of an index of two that was pushed here whole.
    private LocalImage image() throws Exception {
        Descriptor one = pushed(IMAGE);
        Descriptor other = pushed(OTHER);
        byte[] index = ManifestCodec.write(
                new ImageIndex(MediaType.OCI_INDEX, List.of(on(Platform.host(), one), on(ELSEWHERE, other)), Map.of()));
        RegistryRig.expect(201, here.manifest("acme/web", "v1", MediaType.OCI_INDEX, index));
        PullOutcome outcome =
                here.images.pull(new PullRequest(Reference.parse(here.host + "/acme/web:v1")), PullProgress.SILENT);
        return assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString)
                .image();
    }

    private static Descriptor on(Platform platform, Descriptor manifest) {
        return new Descriptor(manifest.mediaType(), manifest.digest(), manifest.sizeBytes(), platform, Map.of());
    }

    private Descriptor pushed(TestImage image) throws Exception {
        here.blob("acme/web", image.config());
        for (byte[] blob : image.blobs()) {
            here.blob("acme/web", blob);
        }
        byte[] manifest = ManifestCodec.write(image.manifest());
        String digest = Digest.sha256(manifest).value();
        RegistryRig.expect(201, here.manifest("acme/web", digest, MediaType.OCI_MANIFEST, manifest));
        return Descriptor.of(MediaType.OCI_MANIFEST, manifest);
    }

    private PushOutcome.Pushed push(LocalImage image, String name, Keyring keyring) throws Exception {
        PushOutcome outcome = pusher.push(image, Reference.parse(name), keyring);
        return assertInstanceOf(PushOutcome.Pushed.class, outcome, outcome::toString);
    }

    @Test
    @DisplayName("S52 an index that is here whole is pushed whole, to another engine and to Debian's registry")
    void an_index_that_is_here_whole_is_pushed_whole() throws Exception {
        LocalImage image = image();
        Digest index = image.indexes().iterator().next();

        PushOutcome.Pushed pushed = push(image, there.host + "/team/web:v2", Keyring.EMPTY);

        assertEquals(index, pushed.digest());
        Reference name = Reference.parse(there.host + "/team/web:v2");
        assertEquals(2, there.repositories.find(name).orElseThrow().manifests().size());
        assertEquals(
                3, there.repositories.contents(name.repository()).manifests().size());
        assertEquals(0, push(image, there.host + "/team/web:v3", Keyring.EMPTY).sentBytes());
        try (DockerRegistry registry = new DockerRegistry(Files.createDirectory(root.resolve("debian")), "")) {
            assertEquals(
                    index,
                    push(image, registry.host() + "/team/web:v2", Keyring.EMPTY).digest());
            Reference at = Reference.parse(registry.host() + "/team/web:v2");
            ImageIndex kept = assertInstanceOf(
                    ImageIndex.class, here.client.manifest(at, Keyring.EMPTY).manifest());
            for (Descriptor each : kept.manifests()) {
                here.client.manifest(at.pinned(each.digest()), Keyring.EMPTY);
            }
        }
    }

    @Test
    void layers_that_another_repository_there_has_do_not_travel() throws Exception {
        LocalImage image = image();
        push(image, there.host + "/team/web:v1", Keyring.EMPTY);

        PushOutcome.Pushed pushed = push(image, there.host + "/other/web:v1", Keyring.EMPTY);

        assertEquals(0, pushed.sentBytes());
    }

    @Test
    @DisplayName("S61 each repository is pushed with the credentials that are for it")
    void each_repository_is_pushed_with_the_credentials_that_are_for_it() throws Exception {
        LocalImage image = image();
        there.serve(
                Serving.Access.TOKEN,
                List.of(
                        new Serving.User("web", "one", List.of("team/web"), List.of("team/web")),
                        new Serving.User("app", "two", List.of("team/app"), List.of("team/app"))),
                List.of("team/*"),
                false);
        Keyring keyring = new Keyring(List.of(
                key(there.host + "/team/web", new Credentials("web", "one")),
                key(there.host + "/team/app", new Credentials("app", "two"))));

        push(image, there.host + "/team/web:v1", keyring);
        push(image, there.host + "/team/app:v1", keyring);
        PushOutcome refused = pusher.push(image, Reference.parse(there.host + "/team/api:v1"), keyring);

        assertEquals(
                PullOutcome.Reason.UNAUTHORIZED,
                assertInstanceOf(PushOutcome.Failed.class, refused).reason());
        assertEquals(2, there.repositories.list().size());
    }

    private static Keyring.Key key(String pattern, Credentials credentials) {
        return new Keyring.Key(RepositoryPattern.parse(pattern), credentials);
    }

    @Test
    void a_blob_of_several_chunks_whose_source_breaks_is_gone_on_with_where_it_broke() throws Exception {
        byte[] bytes = new byte[20 << 20];
        new Random(5).nextBytes(bytes);
        Descriptor blob = Descriptor.of(MediaType.OCI_LAYER, bytes);
        List<Long> offsets = new CopyOnWriteArrayList<>();
        BlobPush.Source source = offset -> {
            offsets.add(offset);
            int end = offsets.size() == 2 ? (int) offset + (3 << 20) : bytes.length;
            return new ByteArrayInputStream(bytes, (int) offset, end - (int) offset) {
                @Override
                public synchronized int read(byte[] target, int from, int length) {
                    int count = super.read(target, from, length);
                    if (count < 0) {
                        throw new UncheckedIOException(new IOException("broken on purpose"));
                    }
                    return count;
                }
            };
        };

        BlobPush.Sent sent =
                here.client.push(new Repository(there.host, "team/web"), blob, source, Optional.empty(), Keyring.EMPTY);

        assertEquals(BlobPush.Sent.UPLOADED, sent);
        assertArrayEquals(bytes, there.content.read(blob.digest(), bytes.length));
        assertEquals(8L << 20, offsets.get(1));
        assertTrue(offsets.stream().anyMatch(offset -> offset > 8L << 20 && offset <= 11L << 20), offsets::toString);
        assertEquals(List.of(), there.partials());
    }
}
