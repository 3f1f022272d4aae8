package dev.slipway.engine.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.build.BuildRequest.RunLimits;
import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.cgroup.Placement;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.RuntimeLab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Steps that run programs, in real containers.
class RunStepKernelTest {
    private static final BuildStep TOOLS = new BuildStep.CopyFromHost(List.of("/bin/busybox"), false);

    @TempDir
    private Path directory;

    private RuntimeLab lab;
    private BuilderRig rig;
    private LocalImage base;
    private List<Path> mounts;

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        rig = new BuilderRig(Files.createDirectory(directory.resolve("rig")), lab.runtime(), lab.snapshots());
        base = rig.built(null, "base", TOOLS, BuilderRig.file("/etc/passwd", "root:x:0:0::/:\nweb:x:1000:1001::/:\n"))
                .image();
        mounts = lab.mounts();
    }

    @AfterEach
    void close() throws IOException {
        try {
            rig.close();
        } finally {
            lab.close();
        }
    }

    private static BuildStep.Action sh(String script) {
        return new BuildStep.Run(
                List.of("/bin/busybox", "sh", "-c", "busybox() { /bin/busybox \"$@\"; }; " + script), Map.of());
    }

    @Test
    @DisplayName("S24 a run step is one layer that holds what its program changed and nothing else")
    void a_run_step_is_one_layer() throws Exception {
        LocalImage image = rig.built(
                        base,
                        "ran",
                        sh("echo hi >/hello; busybox mkdir -p /srv/deep; echo x >/srv/deep/x; busybox mkdir /tmp;"
                                + " busybox touch /tmp/gone; busybox rm /tmp/gone; busybox rmdir /tmp"),
                        sh("busybox cat /hello >/copy"))
                .image();

        assertEquals(4, image.layers().size());
        assertEquals(Set.of("hello", "srv", "srv/deep", "srv/deep/x"), entries(rig.layer(image, 2)));
        assertEquals(Set.of("copy"), entries(rig.layer(image, 3)));
        assertEquals("hi\n", Files.readString(rig.layer(image, 3).resolve("copy")));
    }

    @Test
    @DisplayName("S26 what a program deletes is a whiteout in its layer, and other tools unpack the same tree")
    void deletions_are_whiteouts() throws Exception {
        LocalImage image = rig.built(
                        base,
                        "deleted",
                        sh("busybox mkdir -p /d/sub; echo 1 >/d/one; echo 2 >/d/two; echo 3 >/d/sub/three"),
                        sh("busybox rm /d/one; busybox rm -r /d/sub; busybox mkdir /d/sub; echo new >/d/sub/new;"
                                + " busybox ln /d/two /d/second; busybox mknod /d/pipe p; busybox chmod 4751 /d/two"))
                .image();

        assertTrue(isWhiteout(rig.layer(image, 3).resolve("d/one")));
        Path tree = rig.unpacked("deleted");
        assertEquals(Set.of("sub", "sub/new", "two", "second", "pipe"), entries(tree.resolve("d")));
        assertEquals(
                Files.getAttribute(tree.resolve("d/two"), "unix:ino"),
                Files.getAttribute(tree.resolve("d/second"), "unix:ino"));
        assertEquals(
                "104751",
                Command.run("stat", "-c", "%f", tree.resolve("d/two").toString())
                        .strip()
                        .transform(hex -> Integer.toOctalString(Integer.parseInt(hex, 16))));
    }

    @Test
    @DisplayName("S27 what a layer brings and deletes before it ends is in no layer")
    void a_layer_that_cleans_up_leaves_no_residue() throws Exception {
        LocalImage image = rig.built(
                        base,
                        "clean",
                        new BuildStep.Layer(List.of(
                                sh(
                                        "busybox mkdir -p /var/cache /var/lib; echo big >/var/cache/big; echo a >/var/lib/a"),
                                new BuildStep.Remove(List.of("/var/cache/*", "/etc/passwd")),
                                BuilderRig.file("/var/lib/b", "b"),
                                sh("echo c >>/var/lib/b"))))
                .image();

        assertEquals(3, image.layers().size());
        Path layer = rig.layer(image, 2);
        assertEquals(
                Set.of("etc", "etc/passwd", "var", "var/cache", "var/lib", "var/lib/a", "var/lib/b"), entries(layer));
        assertTrue(isWhiteout(layer.resolve("etc/passwd")));
        assertEquals("bc\n", Files.readString(layer.resolve("var/lib/b")));
        assertFalse(Command.run("tar", "tzf", rig.blob(image, 2).toString()).contains("big"));
    }

    @Test
    @DisplayName("S25 the same program makes the same layer again, and a known one does not run")
    void the_same_program_makes_the_same_layer() throws Exception {
        BuildStep[] steps = {sh("echo a >/a; busybox mkdir /b; echo c >/b/c"), sh("echo d >/d")};
        LocalImage first = rig.built(base, "same", steps).image();

        BuildOutcome.Built cached = rig.built(base, "same", steps);
        BuildOutcome.Built again = rig.uncached(base, "same", steps);
        BuildOutcome.Built changed = rig.built(base, "same", steps[0], sh("echo e >/d"));

        assertEquals(0, cached.layersMade());
        assertEquals(2, again.layersMade());
        assertEquals(first.digest(), again.image().digest());
        assertEquals(1, changed.layersMade());
        assertEquals(
                first.manifest().layers().subList(0, 3),
                changed.image().manifest().layers().subList(0, 3));
        assertNotEquals(first.digest(), changed.image().digest());
    }

    @Test
    @DisplayName("S40 a program of a build runs with the image's user and environment, and no more rights than others")
    void a_program_is_confined() throws Exception {
        BuildStep config = new BuildStep.Configure(
                Map.of("COLOUR", "blue"), "web", "/work", null, null, Set.of(), Set.of(), Map.of(), null, null, null);
        LocalImage image = rig.built(
                        base,
                        "confined",
                        sh(
                                "busybox mkdir /out; busybox chmod 777 /out; busybox grep Cap /proc/self/status >/out/caps;"
                                        + " busybox mount -t tmpfs none /out 2>/out/mount; busybox ls /sys/class/net >/out/net"),
                        config,
                        sh("busybox id -u >/out/id; busybox pwd >>/out/id; echo $COLOUR $SOURCE_DATE_EPOCH >>/out/id"))
                .image();

        Path first = rig.layer(image, 2);
        assertEquals(
                "1000\n/work\nblue 1\n", Files.readString(rig.layer(image, 3).resolve("out/id")));
        assertTrue(Files.readString(first.resolve("out/caps")).contains("CapEff:\t00000000a80425fb"));
        assertTrue(Files.readString(first.resolve("out/mount")).contains("denied"));
        assertEquals(Set.of("eth0", "lo"), new TreeSet<>(Files.readAllLines(first.resolve("out/net"))));
    }

    @Test
    void a_failing_program_is_quoted_and_leaves_nothing_but_the_steps_before_it() throws Exception {
        Set<Path> before = state();

        String message = rig.failure(base, "failing", sh("echo ok >/ok"), sh("echo first; echo oops >&2; exit 7"));

        assertTrue(message.startsWith("step 2 (run busybox() {"), message);
        assertTrue(message.endsWith("exit code 7, its last lines:\nfirst\noops"), message);
        assertNothingRuns();
        String log = Files.readString(rig.builder.log("failing"));
        assertTrue(log.contains("step 1 of 2: run") && log.contains(" stderr F oops"), log);
        BuildOutcome.Built mended = rig.built(base, "failing", sh("echo ok >/ok"), sh("echo fine"));
        assertEquals(1, mended.layersMade());
        rig.images.remove(mended.image().digest());
        rig.builder.forget("failing");
        assertEquals(before, state());
    }

    @Test
    void a_program_that_writes_much_is_quoted_in_short_and_its_log_is_rotated() throws Exception {
        String much =
                "busybox dd if=/dev/zero bs=1M count=21 2>/dev/null | busybox tr '\\0' x; echo; echo last; exit 7";

        String message = rig.failure(base, "loud", sh(much));

        Path log = rig.builder.log("loud");
        assertTrue(message.endsWith("\nlast") && message.contains("xxx...\n"), message);
        assertTrue(message.length() < 5_000, message);
        assertTrue(Files.exists(log.resolveSibling(log.getFileName() + ".2")));
        try (Stream<Path> parts = Files.list(log.resolveSibling(""))) {
            for (Path part : parts.toList()) {
                assertTrue(Files.size(part) <= 10 << 20, part::toString);
            }
        }
        rig.builder.forget("loud");
        try (Stream<Path> parts = Files.list(log.resolveSibling(""))) {
            assertEquals(List.of(log.resolveSibling("base.log")), parts.toList());
        }
    }

    @Test
    void of_several_actions_of_a_layer_the_one_that_fails_is_told() throws Exception {
        BuildStep.Action last = new BuildStep.Remove(List.of("/nothing"));
        BuildStep run = new BuildStep.Layer(List.of(sh("echo ok >/ok"), sh("echo oops; exit 7"), last));
        BuildStep remove = new BuildStep.Layer(List.of(sh("echo ok >/ok"), last));

        String message = rig.failure(base, "failing", sh("echo ok >/first"), run);

        assertTrue(message.startsWith("step 2 (run busybox() {"), message);
        assertTrue(message.contains("): action 2 of 3 (run busybox() {"), message);
        assertTrue(message.endsWith("): exit code 7, its last lines:\noops"), message);
        assertTrue(rig.failure(base, "failing", remove)
                .endsWith("): action 2 of 2 (remove /nothing): the image has no file /nothing"));
        rig.builder.forget("failing");
    }

    @Test
    void an_interrupted_build_ends_its_program() throws Exception {
        Thread building = Thread.ofPlatform().start(() -> {
            try {
                rig.outcomes.add(rig.builder.build(
                        BuilderRig.request(base, "endless", sh("echo begun; while true; do busybox sleep 0.1; done")),
                        BuildProgress.SILENT));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        RuntimeLab.await(() -> Files.exists(rig.builder.log("endless"))
                && Command.run("cat", rig.builder.log("endless").toString()).contains("F begun"));

        building.interrupt();

        building.join();
        assertInstanceOf(BuildOutcome.Interrupted.class, rig.outcomes.getFirst());
        assertNothingRuns();
    }

    private void assertNothingRuns() throws IOException {
        assertEquals(mounts, lab.mounts());
        assertEquals(List.of(), lab.runtime().list());
        assertEquals(Set.of(), lab.cgroups().pods());
        assertEquals(Set.of(), lab.snapshots().writables());
    }

    @Test
    void limits_reach_the_program_and_are_no_part_of_what_it_makes() throws Exception {
        RunLimits limits = new RunLimits(OptionalLong.of(500), OptionalLong.of(64 << 20), Duration.ofMinutes(5));
        BuildRequest free = BuilderRig.request(
                base,
                "limited",
                sh("trap 'echo hi >/hello; exit 0' USR1; echo ready; while true; do busybox sleep 0.05; done"));
        BuildRequest limited = new BuildRequest(free.id(), free.stages(), free.images(), free.names(), true, limits);

        FutureTask<BuildOutcome> building = new FutureTask<>(() -> rig.builder.build(limited, BuildProgress.SILENT));
        Thread.ofPlatform().start(building);
        RuntimeLab.await(() -> isReady(limited.id()));
        Attempt step = lab.runtime().list().getFirst().attempts().getFirst();
        String cpu = limit(step, "cpu.max", "cpu.cfs_quota_us");
        String memory = limit(step, "memory.max", "memory.limit_in_bytes");
        lab.runtime().signal(step.container(), 10);
        BuildOutcome first = building.get(60, TimeUnit.SECONDS);
        BuildOutcome second = rig.builder.build(free, BuildProgress.SILENT);

        assertTrue(cpu.matches("50000( 100000)?"), cpu);
        assertEquals(Long.toString(64 << 20), memory);
        LocalImage image = assertInstanceOf(BuildOutcome.Built.class, first, first::toString)
                .image();
        BuildOutcome.Built again = assertInstanceOf(BuildOutcome.Built.class, second, second::toString);
        assertEquals(0, again.layersMade());
        assertEquals(image.digest(), again.image().digest());
    }

    private boolean isReady(String build) {
        try {
            Path log = rig.builder.log(build);
            return Files.exists(log) && Files.readString(log).contains("ready\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the kernel has for a step, in the file of either version of cgroups.
    private String limit(Attempt step, String unified, String classic) throws IOException {
        CgroupName name = CgroupName.of(step.container().pod(), step.container().name() + "." + step.number());
        Placement placement = lab.cgroups().find(name);
        for (Path directory : Stream.concat(placement.unified().stream(), placement.classic().stream())
                .toList()) {
            for (String file : List.of(unified, classic)) {
                if (Files.exists(directory.resolve(file))) {
                    return Files.readString(directory.resolve(file)).strip();
                }
            }
        }
        throw new AssertionError("neither " + unified + " nor " + classic);
    }

    @Test
    void a_program_of_which_nothing_is_said_may_take_what_is_usual_and_any_other_what_is_said() throws Exception {
        BuildStep.Action greedy = sh("busybox dd if=/dev/zero of=/dev/null bs=64M count=1");
        ImageBuilder builder = rig.restarted(new ImageBuilder.Bounds(OptionalLong.of(32 << 20), true));
        BuildRequest silent = BuilderRig.request(base, "greedy", greedy);

        BuildOutcome usual = builder.build(silent, BuildProgress.SILENT);
        BuildOutcome allowed = builder.build(limited(silent, 128 << 20), BuildProgress.SILENT);
        BuildOutcome free = builder.build(limited(silent, 0), BuildProgress.SILENT);

        String failure = assertInstanceOf(BuildOutcome.Failed.class, usual).message();
        assertTrue(
                failure.contains("killed, because it needed more memory than its limit of 33554432 bytes, which"
                        + " resources.limits.memory of the build sets"),
                failure);
        assertInstanceOf(BuildOutcome.Built.class, allowed, allowed::toString);
        assertInstanceOf(BuildOutcome.Built.class, free, free::toString);
        assertNothingRuns();
    }

    private static BuildRequest limited(BuildRequest request, long memoryBytes) {
        RunLimits limits = new RunLimits(OptionalLong.empty(), OptionalLong.of(memoryBytes), Duration.ofMinutes(5));
        return new BuildRequest(request.id(), request.stages(), request.images(), request.names(), false, limits);
    }

    /// What there is on disk, but for cached keys.
    private Set<Path> state() throws IOException {
        Set<Path> all = new TreeSet<>();
        for (Path root : List.of(lab.root(), rig.content())) {
            try (Stream<Path> files = Files.walk(root)) {
                files.filter(file -> !file.getFileName().toString().equals("durable"))
                        .forEach(all::add);
            }
        }
        return all;
    }

    private static boolean isWhiteout(Path file) {
        return Command.run("stat", "-c", "%F %t,%T", file.toString()).startsWith("character special file 0,0");
    }

    private static Set<String> entries(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            return files.filter(file -> !file.equals(tree))
                    .filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS))
                    .map(file -> tree.relativize(file).toString())
                    .collect(Collectors.toSet());
        }
    }
}
