package dev.slipway.engine.build;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.id.PodUid;
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
import dev.slipway.engine.runtime.ContainerRuntime;
import dev.slipway.engine.runtime.FakeRuntime;
import dev.slipway.engine.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A builder on a disk of its own, with the real stores.
public final class BuilderRig implements AutoCloseable {
    private final Path root;
    private final LayerLimits limits;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final RegistryClient registry = new RegistryClient(RegistrySettings.STANDARD);
    final DirectoryContentStore content;
    final Snapshots snapshots;
    final HostImages images;
    final ImageBuilder builder;
    final List<BuildOutcome> outcomes = new CopyOnWriteArrayList<>();

    private final ContainerRuntime runtime;

    /// Without programs.
    public BuilderRig(Path root) throws IOException {
        this(root, LayerLimits.STANDARD);
    }

    /// @param limits of archives that are added
    BuilderRig(Path root, LayerLimits limits) throws IOException {
        this(
                root,
                new FakeRuntime(Instant.EPOCH),
                new Snapshots(root.resolve("snapshots"), ForkJoinPool.commonPool()),
                limits);
        snapshots.open();
    }

    /// @param runtime runs the programs of builds
    /// @param snapshots where the runtime has its layers
    public BuilderRig(Path root, ContainerRuntime runtime, Snapshots snapshots) throws IOException {
        this(root, runtime, snapshots, LayerLimits.STANDARD);
    }

    private BuilderRig(Path root, ContainerRuntime runtime, Snapshots snapshots, LayerLimits limits)
            throws IOException {
        this.root = root;
        this.limits = limits;
        this.runtime = runtime;
        content = new DirectoryContentStore(root.resolve("content"), InstantSource.system());
        content.start();
        this.snapshots = snapshots;
        images = new HostImages(
                root.resolve("content/index.json"),
                new HostImages.Stores(
                        content,
                        new DiskLayerTrees(snapshots, LayerLimits.STANDARD, threads),
                        new Repositories(
                                root.resolve("repositories"), content, InstantSource.system(), InstantSource.system())),
                registry,
                threads);
        images.start();
        builder = restarted();
    }

    /// A builder as it is after a start of the engine: it remembers nothing but what is on disk.
    ImageBuilder restarted() {
        return restarted(ImageBuilder.Bounds.NONE);
    }

    /// @param bounds of programs of which nothing is said
    ImageBuilder restarted(ImageBuilder.Bounds bounds) {
        return new ImageBuilder(
                root.resolve("builds"),
                new ImageBuilder.Rooms(images, content, snapshots, runtime, limits, bounds),
                InstantSource.system(),
                () -> new PodUid(UUID.randomUUID().toString()));
    }

    public BuildOutcome.Built built(@Nullable LocalImage base, String name, BuildStep... steps) throws Exception {
        return built(builder, base, name, steps);
    }

    static BuildOutcome.Built built(ImageBuilder builder, @Nullable LocalImage base, String name, BuildStep... steps)
            throws Exception {
        BuildOutcome outcome = builder.build(request(base, name, steps), BuildProgress.SILENT);
        return assertInstanceOf(BuildOutcome.Built.class, outcome, outcome::toString);
    }

    /// Builds stages on nothing but each other.
    public BuildOutcome.Built built(String name, List<BuildStage> stages) throws Exception {
        return built(builder, name, stages);
    }

    static BuildOutcome.Built built(ImageBuilder builder, String name, List<BuildStage> stages) throws Exception {
        BuildOutcome outcome = builder.build(
                new BuildRequest(name, stages, Map.of(), Set.of(Reference.parse(name)), true), BuildProgress.SILENT);
        return assertInstanceOf(BuildOutcome.Built.class, outcome, outcome::toString);
    }

    String failure(BuildStep... steps) throws Exception {
        return failure(null, "failing", steps);
    }

    static BuildRequest request(@Nullable LocalImage base, String name, BuildStep... steps) throws Exception {
        StageOrigin from = base == null ? new StageOrigin.Scratch() : new StageOrigin.Image("base");
        return new BuildRequest(
                name,
                List.of(new BuildStage(from, Arrays.asList(steps))),
                base == null ? Map.of() : Map.of("base", base),
                Set.of(Reference.parse(name)),
                true);
    }

    /// As if nothing was known of earlier builds.
    BuildOutcome.Built uncached(@Nullable LocalImage base, String name, BuildStep... steps) throws Exception {
        BuildRequest request = request(base, name, steps);
        BuildOutcome outcome = builder.build(
                new BuildRequest(request.id(), request.stages(), request.images(), request.names(), false),
                BuildProgress.SILENT);
        return assertInstanceOf(BuildOutcome.Built.class, outcome, outcome::toString);
    }

    String failure(@Nullable LocalImage base, String name, BuildStep... steps) throws Exception {
        BuildOutcome outcome = builder.build(request(base, name, steps), BuildProgress.SILENT);
        return assertInstanceOf(BuildOutcome.Failed.class, outcome, outcome::toString)
                .message();
    }

    static BuildStep.Action file(String to, String content) {
        return new BuildStep.CopyText(content, to, "0:0", 0644);
    }

    public DirectoryContentStore contentStore() {
        return content;
    }

    public Snapshots snapshots() {
        return snapshots;
    }

    public HostImages images() {
        return images;
    }

    /// Where blobs are.
    Path content() {
        return root.resolve("content");
    }

    /// The blob of one layer of an image, counted from the bottom.
    Path blob(LocalImage image, int number) {
        return content()
                .resolve("blobs/sha256")
                .resolve(image.manifest().layers().get(number).digest().hex());
    }

    static BuildStep text(String to, String content) {
        return new BuildStep.CopyText(content, to, "0:0", 0644);
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

    /// The image in an OCI layout of its own, as `<directory>:copy`.
    public String copied(String name) {
        Path layout = root.resolve("other-" + name);
        Command.run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "-q",
                "oci:" + root.resolve("content") + ":docker.io/library/" + name + ":latest",
                "oci:" + layout + ":copy");
        return layout + ":copy";
    }

    /// The image as umoci unpacks it.
    public Path unpacked(String name) throws IOException {
        Path layout = root.resolve("other-" + name);
        copied(name);
        Command.run(
                "umoci",
                "unpack",
                "--image",
                layout + ":copy",
                layout.resolve("bundle").toString());
        return layout.resolve("bundle/rootfs");
    }

    /// Where [#unpacked] has unpacked it.
    public Path unpackedBefore(String name) {
        return root.resolve("other-" + name).resolve("bundle/rootfs");
    }

    public String inspected(String name) {
        return Command.run(
                "skopeo",
                "inspect",
                "--config",
                "oci:" + root.resolve("content") + ":docker.io/library/" + name + ":latest");
    }

    /// The tree of one layer of an image, counted from the bottom.
    public Path layer(LocalImage image, int number) throws IOException {
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
