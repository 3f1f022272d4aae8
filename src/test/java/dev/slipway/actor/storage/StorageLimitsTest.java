package dev.slipway.actor.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.engine.runtime.StorageUsage;
import dev.slipway.engine.runtime.StorageUsage.Amount;
import dev.slipway.engine.runtime.StorageUsage.OfContainer;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StorageLimitsTest {
    private static final long MIB = 1 << 20;

    @Test
    void a_container_is_counted_with_its_logs() throws IOException {
        StorageLimits limits =
                limits("{containers: [{name: a, resources: {limits: {ephemeral-storage: 10Mi}}}," + " {name: b}]}");

        assertEquals(Optional.empty(), limits.excess(usage(Map.of("a", used(6, 4), "b", used(99, 0)), Map.of())));
        assertEquals(
                Optional.of("Container a exceeded its local ephemeral storage limit \"10Mi\". "),
                limits.excess(usage(Map.of("a", used(6, 5), "b", used(99, 0)), Map.of())));
    }

    @Test
    void where_every_container_has_a_limit_the_pod_has_their_sum() throws IOException {
        StorageLimits limits = limits("{containers: [{name: a, resources: {limits: {ephemeral-storage: 10Mi}}},"
                + " {name: b, resources: {limits: {ephemeral-storage: 5Mi}}}], volumes: [{name: v, emptyDir: {}}]}");

        assertEquals(
                Optional.of("Pod ephemeral local storage usage exceeds the total limit of containers 15728640. "),
                limits.excess(usage(Map.of("a", used(5, 0), "b", used(5, 0)), Map.of("v", 6L))));
        assertEquals(2 * MIB, limits.headroomBytes(usage(Map.of("a", used(5, 0), "b", used(3, 0)), Map.of("v", 1L))));
    }

    @Test
    void an_empty_directory_on_disk_has_its_own_limit_and_one_in_memory_has_a_file_system() throws IOException {
        StorageLimits limits = limits("{containers: [{name: a}], volumes: [{name: v, emptyDir: {sizeLimit: 1Mi}},"
                + " {name: m, emptyDir: {medium: Memory, sizeLimit: 1Mi}}]}");

        assertEquals(Map.of("v", new StorageLimits.Limit(MIB, "1Mi")), limits.volumes());
        assertEquals(
                Optional.of("Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\". "),
                limits.excess(usage(Map.of(), Map.of("v", 2L))));
    }

    @Test
    void a_storage_layer_alone_may_have_a_limit_and_is_pressed_before_it_is_exceeded() throws IOException {
        StorageLimits limits = StorageLimits.of(object("{metadata: {annotations:"
                + " {slipway.dev/storage-layer-size-limit: 10Mi}}, spec: {containers: [{name: a}]}}"));

        assertFalse(limits.isPressed(usage(Map.of("a", used(7, 90)), Map.of())));
        assertTrue(limits.isPressed(usage(Map.of("a", used(8, 0)), Map.of())));
        assertEquals(Optional.empty(), limits.excess(usage(Map.of("a", used(10, 90)), Map.of())));
        assertEquals(
                Optional.of("Storage layer exceeds the limit \"10Mi\". "),
                limits.excess(usage(Map.of("a", used(11, 0)), Map.of())));
    }

    @Test
    void without_limits_there_is_nothing_to_exceed() throws IOException {
        StorageLimits limits = limits("{containers: [{name: a, resources: {limits: {memory: 1Mi}}}]}");

        assertTrue(limits.isEmpty());
        assertEquals(Long.MAX_VALUE, limits.headroomBytes(usage(Map.of("a", used(9, 9)), Map.of())));
    }

    private static OfContainer used(long layerMib, long logMib) {
        return new OfContainer(new Amount(layerMib * MIB, 1), new Amount(logMib * MIB, 1));
    }

    private static StorageUsage usage(Map<String, OfContainer> containers, Map<String, Long> volumeMib) {
        Map<String, Amount> volumes = new HashMap<>();
        volumeMib.forEach((name, mib) -> volumes.put(name, new Amount(mib * MIB, 1)));
        return new StorageUsage(containers, volumes);
    }

    private static StorageLimits limits(String spec) throws IOException {
        return StorageLimits.of(object("{spec: %s}".formatted(spec)));
    }

    private static ApiObject object(String yaml) throws IOException {
        return ApiObject.of((ObjectNode) ObjectCodec.yaml().readTree(yaml));
    }
}
