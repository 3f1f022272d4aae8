package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.layer.LayerPacker;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.snapshot.Snapshots;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A process that is killed while it removes images, and the next one on the same disk.
class KilledRemovalKernelTest {
    private static final int IMAGES = 8;

    private Path root;

    @BeforeEach
    void make() throws IOException {
        root = Files.createTempDirectory("slwgone");
    }

    @AfterEach
    void remove() throws IOException {
        TreeRemoval.remove(root);
    }

    @Test
    void each_image_is_whole_or_gone_and_nothing_is_left_of_those_that_went() throws Exception {
        Digest shared;
        try (Store store = new Store(root)) {
            for (int i = 0; i < IMAGES; i++) {
                store.register(i);
            }
            shared = store.images.list().getFirst().layers().getFirst().digest();
        }

        removeAndKill();

        try (Store store = new Store(root)) {
            List<LocalImage> left = store.images.list();
            assertTrue(!left.isEmpty() && left.size() < IMAGES, left.size() + " are left");
            Set<Digest> needed = new HashSet<>();
            Set<Digest> trees = new HashSet<>();
            for (LocalImage image : left) {
                needed.add(image.digest());
                needed.add(image.manifest().config().digest());
                image.manifest().layers().stream().map(Descriptor::digest).forEach(needed::add);
                image.layers().stream().map(DiffId::digest).forEach(trees::add);
            }
            assertTrue(trees.contains(shared));
            assertEquals(needed, store.content.list());
            Set<Digest> there = new HashSet<>();
            store.snapshots.layers().forEach(layer -> there.add(layer.digest()));
            assertEquals(trees, there);
        }
    }

    private void removeAndKill() throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Remover.class.getName(),
                        root.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader said = process.inputReader()) {
            assertEquals(
                    "removing 3",
                    said.lines().filter("removing 3"::equals).findFirst().orElse("it ended"));
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /// Removes images, says so, and leaves the last ones.
    static final class Remover {
        private Remover() {}

        public static void main(String[] arguments) throws Exception {
            Store store = new Store(Path.of(arguments[0]));
            List<LocalImage> all = store.images.list();
            for (int i = 0; i < all.size() - 2; i++) {
                System.out.println("removing " + i);
                store.images.remove(all.get(i).digest());
            }
            Thread.currentThread().join();
        }
    }

    /// Images on a disk, without a registry: all have one layer in common, and one of their own with some files.
    private static final class Store implements AutoCloseable {
        private static final int FILES = 60;

        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final RegistryClient registry = new RegistryClient(RegistrySettings.STANDARD);
        private final DirectoryContentStore content;
        private final Snapshots snapshots;
        private final DiskLayerTrees trees;
        private final HostImages images;
        private final Path scratch;

        Store(Path root) throws IOException {
            content = new DirectoryContentStore(root.resolve("content"), InstantSource.system());
            content.start();
            Repositories repositories = new Repositories(
                    root.resolve("repositories"), content, InstantSource.system(), InstantSource.system());
            repositories.start();
            snapshots = new Snapshots(root.resolve("snapshots"), sync -> {});
            snapshots.open();
            trees = new DiskLayerTrees(snapshots, LayerLimits.STANDARD, threads);
            images = new HostImages(
                    root.resolve("content/index.json"),
                    new HostImages.Stores(content, trees, repositories),
                    registry,
                    threads);
            images.start();
            scratch = root.resolve("scratch");
        }

        void register(int number) throws IOException {
            List<Descriptor> layers = new ArrayList<>();
            List<DiffId> diffIds = new ArrayList<>();
            for (String name : List.of("shared", "own-" + number)) {
                byte[] archive = archive(name);
                Descriptor layer = Descriptor.of(MediaType.OCI_LAYER, archive);
                content.put(layer, archive);
                DiffId diffId = new DiffId(layer.digest());
                if (!trees.isPresent(diffId)) {
                    try (LayerTrees.Unpacked tree =
                            trees.unpack(diffId, MediaType.OCI_LAYER, new ByteArrayInputStream(archive))) {
                        tree.commit();
                    }
                }
                layers.add(layer);
                diffIds.add(diffId);
            }
            byte[] config = ImageConfigCodec.write(
                    new ImageConfig(Platform.host(), null, RunParameters.EMPTY, diffIds, List.of()));
            Descriptor configured = Descriptor.of(MediaType.OCI_CONFIG, config);
            content.put(configured, config);
            byte[] manifest = ManifestCodec.write(new ImageManifest(configured, layers));
            Descriptor named = Descriptor.of(MediaType.OCI_MANIFEST, manifest);
            content.put(named, manifest);
            images.register(named, Set.of(), List.of());
        }

        private byte[] archive(String name) throws IOException {
            Files.createDirectories(scratch);
            for (int i = 0; i < FILES; i++) {
                Files.writeString(scratch.resolve("file-" + i), name + i);
            }
            ByteArrayOutputStream archive = new ByteArrayOutputStream();
            LayerPacker.pack(scratch, archive, Instant.EPOCH, LayerLimits.STANDARD);
            TreeRemoval.remove(scratch);
            return archive.toByteArray();
        }

        @Override
        public void close() {
            registry.close();
            threads.shutdownNow();
        }
    }
}
