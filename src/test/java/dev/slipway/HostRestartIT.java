package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.registry.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What holds when the host has lost everything that runs and kept what is on disk.
class HostRestartIT {
    private static final String VOLUMES =
            Stream.of("web", "paused", "stopped").map("""
                    apiVersion: slipway.dev/v1alpha1
                    kind: Volume
                    metadata: {name: disk-%1$s}
                    spec: {type: Managed}
                    ---
                    apiVersion: slipway.dev/v1alpha1
                    kind: Volume
                    metadata: {name: memory-%1$s}
                    spec: {type: Memory, capacity: 1Mi}
                    """::formatted).collect(Collectors.joining("---\n"));
    private static final String FAIL_POWER = """
            set -eu
            find /sys/fs/cgroup -depth -type d -path '*/%1$s*' -exec rmdir {} +
            awk -v home='%2$s/' 'index($5, home) == 1 {print $5}' /proc/self/mountinfo | tac | xargs -r -n 1 umount -l
            ip link delete %3$s
            nft delete table ip %3$s
            for claim in /run/slipway-ids/*; do test "$(readlink "$claim")" != '%4$s' || rm "$claim"; done
            rm -r --one-file-system '%4$s'
            """;
    private static final String LOOP = "echo begun; while true; do /bin/busybox usleep 50000; done";

    @Test
    void a_container_waits_again_for_what_it_depends_on() throws Exception {
        try (EngineProcess engine = EngineProcess.start()) {
            engine.apply(SharedEngine.TOOLBOX);
            Sample back = Sample.container("back", LOOP)
                    .with("volumes: [{name: state, emptyDir: {medium: Memory}}]")
                    .with("volumeMounts: [{name: state, mountPath: /state}]")
                    .with("readinessProbe: {exec: {command: [/bin/busybox, test, -e, /state/ready]}, periodSeconds: 1}")
                    .in(engine)
                    .running(engine);
            Sample front = Sample.container("front", LOOP)
                    .with("dependsOn: [{name: back}]")
                    .in(engine);
            becomeReady(engine, back);
            front.running(engine);

            engine.stop();
            engine.slipway("dismantle").orFail();
            engine.restart();
            // Until the engine has looked, a status says what was.
            engine.awaitField(back.object(), ".status.restartCount", "1");
            back.running(engine);
            engine.awaitField(
                    front.object(),
                    ".status.conditions[?(@.type==\"DependenciesReady\")].message",
                    "waits for Container back to be Ready");
            engine.awaitField(front.object(), ".status.phase", "Pending");
            assertEquals("", engine.field(front.object(), ".status.pid"));
            becomeReady(engine, back);
            front.running(engine);
            assertTrue(Integer.parseInt(engine.field(front.object(), ".status.restartCount")) > 0);
        }
    }

    /// The power fails: nobody is told, and what is not on the disk is gone.
    @Test
    void all_that_was_there_before_the_power_failed_is_there_again() throws Exception {
        try (EngineProcess engine = SharedEngine.fresh()) {
            engine.apply(VOLUMES);
            String low = Command.sh("ip -4 -o address show " + Leftovers.bridge(engine))
                    .replaceFirst("(?s).*inet (\\d+\\.\\d+\\.\\d+)\\.1/.*", "$1.4");
            Sample fixed = Sample.container("fixed", LOOP)
                    .with("network: {address: %s}".formatted(low))
                    .in(engine)
                    .running(engine);
            Sample web = mounting("web").in(engine);
            Sample paused = mounting("paused").in(engine);
            Sample stopped = mounting("stopped").in(engine);
            Sample pod = Sample.pod("pod", LOOP).in(engine).running(engine);
            for (Sample each : List.of(web, paused, stopped)) {
                each.wrote(engine, "disk 1 memory 1");
            }
            engine.slipway("pause", "paused").orFail();
            engine.slipway("stop", "stopped").orFail();
            engine.awaitField(paused.object(), ".status.phase", "Paused");
            engine.awaitField(stopped.object(), ".status.phase", "Stopped");
            Path data = Path.of(engine.field("volume/disk-web", ".status.path")).resolve("file");

            failPower(engine);
            assertEquals("x\n", Files.readString(data));
            engine.restart();

            fixed.running(engine);
            engine.awaitField(fixed.object(), ".status.restartCount", "1");
            assertEquals(low, engine.field(fixed.object(), ".status.podIPs[0].ip"));
            web.running(engine);
            web.wrote(engine, "disk 2 memory 1");
            assertEquals("x\nx\n", Files.readString(data));
            engine.awaitField(web.object(), ".status.restartCount", "1");
            pod.running(engine);
            engine.awaitField(pod.object(), ".status.containerStatuses[0].restartCount", "1");
            engine.awaitField(paused.object(), ".status.phase", "Paused");
            assertEquals("Stopped", engine.field(stopped.object(), ".status.phase"));
            assertEquals("0", engine.field(stopped.object(), ".status.restartCount"));
            engine.slipway("resume", "paused").orFail();
            engine.slipway("start", "stopped").orFail();
            for (Sample each : List.of(paused, stopped)) {
                each.running(engine);
                each.wrote(engine, "disk 2 memory 1");
            }
            String users = engine.kubectl("exec", "web", "--", "/bin/busybox", "cat", "/proc/self/uid_map")
                    .orFail()
                    .out();
            assertFalse(users.matches("\\s*0\\s+0\\s+.*\n"), users);
        }
    }

    /// Counts its runs in a volume on the disk and in one in memory.
    private static Sample mounting(String name) {
        return Sample.container(
                        name,
                        "echo x >> /disk/file; echo x >> /memory/file; echo disk $(/bin/busybox wc -l < /disk/file)"
                                + " memory $(/bin/busybox wc -l < /memory/file); " + LOOP)
                .with("volumes: [{name: d, volume: {name: disk-%1$s}}, {name: m, volume: {name: memory-%1$s}}]"
                        .formatted(name))
                .with("volumeMounts: [{name: d, mountPath: /disk}, {name: m, mountPath: /memory}]");
    }

    private static void failPower(EngineProcess engine) throws Exception {
        engine.kill();
        // First those that would write down how their container ended.
        Leftovers.shimsOf(engine).forEach(ProcessHandle::destroyForcibly);
        engine.await("the shims to be gone", () -> Leftovers.shims(engine) == 0);
        Path cgroup = Leftovers.unifiedCgroups().resolve(Leftovers.cgroup(engine));
        Files.writeString(cgroup.resolve("cgroup.kill"), "1");
        engine.await("the containers to be gone", () -> read(cgroup.resolve("cgroup.events"))
                .contains("populated 0"));
        Command.sh(FAIL_POWER.formatted(
                Leftovers.cgroup(engine), engine.home().toRealPath(), Leftovers.bridge(engine), engine.run()));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void becomeReady(EngineProcess engine, Sample back) {
        back.touch(engine, "/state/ready");
        engine.kubectl("wait", "--for=condition=Ready", back.object(), "--timeout=20s")
                .orFail();
    }
}
