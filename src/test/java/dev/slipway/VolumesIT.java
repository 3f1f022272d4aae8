package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Data that containers share with the host, with each other, and with those that come after them.
@ExtendWith(SharedEngine.class)
class VolumesIT {
    private static final String STAY = "; exec /bin/busybox sleep 600";
    private static final String CLAIM = """
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: %s}
            spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}%s}
            """;
    private static final String GIVEN = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: words}
            data: {word: before}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: more}
            data: {word: before}
            ---
            apiVersion: v1
            kind: Secret
            metadata: {name: quiet}
            stringData: {word: before}
            """;

    @Test
    @DisplayName("S45 S47 S49 a volume is mounted outside the overlay and outlives the container")
    void a_volume_outlives_the_container(EngineProcess engine) {
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: keep}
                spec: {type: Managed}
                """);
        String script = "echo x >> /keep/file; echo lines $(/bin/busybox wc -l < /keep/file); "
                + "/bin/busybox grep ' /keep ' /proc/self/mountinfo" + STAY;
        Sample sample = Sample.container("keeper", script)
                .with("volumes: [{name: v, volume: {name: keep}}]")
                .with("volumeMounts: [{name: v, mountPath: /keep}]")
                .in(engine);
        sample.wrote(engine, "lines 1");
        sample.wrote(engine, " /keep ");
        assertTrue(sample.logs(engine).lines().noneMatch(line -> line.contains("overlay")), sample.logs(engine));

        sample.delete(engine);
        sample.in(engine);

        sample.wrote(engine, "lines 2");
        sample.delete(engine);
        engine.kubectl("delete", "volume/keep").orFail();
    }

    @Test
    @DisplayName("S49 a claim is made from a snapshot of another")
    void a_claim_is_made_from_a_snapshot(EngineProcess engine) {
        engine.apply(CLAIM.formatted("first", ""));
        Sample writer = Sample.pod("writer", "echo before > /v/file; echo written" + STAY)
                .with("volumes: [{name: v, persistentVolumeClaim: {claimName: first}}]");
        engine.apply(mounted(writer));
        writer.wrote(engine, "written");

        engine.apply("""
                apiVersion: snapshot.storage.k8s.io/v1
                kind: VolumeSnapshot
                metadata: {name: early}
                spec: {source: {persistentVolumeClaimName: first}}
                """);
        engine.awaitField("volumesnapshot/early", ".status.readyToUse", "true");
        engine.kubectl("exec", "writer", "--", "/bin/busybox", "sh", "-c", "echo after > /v/file")
                .orFail();
        engine.apply(CLAIM.formatted(
                "second", ", dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: early}"));
        Sample reader = Sample.pod("restored", "/bin/busybox cat /v/file" + STAY)
                .with("volumes: [{name: v, persistentVolumeClaim: {claimName: second}}]");
        engine.apply(mounted(reader));

        reader.wrote(engine, "before");
        reader.delete(engine);
        writer.delete(engine);
        engine.kubectl("delete", "pvc/first", "pvc/second", "volumesnapshot/early")
                .orFail();
    }

    @Test
    void claims_volumes_and_snapshots_are_as_declared_once_they_can_be_used(EngineProcess engine, @TempDir Path disk) {
        String storage = CLAIM.formatted("asked", "") + """
                ---
                apiVersion: snapshot.storage.k8s.io/v1
                kind: VolumeSnapshot
                metadata: {name: asked-once}
                spec: {source: {persistentVolumeClaimName: asked}}
                ---
                apiVersion: v1
                kind: PersistentVolume
                metadata: {name: asked-by-nobody}
                spec:
                  accessModes: [ReadWriteOnce]
                  capacity: {storage: 1Mi}
                  storageClassName: none-asks-for
                  hostPath: {path: %s}
                """.formatted(disk);
        engine.apply(storage);

        engine.await(
                "slipway status to be content",
                () -> !engine.slipway("status").out().contains("/asked"));

        assertEquals("Bound", engine.field("pvc/asked", ".status.phase"));
        assertEquals("true", engine.field("volumesnapshot/asked-once", ".status.readyToUse"));
        assertEquals("Available", engine.field("pv/asked-by-nobody", ".status.phase"));
        engine.kubectlWith(storage, "delete", "-f", "-").orFail();
    }

    @Test
    void a_volume_in_memory_outlives_its_container(EngineProcess engine) {
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: quick}
                spec: {type: Memory, capacity: 1Mi, reclaimPolicy: Delete}
                """);
        Sample sample = Sample.container(
                        "fast",
                        "echo x >> /q/file; echo lines $(/bin/busybox wc -l < /q/file); "
                                + "/bin/busybox grep ' /q ' /proc/self/mountinfo" + STAY)
                .with("volumes: [{name: v, volume: {name: quick}}]")
                .with("volumeMounts: [{name: v, mountPath: /q}]")
                .in(engine);
        sample.wrote(engine, " - tmpfs ");
        sample.delete(engine);
        sample.in(engine);

        sample.wrote(engine, "lines 2");
        sample.delete(engine);
        engine.kubectl("delete", "volume/quick").orFail();
    }

    private static String mounted(Sample pod) {
        return pod.yaml()
                .replace(
                        "    imagePullPolicy: Never",
                        "    imagePullPolicy: Never\n    volumeMounts: [{name: v, mountPath: /v}]");
    }

    @Test
    @DisplayName("S46 a directory of the host is mounted, writable or read-only")
    void a_host_directory_is_mounted(EngineProcess engine, @TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("in"), "from the host\n");
        Sample sample = Sample.pod(
                        "hostpath",
                        "/bin/busybox cat /rw/in; echo out > /rw/out; echo x > /ro/x || echo read-only" + STAY)
                .with("volumes: [{name: h, hostPath: {path: %s, type: Directory}}]".formatted(folder));
        engine.apply(
                sample.yaml()
                        .replace(
                                "    imagePullPolicy: Never",
                                "    imagePullPolicy: Never\n    volumeMounts: [{name: h, mountPath: /rw}, {name: h, mountPath: /ro, readOnly: true}]"));

        sample.wrote(engine, "read-only");

        assertTrue(sample.logs(engine).contains("from the host"), sample.logs(engine));
        assertEquals("out\n", Files.readString(folder.resolve("out")));
        sample.delete(engine);
    }

    @Test
    @DisplayName("S44 a read-only root file system cannot be written")
    void a_read_only_root_cannot_be_written(EngineProcess engine) {
        Sample sample = Sample.container(
                        "readonly", "echo x > /x || echo shut; echo y > /tmp2/y && echo volume-open" + STAY)
                .with("securityContext: {readOnlyRootFilesystem: true}")
                .with("volumes: [{name: t, emptyDir: {}}]")
                .with("volumeMounts: [{name: t, mountPath: /tmp2}]")
                .in(engine);

        sample.wrote(engine, "volume-open");

        assertTrue(sample.logs(engine).contains("shut"), sample.logs(engine));
        sample.delete(engine);
    }

    /// What a pod is given by objects, as one pod reads it without a pause.
    private enum Given {
        CONFIG_MAP("/c/word", "patch", "configmap/words", "-p", "{\"data\": {\"word\": \"after\"}}"),
        SECRET("/s/word", "patch", "secret/quiet", "-p", "{\"stringData\": {\"word\": \"after\"}}"),
        LABEL("/d/word", "label", "--overwrite", "pod/reader", "word=after"),
        PROJECTED_CONFIG_MAP("/p/loud", "patch", "configmap/more", "-p", "{\"data\": {\"word\": \"after\"}}"),
        PROJECTED_LABEL("/p/label", "label", "--overwrite", "pod/reader", "other=after");

        private final String file;
        private final String[] change;

        Given(String file, String... change) {
            this.file = file;
            this.change = change;
        }
    }

    @Test
    void what_objects_give_changes_under_a_running_container(EngineProcess engine) {
        engine.apply(GIVEN);
        Sample sample = Sample.pod(
                        "reader",
                        "/bin/busybox grep ' /[sp] ' /proc/self/mountinfo; while true; do for f in %s; do read word < $f;"
                                        .formatted(Stream.of(Given.values())
                                                .map(each -> each.file)
                                                .collect(Collectors.joining(" ")))
                                + " echo $f $word; done; /bin/busybox usleep 50000; done")
                .with("volumes:")
                .with("- {name: c, configMap: {name: words}}")
                .with("- {name: s, secret: {secretName: quiet}}")
                .with(
                        "- {name: d, downwardAPI: {items: [{path: word, fieldRef: {fieldPath: \"metadata.labels['word']\"}}]}}")
                .with("- name: p")
                .with("  projected:")
                .with("    sources:")
                .with("    - configMap: {name: more, items: [{key: word, path: loud}]}")
                .with("    - secret: {name: quiet, items: [{key: word, path: still}]}")
                .with(
                        "    - downwardAPI: {items: [{path: label, fieldRef: {fieldPath: \"metadata.labels['other']\"}}]}");
        engine.apply(sample.yaml()
                .replace("{name: reader}", "{name: reader, labels: {word: before, other: before}}")
                .replace(
                        "    imagePullPolicy: Never",
                        "    imagePullPolicy: Never\n    volumeMounts: ["
                                + Stream.of("c", "s", "d", "p")
                                        .map("{name: %1$s, mountPath: /%1$s}"::formatted)
                                        .collect(Collectors.joining(", "))
                                + "]"));

        for (Given given : Given.values()) {
            sample.wrote(engine, given.file + " before\n");
            assertFalse(sample.logs(engine).contains(given.file + " after\n"), given + " changed with another");
            engine.kubectl(given.change).orFail();
            sample.wrote(engine, given.file + " after\n");
        }

        for (String secret : List.of("/s", "/p")) {
            assertTrue(
                    sample.logs(engine)
                            .lines()
                            .anyMatch(line -> line.contains(" " + secret + " ") && line.contains(" - tmpfs ")),
                    sample.logs(engine));
        }
        assertEquals("0", engine.field(sample.object(), ".status.containerStatuses[0].restartCount"));
        sample.delete(engine);
        engine.kubectl("delete", "configmap/words", "configmap/more", "secret/quiet")
                .orFail();
    }

    @Test
    void a_volume_begins_with_what_an_image_has_and_another_with_what_that_one_has(EngineProcess engine) {
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: seeded}
                spec: {type: Managed, reclaimPolicy: Delete, populate: {fromImagePath: {image: toolbox, path: /data}}}
                """);
        Sample first = Sample.container(
                        "sower", "/bin/busybox cat /v/seed.txt; echo and more >> /v/seed.txt; echo sown" + STAY)
                .with("volumes: [{name: v, volume: {name: seeded}}]")
                .with("volumeMounts: [{name: v, mountPath: /v}]")
                .in(engine);
        first.wrote(engine, "from the image\nsown\n");

        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: grafted}
                spec: {type: Managed, reclaimPolicy: Delete, populate: {fromVolume: {name: seeded}}}
                """);
        Sample second = Sample.container("reaper", "/bin/busybox cat /v/seed.txt" + STAY)
                .with("volumes: [{name: v, volume: {name: grafted}}]")
                .with("volumeMounts: [{name: v, mountPath: /v}]")
                .in(engine);

        second.wrote(engine, "from the image\nand more\n");
        first.delete(engine);
        second.delete(engine);
        engine.kubectl("delete", "volume/seeded", "volume/grafted").orFail();
    }

    @Test
    void an_image_is_mounted_to_be_read_and_not_executed(EngineProcess engine) {
        Sample sample = Sample.container(
                        "borrower",
                        "/bin/busybox cat /i/data/seed.txt; echo x > /i/x || echo read-only; /i/bin/busybox true || echo inert"
                                + STAY)
                .with("volumes: [{name: i, image: {reference: toolbox, pullPolicy: Never}}]")
                .with("volumeMounts: [{name: i, mountPath: /i}]")
                .in(engine);

        sample.wrote(engine, "inert");

        assertTrue(sample.logs(engine).contains("from the image\n"), sample.logs(engine));
        assertTrue(sample.logs(engine).contains("read-only\n"), sample.logs(engine));
        sample.delete(engine);
    }

    @Test
    void what_takes_space_is_said_and_what_nobody_needs_can_be_freed(EngineProcess engine) throws IOException {
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: spare}
                spec:
                  retention: {policy: WhileReferenced}
                  source: {build: {from: scratch, steps: [{copy: {to: /spare, content: spare}}]}}
                """);
        engine.await("the image to be unused", () -> !engine.field("image/spare", ".status.unusedSince")
                .isEmpty());

        JsonNode report = ObjectCodec.json()
                .readTree(engine.slipway("system", "df", "-o", "json").orFail().out());
        String table = engine.slipway("system", "df", "--verbose").orFail().out();
        String wish = engine.slipway("system", "prune", "--dry-run").orFail().out();

        assertEquals("images", report.at("/usage/0/kind").asText());
        assertTrue(report.at("/usage/0/count").asInt() >= 2, report.toPrettyString());
        assertTrue(report.at("/usage/0/bytes").asLong() >= Files.size(Path.of("/bin/busybox")));
        assertTrue(report.at("/usage/0/reclaimableBytes").asLong() > 0, report.toPrettyString());
        JsonNode objects = report.path("usage").path(report.path("usage").size() - 1);
        assertEquals("objects", objects.path("kind").asText());
        assertTrue(objects.path("bytes").asLong() > 0, report.toPrettyString());
        assertTrue(table.startsWith("TYPE ") && table.contains("anonymous volumes"), table);
        assertTrue(table.lines().anyMatch(line -> line.startsWith("spare") && line.endsWith("Z")), table);
        assertTrue(wish.contains("would remove image spare: unused for "), wish);
        String pruned = engine.slipway("system", "prune").orFail().out();
        assertTrue(pruned.contains("removed image spare: "), pruned);
        engine.awaitField("image/spare", ".status.conditions[?(@.type==\"Ready\")].reason", "Collected");
        assertEquals("True", engine.field("image/toolbox", ".status.conditions[?(@.type==\"Ready\")].status"));
        engine.kubectl("delete", "image/spare").orFail();
    }

    @Test
    void containers_of_a_pod_share_an_empty_directory(EngineProcess engine) {
        engine.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: shared}
                spec:
                  terminationGracePeriodSeconds: 1
                  initContainers:
                  - name: first
                    image: toolbox
                    command: [/bin/busybox, sh, -c, "echo from-init > /s/init"]
                    volumeMounts: [{name: s, mountPath: /s}]
                  containers:
                  - name: main
                    image: toolbox
                    command: [/bin/busybox, sh, -c, "/bin/busybox cat /s/init; exec /bin/busybox sleep 600"]
                    volumeMounts: [{name: s, mountPath: /s}]
                  volumes: [{name: s, emptyDir: {medium: Memory}}]
                """);

        engine.await(
                "the file of the init container",
                () -> engine.slipway("logs", "shared", "-c", "main").out().contains("from-init"));

        engine.kubectl("delete", "pod/shared", "--wait=true", "--timeout=20s").orFail();
    }
}
