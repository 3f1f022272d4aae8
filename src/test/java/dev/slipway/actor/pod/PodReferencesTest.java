package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.PodState;
import dev.slipway.engine.runtime.SandboxOutcome;
import dev.slipway.engine.runtime.SandboxRequest;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pods that refer to other objects, which come, change and go.
class PodReferencesTest {
    private static final ObjectKey WORDS = new ObjectKey(GroupResource.core("configmaps"), "default", "words");

    @TempDir
    private Path folder = Path.of("");

    private final List<SandboxRequest> sandboxes = new ArrayList<>();
    private PodRig rig;

    @BeforeEach
    void open() throws IOException, InterruptedException, ApiException {
        rig = new PodRig(folder);
        rig.watchSandboxes(sandboxes::add);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void a_pod_without_an_address_tells_none() throws Exception {
        rig.runtime.behaveSandboxes(request -> new SandboxOutcome.Ready(new PodState.Sandbox("")));
        rig.pod("containers: [{name: main, image: a}]");

        rig.round();

        assertEquals("Running", rig.status("/phase"));
        assertFalse(rig.stored().status().has("podIP"));
        assertFalse(rig.stored().status().has("podIPs"));
    }

    @Test
    void a_container_waits_for_a_key_and_starts_when_it_comes() throws Exception {
        rig.pod("""
                containers:
                - name: main
                  image: a
                  env: [{name: WORD, valueFrom: {configMapKeyRef: {name: words, key: greeting}}}]
                """);
        rig.settle();
        assertEquals("CreateContainerConfigError", rig.status("/containerStatuses/0/state/waiting/reason"));
        assertEquals("configmap \"words\" not found", rig.status("/containerStatuses/0/state/waiting/message"));
        rig.assertEvent("Warning Failed: Error: configmap \"words\" not found");

        ApiObject words = rig.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: words}, data: {}}");
        assertEquals(Set.of(PodRig.podKey()), Set.copyOf(rig.concerned(words)));
        rig.settle();
        assertEquals(
                "couldn't find key greeting in ConfigMap default/words",
                rig.status("/containerStatuses/0/state/waiting/message"));

