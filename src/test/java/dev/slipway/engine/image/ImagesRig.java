package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.Patience;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.registry.Verification;
import dev.slipway.engine.repository.Repositories;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;

/// The image room on a temporary directory, with a registry beside it.
final class ImagesRig implements AutoCloseable {
    private static final Patience QUICK =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), 2, Duration.ofMillis(5), Duration.ofSeconds(1));

    final HostileRegistry registry = new HostileRegistry();
    final MemoryLayerTrees trees = new MemoryLayerTrees();
    final DirectoryContentStore content;
    final Repositories repositories;
    final HostImages images;
    private final Path root;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    final RegistryClient client;

    ImagesRig(Path root) throws IOException {
        this(root, QUICK);
    }

    ImagesRig(Path root, Patience patience) throws IOException {
        client = new RegistryClient(RegistrySettings.STANDARD, patience);
        this.root = root;
        content = new DirectoryContentStore(root, InstantSource.system());
        content.start();
        repositories =
                new Repositories(root.resolve("repositories"), content, InstantSource.system(), InstantSource.system());
        repositories.start();
        images = restarted();
    }

    /// The room as it is after the engine was started again on the same disk.
    HostImages restarted() throws IOException {
        HostImages again = new HostImages(
                root.resolve("index.json"), new HostImages.Stores(content, trees, repositories), client, threads);
        again.start();
        return again;
    }

    /// What pushes send from.
    ImagePusher.Sources sources() {
        return new ImagePusher.Sources(images, content, repositories);
    }

    /// Puts a mirror before the registry.
    void mirror(HostileRegistry mirror) {
        URI address = URI.create("http://" + mirror.host());
        client.use(() -> new RegistrySettings(
                Map.of(registry.host(), new RegistrySettings.Host(List.of(address), false, "", Keyring.EMPTY))));
    }

    /// Asks for signatures by a key.
    void verify(Verification.Mode mode, String publicKeyPem) {
        client.use(() -> new RegistrySettings(Map.of(
                registry.host(),
                new RegistrySettings.Host(List.of(), false, "", Keyring.EMPTY, new Verification(mode, publicKeyPem)))));
    }

    Reference reference(String path, String tag) {
        return new Reference(new Repository(registry.host(), path), tag, null);
    }

    PullOutcome pull(String path, String tag, PullPolicy policy) {
        return images.pull(
                new PullRequest(reference(path, tag), Platform.host(), Keyring.EMPTY, policy), PullProgress.SILENT);
    }

    LocalImage pulled(String path, String tag) {
        return assertInstanceOf(PullOutcome.Pulled.class, pull(path, tag, PullPolicy.IF_NOT_PRESENT))
                .image();
    }

    PullOutcome.Failed failed(String path, String tag) {
        return assertInstanceOf(PullOutcome.Failed.class, pull(path, tag, PullPolicy.IF_NOT_PRESENT));
    }

    /// Makes an image of layers that are here and one more.
    ///
    /// @param text of the last layer
    LocalImage made(TestImage image, String text, LocalImage... sources) throws IOException {
        byte[] manifest = ManifestCodec.write(image.manifest());
        Descriptor descriptor = Descriptor.of(MediaType.OCI_MANIFEST, manifest);
        Descriptor layer = image.manifest().layers().getLast();
        content.put(descriptor, manifest);
        content.put(image.manifest().config(), image.config());
        content.put(layer, image.blobs().getLast());
        try (var tree = trees.unpack(TestImage.diffId(text), MediaType.OCI_LAYER_GZIP, content.open(layer.digest()))) {
            tree.commit();
        }
        return images.register(descriptor, Set.of(reference("built", text)), List.of(sources));
    }

    /// Files of blobs that are still on their way in.
    List<Path> partials() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("ingest"))) {
            return files.toList();
        }
    }

    @Override
    public void close() {
        client.close();
        threads.shutdownNow();
        registry.close();
    }
}
