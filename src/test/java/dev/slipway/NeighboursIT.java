package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What those that misbehave do to one that does not. An engine of its own, on a small disk.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NeighboursIT {
    private static final int CROWD = 200;

    /// 20 MiB a second each.
    private static final String FILL =
            "while true; do /bin/busybox dd if=/dev/zero bs=1M count=2 2> /dev/null >> %s/fill; /bin/busybox usleep 100000; done";
    private static final String KEEP =
            "while true; do if /bin/busybox dd if=/etc/passwd of=/v/file conv=fsync 2> /dev/null; then echo kept;"
                    + " else echo failed; fi; /bin/busybox usleep 20000; done";

    private FreshDisk disk;
    private EngineProcess engine;

    @BeforeAll
    void start() throws IOException {
        disk = FreshDisk.make("1G", "mkfs.ext4 -q");
        engine = SharedEngine.fresh(disk.directory());
    }

    @AfterAll
    void stop() throws IOException {
        try {
            engine.close();
        } finally {
            disk.close();
        }
    }

    @Test
    @DisplayName("S43 what a container wrote to its layer is free on the disk when it is deleted")
    void who_fills_the_disk_beyond_its_limit_is_ended_before_others_feel_it() throws IOException {
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: kept}
                spec: {type: Managed, reclaimPolicy: Delete}
                """);
        Sample keeper = Sample.container("keeper", KEEP)
                .with("volumes: [{name: v, volume: {name: kept}}]")
                .with("volumeMounts: [{name: v, mountPath: /v}]")
                .in(engine);
        keeper.wrote(engine, "kept");
        long free = disk.freeBytes();
        Sample layer = Sample.container("glutton", FILL.formatted(""))
                .with("storageLayer: {sizeLimit: 30Mi}")
                .in(engine);
        Sample directory = Sample.pod("spendthrift", FILL.formatted("/e"))
                .with("volumes: [{name: e, emptyDir: {sizeLimit: 30Mi}}]");
        engine.apply(directory
                .yaml()
                .replace(
                        "    imagePullPolicy: Never",
                        "    imagePullPolicy: Never\n    volumeMounts: [{name: e, mountPath: /e}]"));
        engine.await("the disk to fill", () -> disk.freeBytes() < free - (30L << 20));

        Sample late = Sample.container("beside", "").in(engine).running(engine);
        engine.apply("""
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: beside}
                data: {word: %s}
                """.formatted("w".repeat(100_000)));
        engine.awaitField(layer.object(), ".status.reason", "Evicted");
        engine.awaitField(directory.object(), ".status.reason", "Evicted");
        long kept = keeper.logs(engine).lines().count();
        engine.await("more to be kept", () -> keeper.logs(engine).lines().count() > kept + 20);

        assertEquals(
                0,
                keeper.logs(engine).lines().filter(line -> !line.equals("kept")).count(),
                keeper.logs(engine));
        assertEquals("0", engine.field(keeper.object(), ".status.restartCount"));
        for (Sample each : List.of(layer, directory, late, keeper)) {
            each.delete(engine);
        }
        engine.await("what was filled to be free again", () -> disk.freeBytes() > free - (20L << 20));
        engine.kubectl("delete", "configmap/beside", "volume/kept").orFail();
    }

    @Test
    void a_flapping_crowd_starves_nobody() {
        Sample steady = Sample.container(
                        "steady", "i=0; while true; do i=$((i+1)); echo tick $i; /bin/busybox usleep 100000; done")
                .in(engine)
                .running(engine);
        engine.apply("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: crowd}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: crowd}}
                  template:
                    metadata: {labels: {app: crowd}}
                    spec:
                      containers: [{name: main, image: toolbox, imagePullPolicy: Never, command: [/bin/busybox, "false"]}]
                """.formatted(CROWD));

        Sample late = Sample.container("late", "while true; do /bin/busybox usleep 100000; done")
                .in(engine)
                .running(engine);
        assertEquals(
                "here\n",
                engine.slipway("exec", "late", "--", "/bin/busybox", "echo", "here")
                        .orFail()
                        .out());
        engine.slipway("kill", "late").orFail();
        engine.awaitField(late.object(), ".status.restartCount", "1");
        // Each waits ten seconds at least; two hundred starts take a while beside other tests, so that each quarter has
        // a deadline of its own.
        for (int quarter = 1; quarter <= 4; quarter++) {
            int wanted = CROWD * quarter / 4;
            engine.await(wanted + " to flap", () -> backingOff() >= wanted);
        }

        assertEquals("0", engine.field(steady.object(), ".status.restartCount"));
        long ticks = steady.logs(engine).lines().count();
        engine.await(
                "the steady one to go on", () -> steady.logs(engine).lines().count() > ticks + 3);
        String status = engine.field("deployment/crowd", ".status.conditions[?(@.type==\"Available\")].status");
        assertEquals("False", status);
        engine.kubectl("delete", "deployment", "crowd", "--cascade=foreground", "--wait=true", "--timeout=60s")
                .orFail();
        assertTrue(engine.kubectl("get", "pods", "-l", "app=crowd", "-o", "name")
                .out()
                .isEmpty());
        steady.delete(engine);
        late.delete(engine);
    }

    private long backingOff() {
        String restarts = engine.kubectl(
                        "get",
                        "pods",
                        "-l",
                        "app=crowd",
                        "-o",
                        "jsonpath={range .items[*]}{.status.containerStatuses[0].restartCount}{\"\\n\"}{end}")
                .out();
        return restarts.lines().filter(line -> line.matches("[1-9]\\d*")).count();
    }
}
