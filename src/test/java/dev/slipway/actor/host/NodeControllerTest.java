package dev.slipway.actor.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Decoding;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.FakeDelays;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeControllerTest {
    private static final long GIB = 1L << 30;
    private static final NodeSettings SETTINGS =
            new NodeSettings("edge", "1.2.3", "v1.34.0+slipway.1.2.3", Optional.empty());

    @TempDir
    private Path folder = Path.of("");

    private Instant now = Instant.parse("2026-01-31T08:00:00Z");
    private long freeDisk = 50 * GIB;
    private HostFacts.Inodes inodes = new HostFacts.Inodes(1000, 900);
    private boolean isBroken;
    private ObjectStore store;
    private ObjectApi api;
    private NodeController controller;

    @BeforeEach
    void open() throws Exception {
        InstantSource clock = () -> now;
        store = SqliteObjectStore.open(folder);
        api = new ObjectApi(
                store, Catalog.kinds(), clock, () -> UUID.randomUUID().toString());
        Schedule schedule = new Schedule(clock, new FakeDelays(), Runnable::run);
        controller = new NodeController(
                api,
                this::facts,
                SETTINGS,
                new EventRecorder(store, new EventSource("slipway", "edge"), schedule),
                clock);
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @Test
    void the_first_round_makes_the_node() {
        round();

        ApiObject node = node();
        assertEquals("linux", node.labels().get("kubernetes.io/os"));
        assertEquals("amd64", node.labels().get("kubernetes.io/arch"));
        assertEquals("4", node.status().at("/capacity/cpu").asText());
        assertEquals("8388608Ki", node.status().at("/allocatable/memory").asText());
        assertEquals(
                "slipway://1.2.3",
                node.status().at("/nodeInfo/containerRuntimeVersion").asText());
        assertEquals("10.0.0.5", node.status().at("/addresses/0/address").asText());
        assertEquals("True", condition("Ready").path("status").asText());
        assertEquals(
                "KubeletHasNoDiskPressure",
                condition("DiskPressure").path("reason").asText());
        Decoding decoding = Decoding.of(node.copyTree(), kind(), true);
        assertEquals(List.of(), decoding.unknown());
        assertEquals(List.of(), decoding.mistyped());
    }

    @Test
    void nothing_is_written_while_nothing_changes() {
        round();
        long version = store.resourceVersion();

        now = now.plusSeconds(600);
        round();

        assertEquals(version, store.resourceVersion());
    }

    @Test
    void a_full_disk_is_told_and_its_relief_is_not_told_too_early() {
        round();
        now = now.plusSeconds(60);

        freeDisk = 9 * GIB;
        round();

        assertEquals("True", condition("DiskPressure").path("status").asText());
        assertEquals(
                "2026-01-31T08:01:00Z",
                condition("DiskPressure").path("lastTransitionTime").asText());
        assertEquals(
                List.of("NodeHasDiskPressure", "Starting"),
                store.list(GroupResource.core("events"), "").items().stream()
                        .map(event -> event.tree().path("reason").asText())
                        .sorted()
                        .toList());
        freeDisk = (long) (10.5 * GIB);
        round();
        assertEquals("True", condition("DiskPressure").path("status").asText());
        freeDisk = 12 * GIB;
        round();
        assertEquals("False", condition("DiskPressure").path("status").asText());
    }

    @Test
    void a_disk_without_inodes_is_told_however_much_room_it_has() {
        inodes = new HostFacts.Inodes(1000, 50);
        round();
        assertEquals("False", condition("DiskPressure").path("status").asText());

        inodes = new HostFacts.Inodes(1000, 49);
        round();

        assertEquals("True", condition("DiskPressure").path("status").asText());
        assertEquals(
                "KubeletHasDiskPressure",
                condition("DiskPressure").path("reason").asText());
        assertEquals(
                "host has insufficient inodes available",
                condition("DiskPressure").path("message").asText());
        inodes = new HostFacts.Inodes(1000, 54);
        round();
        assertEquals("True", condition("DiskPressure").path("status").asText());
        inodes = new HostFacts.Inodes(1000, 55);
        round();
        assertEquals("False", condition("DiskPressure").path("status").asText());
        assertEquals(
                "host has sufficient disk space available",
                condition("DiskPressure").path("message").asText());
    }

    @Test
    void a_file_system_that_counts_no_inodes_is_not_short_of_them() {
        inodes = new HostFacts.Inodes(0, 0);

        round();

        assertEquals("False", condition("DiskPressure").path("status").asText());
    }

    @Test
    void a_host_that_keeps_no_list_of_devices_says_so_and_others_are_silent() throws Exception {
        NodeSettings open = new NodeSettings("edge", "1.2.3", "v1.34.0", Optional.of("no cgroup2"));

        ObjectNode status = NodeRenderer.status(MissingNode.getInstance(), facts(), open, now);

        Condition told = Conditions.find(status, "DeviceListNotEnforced").orElseThrow();
        assertEquals(Condition.Status.TRUE, told.status());
        assertEquals("containers are held to no list of devices: no cgroup2", told.message());
        round();
        assertTrue(Conditions.find(node().status(), "DeviceListNotEnforced").isEmpty());
    }

    @Test
    void a_host_whose_firewall_keeps_pods_from_others_says_so() throws Exception {
        HostFacts blocked = facts().with(Optional.of("nothing passes"));

        ObjectNode status = NodeRenderer.status(MissingNode.getInstance(), blocked, SETTINGS, now);

        Condition told = Conditions.find(status, "NetworkUnavailable").orElseThrow();
        assertEquals(Condition.Status.TRUE, told.status());
        assertEquals("nothing passes", told.message());
        round();
        assertTrue(Conditions.find(node().status(), "NetworkUnavailable").isEmpty());
    }

    @Test
    void labels_and_taints_of_others_stay() throws Exception {
        round();
        ObjectNode changes = (ObjectNode) ObjectCodec.yaml()
                .readTree("{metadata: {labels: {mine: mine, kubernetes.io/os: other}}, spec: {unschedulable: true}}");
        api.patch(kind(), controller.key(), new Patch.Merge(changes), WriteOptions.by("alice"));

        round();

        assertEquals("mine", node().labels().get("mine"));
        assertEquals("linux", node().labels().get("kubernetes.io/os"));
        assertTrue(node().spec().path("unschedulable").asBoolean());
    }

    @Test
    void a_node_that_somebody_deletes_comes_back() throws Exception {
        round();
        api.delete(kind(), controller.key(), Deletion.PLAIN);

        round();

        assertEquals("True", condition("Ready").path("status").asText());
    }

    @Test
    void a_host_that_cannot_be_read_is_looked_at_again() {
        isBroken = true;

        assertInstanceOf(Result.Waiting.class, controller.reconcile(controller.key()));
    }

    private void round() {
        assertInstanceOf(Result.Again.class, controller.reconcile(controller.key()));
    }

    private HostFacts facts() throws IOException {
        if (isBroken) {
            throw new IOException("unreadable, by this test");
        }
        return new HostFacts(
                "edge",
                "10.0.0.5",
                new HostFacts.System("m", "u", "b", "6.18.0", "Debian GNU/Linux 12 (bookworm)", "x86_64"),
                new HostFacts.Resources(4, 8 * GIB, 4 * GIB, 100 * GIB, freeDisk, inodes, 100, 32768));
    }

    private ApiObject node() {
        return store.get(controller.key()).orElseThrow();
    }

    private JsonNode condition(String type) {
        for (JsonNode condition : node().status().path("conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        throw new AssertionError("no condition " + type);
    }

    private Kind kind() {
        return api.kinds().find(GroupResource.core("nodes")).orElseThrow();
    }
}
