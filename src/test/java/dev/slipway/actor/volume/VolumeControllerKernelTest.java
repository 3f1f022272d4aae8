package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.store.ObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rounds of the controller on a real store and real directories.
class VolumeControllerKernelTest {
    private static final ObjectKey KEY = new ObjectKey(new GroupResource("slipway.dev", "volumes"), "default", "data");
    private static final ObjectKey POD = new ObjectKey(GroupResource.core("pods"), "default", "web");

    @TempDir
    private Path folder = Path.of("");

    private VolumeRig rig;
    private ObjectStore store;
    private ObjectApi api;
    private VolumeController controller;

    @BeforeEach
    void open() throws Exception {
        rig = new VolumeRig(folder);
        store = rig.store;
        api = rig.api;
        controller = rig.volumes;
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @Test
    void a_managed_volume_gets_its_directory() throws Exception {
        volume("{type: Managed, ownership: {uid: 1000, gid: 1001, mode: '0750'}}");

        assertEquals(Result.SETTLED, round());

        Path path = path();
        assertEquals(1000, Files.getAttribute(path, "unix:uid"));
        assertEquals(1001, Files.getAttribute(path, "unix:gid"));
        assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        assertTrue(Conditions.isTrue(get().status(), "Ready"));
        assertEquals(0, get().status().path("bytesUsed").asLong(-1));
    }

    @Test
    void a_round_that_finds_nothing_to_do_writes_nothing() throws Exception {
        volume("{type: Managed}");
        round();
        long version = store.resourceVersion();

        round();

        assertEquals(version, store.resourceVersion());
    }

    @Test
    @DisplayName("S47 the data of a volume outlive its object unless it says otherwise")
    void retained_data_are_found_again() throws Exception {
        volume("{type: Managed}");
        round();
        Path path = path();
        Files.writeString(path.resolve("file"), "kept");

        delete();
        round();

        assertEquals(Optional.empty(), store.get(KEY));
        assertTrue(Files.exists(path.resolve("file")));
        volume("{type: Managed, reclaimPolicy: Delete}");
        round();
        assertEquals("kept", Files.readString(path().resolve("file")));
        delete();
        round();
        assertFalse(Files.exists(path), "Delete removes the data");
        assertEquals(Optional.empty(), store.get(KEY));
    }

    @Test
    void a_volume_in_use_waits_for_its_users() throws Exception {
        volume("{type: Managed, reclaimPolicy: Delete}");
        round();
        Path path = path();
        ApiObject pod = create("v1", "Pod", "web", VolumeRig.USER);
        assertEquals(List.of(KEY), List.copyOf(controller.concerned(pod)));
        round();
        assertEquals("web", get().status().at("/mountedBy/0/pod").asText());
        assertEquals("/data", get().status().at("/mountedBy/0/mountPath").asText());

        delete();
        round();
        round();

        assertTrue(Files.exists(path));
        assertEquals(
                "VolumeInUse",
                Conditions.find(get().status(), "Reconciling")
                        .map(Condition::reason)
                        .orElse(""));
        assertEquals(
                List.of("VolumeInUse"),
                store.list(GroupResource.core("events"), "").items().stream()
                        .map(event -> event.tree().path("reason").asText())
                        .toList());
        api.delete(kind("v1", "Pod"), POD, Deletion.PLAIN);
        round();
        assertTrue(Files.exists(path), "the pod still ends");
        api.remove(POD, pod.uid());
        round();
        assertFalse(Files.exists(path));
        assertEquals(Optional.empty(), store.get(KEY));
    }

    @Test
    void a_volume_that_goes_when_unused_stays_while_a_container_names_it_be_it_stopped() throws Exception {
        volume("{type: Managed, reclaimPolicy: DeleteWhenUnused}");
        ApiObject container = create("slipway.dev/v1alpha1", "Container", "worker", """
                spec: {image: x, desiredState: Stopped, volumes: [{name: v, volume: {name: data}}]}
                """);
        assertEquals(List.of(KEY), List.copyOf(controller.concerned(container)));
        ApiObject pod = create("v1", "Pod", "web", VolumeRig.USER);
        round();
        api.remove(POD, pod.uid());
        round();
        round();
        assertEquals("2026", get().status().path("unusedSince").asText().substring(0, 4));
        assertEquals(Optional.empty(), get().deletionTimestamp());

        ObjectKey key = new ObjectKey(new GroupResource("slipway.dev", "containers"), "default", "worker");
        store.delete(key, store.get(key).orElseThrow().resourceVersion());
        round();
        round();

        assertEquals(Optional.empty(), store.get(KEY));
    }

    @Test
    void an_anonymous_volume_stays_as_long_as_it_has_an_owner() throws Exception {
        create("slipway.dev/v1alpha1", "Volume", "data", """
                spec: {type: Managed, reclaimPolicy: DeleteWhenUnused}
                """);
        ObjectNode owned = get().copyTree();
        owned.withObject("/metadata")
                .putArray("ownerReferences")
                .addObject()
                .put("apiVersion", "slipway.dev/v1alpha1")
                .put("kind", "Container")
                .put("name", "worker")
                .put("uid", "uid-1");
        store.update(KEY, ApiObject.of(owned), get().resourceVersion());
        ApiObject pod = create("v1", "Pod", "web", VolumeRig.USER);
        round();
        api.remove(POD, pod.uid());

        round();
        round();

        assertEquals(Optional.empty(), get().deletionTimestamp());
    }

    @Test
    void a_volume_of_an_image_says_whether_anybody_has_it() throws Exception {
        volume("{type: Managed}");
        round();
        assertEquals(Optional.empty(), Conditions.find(get().status(), "Orphaned"), "a manifest asked for it");
        ObjectNode made = get().copyTree();
        made.withObject("/metadata/annotations").put("slipway.dev/image-path", "/data");
        made.withObject("/metadata").putArray("ownerReferences").addObject().put("uid", "uid-1");
        store.update(KEY, ApiObject.of(made), get().resourceVersion());
        round();
        assertEquals("False", orphaned());

        ObjectNode left = get().copyTree();
        left.withObject("/metadata").remove("ownerReferences");
        store.update(KEY, ApiObject.of(left), get().resourceVersion());
        round();
        assertEquals("True", orphaned());

        create("v1", "Pod", "web", VolumeRig.USER);
        round();
        assertEquals("False", orphaned());
    }

    private String orphaned() {
        return Conditions.find(get().status(), "Orphaned")
                .orElseThrow()
                .status()
                .toString();
    }

    @Test
    void a_volume_is_measured_when_its_users_change_and_then_rarely() throws Exception {
        volume("{type: Managed}");
        round();
        Files.write(path().resolve("file"), new byte[100_000]);

        round();
        assertEquals(0, get().status().path("bytesUsed").asLong(-1), "nobody uses it: it is not walked through");
        create("v1", "Pod", "web", VolumeRig.USER);
        Result.Again again = assertInstanceOf(Result.Again.class, round());
        long measured = get().status().path("bytesUsed").asLong();
        assertTrue(measured >= 100_000, "measured " + measured);
        assertEquals(Duration.ofMinutes(5), again.after());

        Files.write(path().resolve("more"), new byte[100_000]);
        rig.now = rig.now.plus(Duration.ofMinutes(4));
        assertEquals(
                Duration.ofMinutes(1),
                assertInstanceOf(Result.Again.class, round()).after());
        assertEquals(measured, get().status().path("bytesUsed").asLong());
        rig.now = rig.now.plus(Duration.ofMinutes(1));
        round();
        assertTrue(get().status().path("bytesUsed").asLong() >= 200_000);
    }

    @Test
    void a_host_path_has_to_be_there_and_is_never_removed() throws Exception {
        Path host = folder.resolve("host");
        volume("{type: HostPath, hostPath: {path: %s, type: Directory}}".formatted(host));

        assertInstanceOf(Result.Waiting.class, round());

        Condition ready = Conditions.find(get().status(), "Ready").orElseThrow();
        assertEquals(Condition.Status.FALSE, ready.status());
        assertTrue(ready.message().contains(host + " is not a directory"), ready.message());
        Files.createDirectory(host);
        Files.writeString(host.resolve("file"), "mine");
        assertEquals(Result.SETTLED, round());
        assertTrue(Conditions.isTrue(get().status(), "Ready"));
        assertEquals(host.toString(), get().status().path("path").asText());
        delete();
        round();
        assertEquals(Optional.empty(), store.get(KEY));
        assertTrue(Files.exists(host.resolve("file")));
    }

    @Test
    void a_volume_that_goes_with_its_last_user_goes() throws Exception {
        volume("{reclaimPolicy: DeleteWhenUnused}");
        round();
        round();
        Path path = path();
        ApiObject pod = create("v1", "Pod", "web", VolumeRig.USER);
        round();
        assertTrue(Files.exists(path), "it was not used before, and is used now");

        api.remove(POD, pod.uid());
        round();
        round();

        assertEquals(Optional.empty(), store.get(KEY));
        assertFalse(Files.exists(path));
    }

    @Test
    void a_volume_that_takes_most_of_its_capacity_says_so() throws Exception {
        volume("{capacity: 1Mi}");
        round();
        assertTrue(rig.message("data", "NearlyFull").startsWith("False: "), rig.message("data", "NearlyFull"));
        Files.write(path().resolve("file"), new byte[1_000_000]);
        create("v1", "Pod", "web", VolumeRig.USER);

        round();

        assertEquals("True: 1003520 of 1048576 bytes are used", rig.message("data", "NearlyFull"));
        assertEquals(1, get().status().path("inodesUsed").asInt());
        ObjectNode unbounded = get().copyTree();
        ((ObjectNode) unbounded.path("spec")).remove("capacity");
        store.update(KEY, ApiObject.of(unbounded), get().resourceVersion());
        round();
        assertEquals("", rig.message("data", "NearlyFull"), "without a capacity it is nothing");
    }

    @Test
    void a_volume_with_a_capacity_that_nobody_enforces_is_measured_every_few_seconds() throws Exception {
        volume("{capacity: 1Mi}");
        create("v1", "Pod", "web", VolumeRig.USER);
        Duration pause = assertInstanceOf(Result.Again.class, round()).after();
        boolean isCounted = rig.managed.isCounted(VolumeStorage.name(get()));
        assertEquals(isCounted ? Measurements.AFTER_COUNT : Duration.ofSeconds(10), pause);
        Files.write(path().resolve("file"), new byte[1_000_000]);
        rig.now = rig.now.plus(pause);

        round();

        assertTrue(rig.message("data", "NearlyFull").startsWith("True: "), rig.message("data", "NearlyFull"));
    }

    @Test
    void a_clock_that_is_set_forward_in_the_midst_of_a_walk_puts_off_no_measurement() throws Exception {
        rig.jump = Duration.ofHours(1);
        volume("{capacity: 1Mi}");
        create("v1", "Pod", "web", VolumeRig.USER);

        Duration pause = assertInstanceOf(Result.Again.class, round()).after();

        boolean isCounted = rig.managed.isCounted(VolumeStorage.name(get()));
        assertEquals(isCounted ? Measurements.AFTER_COUNT : Duration.ofSeconds(10), pause);
    }

    @Test
    void a_volume_with_a_capacity_says_who_keeps_it_to_that() throws Exception {
        volume("{capacity: 1Mi}");

        round();

        Condition enforced = Conditions.find(get().status(), "CapacityEnforced").orElseThrow();
        boolean isCounted = rig.managed.isCounted(VolumeStorage.name(get()));
        assertEquals(isCounted ? "ProjectQuota" : "NoProjectQuota", enforced.reason());
        assertEquals(isCounted ? Condition.Status.TRUE : Condition.Status.FALSE, enforced.status());
    }

    @Test
    void nobody_can_ask_for_the_hosts_data_to_be_removed() {
        ApiException refused = assertThrows(
                ApiException.class, () -> volume("{type: HostPath, hostPath: {path: /srv}, reclaimPolicy: Delete}"));

        assertEquals(422, refused.code());
    }

    private Result round() {
        return controller.reconcile(KEY);
    }

    private void volume(String spec) throws Exception {
        create("slipway.dev/v1alpha1", "Volume", "data", "spec: " + spec);
    }

    private void delete() throws ApiException {
        api.delete(kind("slipway.dev/v1alpha1", "Volume"), KEY, Deletion.PLAIN);
    }

    private ApiObject create(String apiVersion, String kind, String name, String body) throws Exception {
        return rig.create(apiVersion, kind, name, body);
    }

    private Kind kind(String apiVersion, String kind) {
        return rig.kind(apiVersion, kind);
    }

    private ApiObject get() {
        return store.get(KEY).orElseThrow();
    }

    private Path path() {
        return Path.of(get().status().path("path").asText());
    }
}
