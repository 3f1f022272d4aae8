package dev.slipway;

import dev.slipway.EngineProcess.Ran;
import dev.slipway.engine.registry.DockerRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// What the whole engine does with images, beside its peers and beside what plain tools need at least, in one run on
/// one machine. Prints tables and asserts nothing on time.
///
/// Runs take turns (ours, theirs, ours ...). What a run has made is removed before the next one, and what it has
/// written is brought to the disk; neither counts. Else those who sync what they have pulled, as Slipway and containerd
/// do with packed layers, would wait for what those before them have left.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ImageBenchmark {
    private static final int RUNS = 3;
    private static final String EIGHT = "bench/eight:gzip";

    /// What plain tools need for parts of a pull.
    private static final Map<String, String> LIMITS = Map.of(
            "bytes", "  of it: bytes over loopback (curl)",
            "digest", "  of it: bytes and their digest (curl, sha256sum)",
            "inflate", "  of it: bytes and decompression (curl, igzip or zstd)",
            "files", "the machine's limit: curl, sha256sum, igzip or zstd, tar");

    private BenchHost host;
    private EngineProcess engine;
    private Peers peers;
    private Path directory;
    private Declarations declarations;
    private DaemonPeer containerd;
    private DaemonPeer dockerd;

    /// Layers and blobs before the first pull.
    private int atFirst;

    @BeforeAll
    void start() throws Exception {
        host = BenchHost.start();
        engine = host.engine();
        peers = host.peers();
        peers.makeImages();
        directory = host.disk().directory();
        declarations = new Declarations(engine, host.client());
        containerd = DaemonPeer.containerd(directory);
        dockerd = DaemonPeer.dockerd(directory, containerd);
        atFirst = kept();
    }

    @AfterAll
    void stop() throws Exception {
        // What did not start has nothing to stop.
        try (BenchHost first = host;
                DaemonPeer second = containerd;
                DaemonPeer third = dockerd) {}
    }

    /// One of those that take turns.
    ///
    /// @param before is not measured, as `after` is not
    private record Contender(String what, Task before, Task task, Task after) {
        Contender(String what, Task task, Task after) {
            this(what, () -> {}, task, after);
        }
    }

    private interface Task {
        void run() throws Exception;
    }

    @Test
    @Order(1)
    void pull_of_an_image() throws Exception {
        for (String image : List.of("bench/one:gzip", EIGHT, "bench/eight:zstd")) {
            String name = image.replaceAll("[/:]", "-");
            List<Contender> all = new ArrayList<>();
            all.add(new Contender("slipway: an Image declared to Ready", () -> pull(name, image), () -> forget(name)));
            all.add(new Contender("podman pull", () -> peers.podmanPull(image), () -> peers.podmanRemove(image)));
            all.add(new Contender("skopeo copy, umoci unpack", () -> peers.skopeoAndUmoci(image), peers::removeCopies));
            List<String> refusals = new ArrayList<>();
            for (DaemonPeer daemon : List.of(containerd, dockerd)) {
                String reference = peers.registry() + "/" + image;
                Optional<String> why = daemon.refuses(reference);
                why.ifPresent(text -> refusals.add(daemon.name() + " pull: not measured: " + text));
                if (why.isEmpty()) {
                    all.add(new Contender(
                            daemon.name() + " pull" + unpigz(),
                            () -> daemon.pull(reference),
                            () -> daemon.remove(reference)));
                }
            }
            for (String part : List.of("bytes", "digest", "inflate", "files")) {
                all.add(new Contender(LIMITS.get(part), () -> peers.plainTools(image, part), peers::removeCopies));
            }
            compare("cold pull of " + image, all);
            refusals.forEach(System.out::println);
        }
    }

    /// Five steps of a Dockerfile on nothing but busybox. buildah has its quickest isolation: each program of ours runs
    /// in a container with cgroups and a network.
    @Test
    @Order(1)
    void build_of_five_steps() throws Exception {
        Path context =
                Files.createDirectories(directory.resolve("work/context")).getParent();
        Files.copy(Path.of("/bin/busybox"), context.resolve("busybox"));
        for (int i = 0; i < 200; i++) {
            Files.writeString(context.resolve("context/file" + i), "content " + i);
        }
        int[] builds = {0};
        compare(
                "build of five steps, cold",
                List.of(
                        new Contender(
                                "slipway: an Image declared to Ready",
                                () -> dockerfile(context, ++builds[0]),
                                () -> build("built", context),
                                () -> forget("built")),
                        new Contender(
                                "buildah bud --layers --isolation chroot",
                                () -> peers.build(context),
                                peers::removeBuilds)));
        build("known", context);
        peers.build(context);
        compare(
                "the same, nothing changed; aim: 50 ms",
                List.of(
                        new Contender(
                                "slipway: an Image declared to Ready",
                                () -> build("again", context),
                                () -> declarations.remove("images", "again")),
                        new Contender(
                                "buildah bud --layers --isolation chroot", () -> peers.build(context), () -> {})));
        forget("known");
        peers.removeBuilds();
    }

    /// Another one for each build that shall find nothing.
    private static void dockerfile(Path context, int build) throws IOException {
        Files.writeString(context.resolve("Dockerfile"), """
                FROM scratch
                ENV BUILD=%d
                COPY busybox /bin/busybox
                RUN ["/bin/busybox", "--install", "-s", "/bin"]
                RUN echo $BUILD > /cold && mkdir -p /srv/app
                COPY context /srv/app/
                RUN chown -R 1000:1000 /srv/app
                """.formatted(build));
    }

    private void build(String name, Path context) throws Exception {
        declare(name, """
                {"build": {"dockerfile": {"path": "%1$s/Dockerfile"}, "context": {"directory": {"path": "%1$s"}}}}
                """.formatted(context));
        declarations.await("images", name, "Ready");
    }

    /// As the kernel counts it, anew for each pull.
    @Test
    @Order(1)
    void memory_of_a_pull() throws Exception {
        System.out.println(String.format(
                Locale.ROOT, "%n%-58s %9s %9s", "engine, resident at most while it pulls, MiB", "median", "min"));
        for (String image : List.of("bench/heavy:20", "bench/heavy:400")) {
            double[] mebibytes = new double[RUNS];
            for (int run = 0; run < RUNS; run++) {
                Files.writeString(Path.of("/proc/" + engine.pid() + "/clear_refs"), "5");
                pull("heavy", image);
                mebibytes[run] = peakMebibytes();
                forget("heavy");
            }
            Samples peak = new Samples("  one layer of " + image.replaceAll(".*:", "") + " MB", mebibytes);
            System.out.println(
                    String.format(Locale.ROOT, "%-58s %9.1f %9.1f", peak.what(), peak.median(), peak.minimum()));
        }
    }

    /// Last, because Tags keep the image.
    @Test
    @Order(2)
    void push_of_an_image() throws Exception {
        pull("pushed", EIGHT);
        int[] pushes = {0};
        // A registry for each, because registries and skopeo remember what they have seen.
        DockerRegistry[] registry = new DockerRegistry[1];
        Task fresh = () -> registry[0] = registry("registry" + pushes[0]++);
        Task close = () -> registry[0].close();
        compare(
                "push of " + EIGHT + " to docker-registry",
                List.of(
                        new Contender(
                                "slipway: a Tag declared to its image pushed",
                                fresh,
                                () -> push("pushed" + pushes[0], registry[0].host()),
                                close),
                        new Contender(
                                "skopeo copy from an OCI layout",
                                fresh,
                                () -> peers.skopeoPush("eight", registry[0].host()),
                                close)));
    }

    @Test
    @Order(1)
    void image_to_an_archive_and_back() throws Exception {
        Path ours = directory.resolve("ours.tar");
        Path theirs = directory.resolve("theirs.tar");
        pull("kept", EIGHT);
        peers.podmanPull(EIGHT);
        compare(
                EIGHT + " to an OCI archive",
                List.of(
                        new Contender(
                                "slipway image save",
                                () -> engine.slipway("image", "save", "kept", "-f", ours.toString())
                                        .orFail(),
                                () -> {}),
                        new Contender(
                                "podman save",
                                () -> Files.deleteIfExists(theirs),
                                () -> peers.podmanSave(EIGHT, theirs),
                                () -> {})));
        forget("kept");
        peers.podmanRemove(EIGHT);
        compare(
                EIGHT + " from an OCI archive",
                List.of(
                        new Contender(
                                "slipway: an Image that imports it, declared to Ready",
                                () -> imported("back", ours),
                                () -> forget("back")),
                        new Contender("slipway image load, to Ready", () -> loaded("back", ours), () -> forget("back")),
                        new Contender("podman load", () -> peers.podmanLoad(theirs), () -> peers.podmanRemove(EIGHT))));
    }

    private void compare(String title, List<Contender> all) throws Exception {
        double[][] millis = new double[all.size()][RUNS];
        for (int run = 0; run < RUNS; run++) {
            for (int i = 0; i < all.size(); i++) {
                all.get(i).before().run();
                Ran.run(new ProcessBuilder("sync", "-f", directory.toString()), "")
                        .orFail();
                long start = System.nanoTime();
                all.get(i).task().run();
                millis[i][run] = (System.nanoTime() - start) / 1e6;
                all.get(i).after().run();
            }
        }
        Samples first = new Samples(all.getFirst().what(), millis[0]);
        System.out.println(Samples.header(title));
        for (int i = 0; i < all.size(); i++) {
            System.out.println(new Samples(all.get(i).what(), millis[i]).line(first));
        }
    }

    private void pull(String name, String image) throws Exception {
        String source = "{\"pull\": {\"reference\": \"%s/%s\"}}".formatted(peers.registry(), image);
        declare(name, source);
        declarations.await("images", name, "Ready");
    }

    private void imported(String name, Path archive) throws Exception {
        declare(name, "{\"import\": {\"format\": \"oci-layout\", \"path\": \"%s\"}}".formatted(archive));
        declarations.await("images", name, "Ready");
    }

    private void loaded(String name, Path archive) throws Exception {
        Ran ran = engine.slipway("image", "load", name, "-f", archive.toString());
        ran.orFail();
        declarations.await("images", name, "Ready");
    }

    private void declare(String name, String source) throws Exception {
        declarations.declare("images", """
                {"apiVersion": "slipway.dev/v1alpha1", "kind": "Image", "metadata": {"name": "%s"},
                 "spec": {"source": %s}}""".formatted(name, source));
    }

    /// Until nothing is left of it, or the next pull would be none.
    private void forget(String image) {
        declarations.remove("images", image);
        engine.await("all of " + image + " to be gone", () -> kept() <= atFirst);
    }

    private int kept() {
        return Stream.of("snapshots/layers", "content/blobs/sha256")
                .mapToInt(kept -> Objects.requireNonNull(
                                engine.root().resolve(kept).toFile().list())
                        .length)
                .sum();
    }

    private DockerRegistry registry(String name) throws IOException {
        return new DockerRegistry(Files.createDirectory(directory.resolve(name)), "");
    }

    private void push(String name, String registry) throws Exception {
        declarations.declare("registries", """
                {"apiVersion": "slipway.dev/v1alpha1", "kind": "Registry", "metadata": {"name": "%s"},
                 "spec": {"host": "%s"}}""".formatted(name, registry));
        declarations.declare("tags", """
                {"apiVersion": "slipway.dev/v1alpha1", "kind": "Tag", "metadata": {"name": "%1$s"},
                 "spec": {"repository": "bench/%1$s", "target": {"image": {"name": "pushed"}},
                  "push": [{"registry": "%1$s", "repository": "pushed/slipway", "tag": "1"}]}}""".formatted(name));
        declarations.await("tags", name, "Pushed");
    }

    private double peakMebibytes() throws IOException {
        return ProcessCosts.number(Path.of("/proc/" + engine.pid() + "/status"), "VmHWM") / 1024.0;
    }

    /// containerd and dockerd inflate gzip with it where it is installed, twice as fast.
    private static String unpigz() {
        return Ran.run(new ProcessBuilder("sh", "-c", "command -v unpigz"), "").code() == 0
                ? ", with unpigz"
                : ", without unpigz";
    }
}