        rig.patch(WORDS, "{data: {greeting: hello}}");
        rig.settle();
        assertEquals("Running", rig.status("/phase"));
        assertEquals(List.of("WORD=hello"), rig.runtime.started().getLast().env());
    }

    @Test
    void what_must_not_run_as_root_is_not_created_from_an_image_that_would() throws Exception {
        rig.images.answer("named", ofUser("nginx:nginx"));
        rig.images.answer("numbered", ofUser("101:0"));
        rig.pod("""
                securityContext: {runAsNonRoot: true}
                containers:
                - {name: root, image: a}
                - {name: named, image: named}
                - {name: chosen, image: named, securityContext: {runAsUser: 101}}
                - {name: wrong, image: numbered, securityContext: {runAsUser: 0}}
                - {name: numbered, image: numbered}
                - {name: free, image: a, securityContext: {runAsNonRoot: false}}
                """);

        rig.settle();

        assertRefused("root", "container has runAsNonRoot and image will run as root");
        assertRefused(
                "named",
                "container has runAsNonRoot and image has non-numeric user (nginx), cannot verify user is non-root");
        assertRefused("wrong", "container's runAsUser breaks non-root policy");
        for (String name : List.of("chosen", "numbered", "free")) {
            assertTrue(rig.state(name).contains("running"), rig.state(name));
        }
        rig.assertEvent("Warning Failed: Error: container has runAsNonRoot and image will run as root"
                + " (pod: \"web_default(uid-2)\", container: root)");
    }

    private static Answer ofUser(String user) {
        return new Answer.Present(FakeImages.image(user, FakeImages.ofUser(user)), false);
    }

    private void assertRefused(String container, String message) {
        String state = rig.state(container);
        String words = "%s (pod: \\\"web_default(uid-2)\\\", container: %s)".formatted(message, container);
        assertTrue(state.contains("CreateContainerConfigError") && state.contains(words), state);
    }

    @Test
    void a_pod_waits_for_a_volume_of_files_and_follows_its_changes() throws Exception {
        rig.pod("""
                containers: [{name: main, image: a, volumeMounts: [{name: c, mountPath: /c}]}]
                volumes: [{name: c, configMap: {name: words}}]
                """);
        rig.settle();
        assertEquals("ContainerCreating", rig.status("/containerStatuses/0/state/waiting/reason"));
        rig.assertEvent(
                "Warning FailedMount: MountVolume.SetUp failed for volume \"c\" : configmap \"words\" not found");
        assertEquals(List.of(), sandboxes);
        String held = "MountVolume.SetUp failed for volume \"c\" : configmap \"words\" not found";
        assertEquals(held, rig.status("/containerStatuses/0/state/waiting/message"));

        rig.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: words}, data: {greeting: hello}}");
        rig.settle();
        assertEquals("hello", file("c", "greeting"));
        assertEquals(
                ContainerRequest.Access.READ_ONLY,
                rig.runtime.started().getLast().mounts().getFirst().access(),
                "writes would be lost");

        rig.patch(WORDS, "{data: {greeting: goodbye}}");
        rig.settle();
        assertEquals("goodbye", file("c", "greeting"));
        assertEquals("0", rig.status("/containerStatuses/0/restartCount"));
        int asked = sandboxes.size();
        rig.settle();
        assertEquals(asked, sandboxes.size(), "what is up to date is not asked for");
    }

    @Test
    void what_goes_away_under_a_running_pod_is_told_and_stays_mounted() throws Exception {
        rig.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: words}, data: {greeting: hello}}");
        rig.pod("""
                containers: [{name: main, image: a, volumeMounts: [{name: c, mountPath: /c}]}]
                volumes: [{name: c, configMap: {name: words}}]
                """);
        rig.settle();

        rig.store.delete(WORDS, rig.store.get(WORDS).orElseThrow().resourceVersion());
        rig.exit("main", 1);

        assertTrue(rig.state("main").contains("running"), "it is restarted with what is mounted");
        rig.assertEvent(
                "Warning FailedMount: MountVolume.SetUp failed for volume \"c\" : configmap \"words\" not found");
    }

    @Test
    void a_claim_waits_until_the_volume_of_its_name_is_ready() throws Exception {
        rig.pod("""
                containers: [{name: main, image: a, volumeMounts: [{name: d, mountPath: /d}]}]
                volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]
                """);
        rig.settle();
        rig.assertEvent(
                "Warning FailedMount: MountVolume.SetUp failed for volume \"d\" : neither a persistentvolumeclaim nor a volume \"data\" was found");

        rig.create("{apiVersion: slipway.dev/v1alpha1, kind: Volume, metadata: {name: data}}");
        rig.settle();
        rig.assertEvent(
                "Warning FailedMount: MountVolume.SetUp failed for volume \"d\" : volume \"data\" is not ready");

        rig.makeVolumeReady("data");
        rig.settle();
        assertEquals("Running", rig.status("/phase"));
        assertEquals(
                new PodVolume.Managed("default.data"),
                sandboxes.getLast().volumes().get("d"));
    }

    @Test
    void a_file_tells_the_address_that_the_sandbox_got() throws Exception {
        rig.pod("""
                containers:
                - name: main
                  image: a
                  env: [{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
                volumes: [{name: d, downwardAPI: {items: [{path: ip, fieldRef: {fieldPath: status.podIP}}]}}]
                """);

        rig.settle();

        assertEquals("10.88.0.2", file("d", "ip"));
        assertEquals(List.of("IP=10.88.0.2"), rig.runtime.started().getLast().env());
    }

    private String file(String volume, String path) {
        PodVolume.Projection files =
                (PodVolume.Projection) sandboxes.getLast().volumes().get(volume);
        return new String(files.files().get(path).content(), StandardCharsets.UTF_8);
    }
}
