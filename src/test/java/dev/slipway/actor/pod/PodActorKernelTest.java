package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.image.PodImages;
import dev.slipway.actor.probe.Care;
import dev.slipway.actor.probe.HostChecks;
import dev.slipway.actor.resolve.Host;
import dev.slipway.actor.storage.StorageWatch;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.MalformedYamlException;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.desired.reconcile.Controllers;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.reconcile.TimerDelays;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.RuntimeLab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pods from their stored object to a process in the kernel and back, with everything real but the images, of
/// which there is one.
class PodActorKernelTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final StorageWatch.Pace QUICK = new StorageWatch.Pace(Duration.ofMillis(50), Duration.ofSeconds(1));
    private static final ObjectKey WEB = PodRig.podKey();
    private static final ObjectKey WORDS = new ObjectKey(GroupResource.core("configmaps"), "default", "words");

    @TempDir
    private Path folder = Path.of("");

    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final TimerDelays delays = new TimerDelays();
    private RuntimeLab lab;
    private ObjectStore store;
    private ObjectApi api;
    private EventRecorder recorder;
    private Controllers controllers;
    private Care care;
    private StorageWatch storage;

    private static final class OneImage implements PodImages {
        @Override
        public Answer ask(Question question) {
            return new Answer.Present(RuntimeLab.image(), false);
        }

        @Override
        public Optional<LocalImage> find(Digest image) {
            return Optional.of(RuntimeLab.image());
        }

        @Override
        public void forget(String podUid) {
            // Nothing is kept of questions.
        }
    }

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        store = SqliteObjectStore.open(folder);
        InstantSource clock = InstantSource.system();
        Schedule schedule = new Schedule(clock, delays, workers);
        api = new ObjectApi(
                store, Catalog.kinds(), clock, () -> UUID.randomUUID().toString());
        recorder = new EventRecorder(store, new EventSource("slipway", "host-a"), schedule);
        create("{apiVersion: v1, kind: Namespace, metadata: {name: default}}");
        startEngine(schedule);
    }

    @AfterEach
    void close() throws IOException {
        controllers.close();
        storage.close();
        care.close();
        recorder.close();
        store.close();
        lab.close();
        delays.close();
        workers.close();
    }

    private void startEngine(Schedule schedule) throws IOException, InterruptedException {
        care = Care.of(
                new HostChecks(lab.runtime(), "v1.35.0", workers), lab.runtime(), recorder, schedule, new Random(1));
        storage = new StorageWatch(lab.runtime(), schedule, QUICK);
        PodActor actor = new PodActor(
                new PodActor.Parts(lab.runtime(), new OneImage(), api, care, storage, recorder),
                new Host("host-a", "192.0.2.1", 4000, 8L << 30, 100L << 30),
                schedule);
        controllers = new Controllers(store, schedule, List.of(actor.controller()));
        actor.start(key -> controllers.touch(key));
        controllers.start();
    }

    @Test
    @DisplayName("S44 a pod that writes more than it may is evicted, and told what it has exceeded")
    void a_pod_that_fills_the_disk_is_evicted_with_what_it_has_exceeded() throws Exception {
        pod("""
                containers:
                - name: main
                  image: busybox
                  command: [/bin/sh, -c, "dd if=/dev/zero of=/full bs=64k count=48; sleep 1000"]
                  resources: {limits: {ephemeral-storage: 2Mi}}
                """);

        awaitStatus("/phase", "Failed");

        assertEquals("Evicted", status("/reason"));
        assertEquals(
                "Pod ephemeral local storage usage exceeds the total limit of containers 2Mi. ", status("/message"));
    }

    @Test
    void an_empty_directory_that_is_too_full_is_named() throws Exception {
        pod("""
                containers:
                - name: main
                  image: busybox
                  command: [/bin/sh, -c, "dd if=/dev/zero of=/data/full bs=64k count=48; sleep 1000"]
                  volumeMounts: [{name: data, mountPath: /data}]
                volumes: [{name: data, emptyDir: {sizeLimit: 1Mi}}]
                """);

        awaitStatus("/phase", "Failed");

        assertEquals("Usage of EmptyDir volume \"data\" exceeds the limit \"1Mi\". ", status("/message"));
    }

    @Test
    void a_pod_runs_says_why_it_ended_and_leaves_nothing() throws Exception {
        pod("""
                restartPolicy: Never
                containers:
                - name: main
                  image: busybox
                  command: [/bin/sh, -c, "echo on $NODE as $(hostname); echo no more fuel > /dev/termination-log; exit 7"]
                  env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
                """);

        awaitStatus("/phase", "Failed");

        assertEquals("7", status("/containerStatuses/0/state/terminated/exitCode"));
        assertEquals("no more fuel\n", status("/containerStatuses/0/state/terminated/message"));
        assertTrue(log().endsWith("on host-a as web\n"), log());
        delete();
        assertEquals(List.of(), lab.runtime().list());
    }

    @Test
    void a_config_map_reaches_a_running_container() throws Exception {
        create("{apiVersion: v1, kind: ConfigMap, metadata: {name: words}, data: {greeting: hello}}");
        pod("""
                terminationGracePeriodSeconds: 1
                containers:
                - name: main
                  image: busybox
                  command: [/bin/sh, -c, "while true; do cat /c/greeting; echo; sleep 0.02; done"]
                  volumeMounts: [{name: c, mountPath: /c}]
                volumes: [{name: c, configMap: {name: words}}]
                """);
        await("hello", () -> log().contains("hello"));

        api.patch(kind(WORDS), WORDS, new Patch.Merge(read("{data: {greeting: goodbye}}")), WriteOptions.by("test"));

        await("goodbye", () -> log().contains("goodbye"));
        assertEquals("0", status("/containerStatuses/0/restartCount"));
        delete();
    }

    @Test
    void a_killed_process_is_started_again_and_a_stubborn_one_killed() throws Exception {
        pod("""
                terminationGracePeriodSeconds: 1
                containers:
                - {name: main, image: busybox, command: [/bin/sh, -c, "trap '' TERM; while true; do sleep 0.1; done"]}
                """);
        awaitStatus("/phase", "Running");
        long pid = pid();

        kill(pid);

        awaitStatus("/containerStatuses/0/restartCount", "1");
        assertEquals("137", status("/containerStatuses/0/lastState/terminated/exitCode"));
        awaitStatus("/phase", "Running");
        long second = pid();
        delete();
        assertFalse(Files.exists(Path.of("/proc/" + second)));
    }

    @Test
    void a_container_that_fails_its_probe_is_ended_and_started_again() throws Exception {
        pod("""
                terminationGracePeriodSeconds: 1
                containers:
                - name: main
                  image: busybox
                  command: [/bin/sh, -c, "touch /well; sleep 600"]
                  readinessProbe: {exec: {command: [test, -e, /well]}, periodSeconds: 1}
                  livenessProbe: {exec: {command: [sh, -c, "test -e /well || { echo sick; exit 1; }"]}, periodSeconds: 1,
                    failureThreshold: 2}
                """);
        awaitStatus("/containerStatuses/0/ready", "true");

        Files.delete(Path.of("/proc/%d/root/well".formatted(pid())));

        awaitStatus("/containerStatuses/0/restartCount", "1");
        awaitStatus("/containerStatuses/0/ready", "true");
        List<String> words =
                List.of("Liveness probe failed: sick\n", "Container main failed liveness probe, will be restarted");
        await("the events", () -> store.list(GroupResource.core("events"), "").items().stream()
                .map(event -> event.tree().path("message").asText())
                .toList()
                .containsAll(words));
        delete();
    }

    @Test
    void hooks_run_in_the_container_after_its_begin_and_before_its_end() throws Exception {
        pod("""
                containers:
                - name: main
                  image: busybox
                  command: [/bin/sh, -c, "trap 'echo asked; exit 0' TERM; while true; do sleep 0.02; done"]
                  lifecycle:
                    postStart: {exec: {command: [sh, -c, "echo greeted > /proc/1/fd/1"]}}
                    preStop: {exec: {command: [sh, -c, "echo drained > /proc/1/fd/1"]}}
                """);
        awaitStatus("/phase", "Running");

        api.patch(
                kind(WEB),
                WEB,
                new Patch.Merge(
                        read("{metadata: {annotations: {%s: Stopped}}}".formatted(PodAnnotations.DESIRED_STATE))),
                WriteOptions.by("test"));

        awaitStatus("/containerStatuses/0/state/terminated/exitCode", "0");
        assertEquals("greeted\ndrained\nasked\n", log());
        delete();
    }

    @Test
    void a_running_container_gets_another_limit_without_a_restart() throws Exception {
        pod("""
                terminationGracePeriodSeconds: 1
                containers:
                - name: main
                  image: busybox
                  command: [/bin/sh, -c, "while true; do cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes;
                    sleep 0.02; done 2>/dev/null"]
                  resources: {limits: {memory: 64Mi}}
                """);
        await("the first limit", () -> log().contains("67108864\n"));

        api.patch(
                kind(WEB),
                WEB,
                new Patch.Strategic(read("{spec: {containers: [{name: main, resources: {limits: {memory: 96Mi}}}]}}")),
                new WriteOptions("test", "", WriteOptions.FieldValidation.STRICT, false, false, "resize"));

        await("the second limit", () -> log().contains("100663296\n"));
        awaitStatus("/containerStatuses/0/resources/limits/memory", "96Mi");
        assertEquals("0", status("/containerStatuses/0/restartCount"));
        delete();
    }

    private void kill(long pid) {
        assertTrue(ProcessHandle.of(pid).orElseThrow().destroyForcibly());
    }

    private long pid() {
        String text = lab.runtime()
                .find(uid())
                .orElseThrow()
                .attempts()
                .getLast()
                .state()
                .toString();
        return Long.parseLong(text.replaceFirst(".*pid=(\\d+).*", "$1"));
    }

    private void pod(String spec) throws ApiException {
        create("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n" + spec.indent(2));
    }

    private void create(String yaml) throws ApiException {
        ObjectNode tree = read(yaml);
        Kind kind = api.kinds()
                .find(tree.path("apiVersion").asText(), tree.path("kind").asText())
                .orElseThrow();
        api.create(kind, "default", tree, WriteOptions.by("test"));
    }

    private void delete() throws ApiException {
        api.delete(kind(WEB), WEB, Deletion.PLAIN);
        await("the pod to go", () -> store.get(WEB).isEmpty());
    }

    private Kind kind(ObjectKey key) {
        return api.kinds().find(key.resource()).orElseThrow();
    }

    private PodUid uid() {
        return new PodUid(store.get(WEB).map(ApiObject::uid).orElseThrow());
    }

    private String status(String pointer) {
        return store.get(WEB).orElseThrow().status().at(pointer).asText();
    }

    private void awaitStatus(String pointer, String value) {
        await(pointer + " to be " + value, () -> status(pointer).equals(value));
    }

    /// What the first run of the container wrote.
    private String log() {
        try {
            Path log = lab.runtime().log(new ContainerName(uid(), "main"), 0);
            StringBuilder text = new StringBuilder();
            for (String line : Files.exists(log) ? Files.readAllLines(log) : List.<String>of()) {
                text.append(line.split(" ", 4)[3]).append('\n');
            }
            return text.toString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(
                    System.nanoTime() < deadline,
                    () -> "no sign of " + what + ": "
                            + store.get(WEB)
                                    .map(pod -> pod.status().toPrettyString())
                                    .orElse("no pod"));
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static ObjectNode read(String yaml) {
        try {
            return (ObjectNode) YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))
                    .getFirst()
                    .tree();
        } catch (MalformedYamlException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
