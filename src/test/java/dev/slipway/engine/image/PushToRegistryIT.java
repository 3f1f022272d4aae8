package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.Credentials;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.registry.ImageLayout;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.registry.RepositoryPattern;
import dev.slipway.engine.repository.Repositories;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pushes to Debian's `docker-registry`, with an image of a layer that takes several chunks.
class PushToRegistryIT {
    @TempDir
    Path root;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final RegistryClient client = new RegistryClient(RegistrySettings.STANDARD);
    private DockerRegistry origin;
    private HostImages images;
    private ImagePusher pusher;
    private LocalImage image;

    @BeforeEach
    void pull() throws Exception {
        origin = new DockerRegistry(Files.createDirectory(root.resolve("origin")), "");
        Path tree = Files.createDirectory(root.resolve("tree"));
        byte[] noise = new byte[20 << 20];
        new Random(7).nextBytes(noise);
        Files.write(tree.resolve("noise"), noise);
        new ImageLayout(root.resolve("layout"))
                .image("v1")
                .layer("v1", tree)
                .push("v1", origin.host() + "/acme/web:v1", "--dest-compress-format", "gzip");
        DirectoryContentStore content = new DirectoryContentStore(root.resolve("content"), InstantSource.system());
        content.start();
        Repositories repositories =
                new Repositories(root.resolve("repositories"), content, InstantSource.system(), InstantSource.system());
        images = new HostImages(
                root.resolve("index.json"),
                new HostImages.Stores(content, new MemoryLayerTrees(), repositories),
                client,
                threads);
        pusher = new ImagePusher(new ImagePusher.Sources(images, content, repositories), client, threads);
        image = assertInstanceOf(
                        PullOutcome.Pulled.class,
                        images.pull(
                                new PullRequest(Reference.parse(origin.host() + "/acme/web:v1")), PullProgress.SILENT))
                .image();
    }

    @AfterEach
    void close() {
        origin.close();
        client.close();
        threads.shutdownNow();
    }

    @Test
    @DisplayName("S52 what is pushed to a registry has the same digest there, and every byte")
    void what_is_pushed_to_a_registry_has_the_same_digest_there_and_every_byte() throws Exception {
        try (DockerRegistry registry = new DockerRegistry(Files.createDirectory(root.resolve("registry")), "")) {
            PushOutcome.Pushed pushed = pushed(registry.host() + "/team/app/web:v2", Keyring.EMPTY);
            PushOutcome.Pushed again = pushed(registry.host() + "/team/app/web:v2", Keyring.EMPTY);
            PushOutcome.Pushed other = pushed(registry.host() + "/team/app/web:v3", Keyring.EMPTY);

            assertEquals(image.digest(), pushed.digest());
            assertTrue(pushed.sentBytes() >= image.packedBytes());
            assertEquals(0, again.sentBytes());
            assertEquals(0, other.sentBytes());
            Path back = root.resolve("back");
            Command.run(
                    "skopeo",
                    "--insecure-policy",
                    "copy",
                    "-q",
                    "--src-tls-verify=false",
                    "docker://" + registry.host() + "/team/app/web:v2",
                    "dir:" + back);
            assertEquals(image.digest(), Digest.sha256(Files.readAllBytes(back.resolve("manifest.json"))));
            String layer = image.manifest().layers().getFirst().digest().hex();
            assertArrayEquals(
                    Files.readAllBytes(root.resolve("content/blobs/sha256/" + layer)),
                    Files.readAllBytes(back.resolve(layer)));
        }
    }

    @Test
    void layers_that_the_registry_has_in_another_repository_do_not_travel() {
        PushOutcome.Pushed pushed = pushed(origin.host() + "/other/web:v1", Keyring.EMPTY);

        assertEquals(image.digest(), pushed.digest());
        assertEquals(0, pushed.sentBytes());
    }

    @Test
    void a_registry_that_wants_credentials_gets_those_that_are_for_the_repository() throws Exception {
        Path directory = Files.createDirectory(root.resolve("registry"));
        // The password of anna is "secret".
        Files.writeString(
                directory.resolve("htpasswd"), "anna:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n");
        String auth = "auth:\n  htpasswd: {realm: test, path: " + directory.resolve("htpasswd") + "}";
        try (DockerRegistry registry = new DockerRegistry(directory, auth)) {
            PushOutcome refused = pusher.push(image, Reference.parse(registry.host() + "/acme/web:v1"), Keyring.EMPTY);
            Keyring keyring = new Keyring(List.of(new Keyring.Key(
                    RepositoryPattern.parse(registry.host() + "/acme"), new Credentials("anna", "secret"))));

            assertEquals(
                    PullOutcome.Reason.UNAUTHORIZED,
                    assertInstanceOf(PushOutcome.Failed.class, refused).reason());
            assertEquals(
                    image.digest(),
                    pushed(registry.host() + "/acme/web:v1", keyring).digest());
        }
    }

    private PushOutcome.Pushed pushed(String name, Keyring keyring) {
        try {
            PushOutcome outcome = pusher.push(image, Reference.parse(name), keyring);
            return assertInstanceOf(PushOutcome.Pushed.class, outcome, outcome::toString);
        } catch (InvalidReferenceException e) {
            throw new AssertionError(e);
        }
    }
}
