package dev.slipway.engine.build;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.image.DiskLayerTrees;
import dev.slipway.engine.image.HostImages;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A builder on a disk of its own, with the real stores.
final class BuilderRig implements AutoCloseable {
    private final Path root;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final RegistryClient registry = new RegistryClient(RegistrySettings.STANDARD);
    final DirectoryContentStore content;
    final Snapshots snapshots;
    final HostImages images;
    final ImageBuilder builder;

    BuilderRig(Path root) throws IOException {
        this.root = root;
        content = new DirectoryContentStore(root.resolve("content"), InstantSource.system());
        content.start();
        snapshots = new Snapshots(root.resolve("snapshots"), threads);
        snapshots.open();
        images = new HostImages(
                root.resolve("content/index.json"),
                new HostImages.Stores(
                        content,
                        new DiskLayerTrees(snapshots, LayerLimits.STANDARD, threads),
                        new Repositories(root.resolve("repositories"), content, InstantSource.system())),
                registry,
                threads);
        images.start();
        builder = restarted();
    }

    /// A builder as it is after a start of the engine: it remembers nothing but what is on disk.
    ImageBuilder restarted() {
        return new ImageBuilder(root.resolve("builds"), images, content, snapshots, InstantSource.system());
    }

    BuildOutcome.Built built(@Nullable LocalImage base, String name, BuildStep... steps) throws Exception {
        return built(builder, base, name, steps);
    }

    static BuildOutcome.Built built(ImageBuilder builder, @Nullable LocalImage base, String name, BuildStep... steps)
            throws Exception {
        BuildOutcome outcome = builder.build(request(base, name, steps), BuildProgress.SILENT);
        return assertInstanceOf(BuildOutcome.Built.class, outcome, outcome::toString);
    }

    String failure(BuildStep... steps) throws Exception {
        BuildOutcome outcome = builder.build(request(null, "failing", steps), BuildProgress.SILENT);
        return assertInstanceOf(BuildOutcome.Failed.class, outcome, outcome::toString)
                .message();
    }

    static BuildRequest request(@Nullable LocalImage base, String name, BuildStep... steps) throws Exception {
        return new BuildRequest(base, Arrays.asList(steps), Set.of(Reference.parse(name)));
    }

    static BuildStep text(String to, String content) {
        return new BuildStep.CopyText(content, to, FileOwner.ROOT, 0644);
    }

    static BuildStep host(String... paths) {
        return new BuildStep.CopyFromHost(List.of(paths), true);
    }

    /// Everything on the disk, with time and size, to see that nothing was written.
    Map<Path, String> everything() throws IOException {
        Map<Path, String> found = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.toList()) {
                found.put(
                        file,
                        Files.getAttribute(file, "unix:ino", LinkOption.NOFOLLOW_LINKS)
                                + " "
                                + Files.getAttribute(file, "unix:ctime", LinkOption.NOFOLLOW_LINKS));
            }
        }
        return found;
    }

    /// The image as umoci unpacks it.
    Path unpacked(String name) throws IOException {
        Path layout = root.resolve("other-" + name);
        Command.run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "-q",
                "oci:" + root.resolve("content") + ":docker.io/library/" + name + ":latest",
                "oci:" + layout + ":copy");
        Command.run(
                "umoci",
                "unpack",
                "--image",
                layout + ":copy",
                layout.resolve("bundle").toString());
        return layout.resolve("bundle/rootfs");
    }

    String inspected(String name) {
        return Command.run(
                "skopeo",
                "inspect",
                "--config",
                "oci:" + root.resolve("content") + ":docker.io/library/" + name + ":latest");
    }

    /// The tree of one layer of an image, counted from the bottom.
    Path layer(LocalImage image, int number) throws IOException {
        return snapshots.lowers(List.of(image.layers().get(number))).getFirst();
    }

    @Override
    public void close() throws IOException {
        registry.close();
        threads.shutdownNow();
        try (Stream<Path> all = Files.list(root)) {
            for (Path each : all.toList()) {
                TreeRemoval.remove(each);
            }
        }
    }
}
