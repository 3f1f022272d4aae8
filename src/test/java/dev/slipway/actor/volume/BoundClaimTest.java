package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Claims that have had their volume do not wait for one again, whatever becomes of it. On a real store.
class BoundClaimTest {
    @TempDir
    private Path folder = Path.of("");

    private ClaimRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = new ClaimRig(folder);
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @Test
    void a_claim_stays_bound_when_its_export_shall_be_mounted_otherwise() throws Exception {
        rig.persistent("files", "1Gi", "nfs: {server: files, path: /a}\n  mountOptions: [hard]");
        rig.claim("data", "");
        ObjectNode faster = rig.get("files").copyTree();
        faster.withObject("/spec").putArray("mountOptions").add("hard").add("nconnect=4");

        rig.api.update(rig.kind("v1", "PersistentVolume"), ClaimRig.key("files"), faster, ClaimRig.ALICE);
        rig.settle();

        assertEquals("Bound", rig.claim("data").status().path("phase").asText());
        assertFalse(
                rig.messages().stream().anyMatch(each -> each.contains("leads elsewhere")),
                rig.messages().toString());
    }

    @Test
    void a_claim_that_asks_for_more_than_a_declared_volume_has_is_told_so_once() throws Exception {
        rig.persistent("ten", "10Gi", "hostPath: {path: /srv}");
        rig.claim("data", "");
        ObjectNode larger = rig.claim("data").copyTree();
        larger.withObject("/spec/resources/requests").put("storage", "100Gi");

        ObjectKey key = new ObjectKey(ClaimRig.CLAIMS, "default", "data");
        rig.api.update(rig.kind("v1", "PersistentVolumeClaim"), key, larger, ClaimRig.ALICE);
        rig.settle();
        rig.settle();

        assertEquals("Bound", rig.claim("data").status().path("phase").asText());
        assertEquals("10Gi", rig.claim("data").status().at("/capacity/storage").asText());
        assertEquals(
                List.of("VolumeResizeFailed 1"),
                rig.store.list(GroupResource.core("events"), "").items().stream()
                        .map(event -> event.tree().path("reason").asText() + " "
                                + event.tree().path("count").asText())
                        .filter(each -> each.startsWith("VolumeResize"))
                        .toList());
    }

    @Test
    void a_claim_stays_bound_when_somebody_says_that_its_volume_is_anothers() throws Exception {
        rig.persistent("held", "1Gi", "hostPath: {path: /srv}");
        rig.claim("data", "");
        ObjectNode others = rig.get("held").copyTree();
        others.withObject("/spec/claimRef").put("name", "another").put("uid", "42");

        rig.api.update(rig.kind("v1", "PersistentVolume"), ClaimRig.key("held"), others, ClaimRig.ALICE);
        rig.settle();

        assertEquals("Bound", rig.claim("data").status().path("phase").asText());
        assertTrue(
                rig.messages().contains("volume \"held\" already bound to a different claim."),
                rig.messages().toString());
    }

    @Test
    void a_claim_whose_data_are_gone_is_lost_when_none_can_be_made_again() throws Exception {
        rig.create("storage.k8s.io/v1", "StorageClass", "manual", "provisioner: slipway.dev/local");
        rig.claim("data", "");
        assertEquals("Bound", rig.claim("data").status().path("phase").asText());
        ObjectKey manual = new ObjectKey(new GroupResource("storage.k8s.io", "storageclasses"), "", "manual");
        rig.api.delete(rig.kind("storage.k8s.io/v1", "StorageClass"), manual, Deletion.PLAIN);
        ObjectKey volume = VolumeStorage.key(rig.volume("data").orElseThrow());
        rig.api.delete(rig.kind("slipway.dev/v1alpha1", "Volume"), volume, Deletion.PLAIN);
        rig.settle();
        assertEquals("Bound", rig.claim("data").status().path("phase").asText(), "its data are there still");

        rig.finishVolume("data");
        rig.settle();

        assertEquals("Lost", rig.claim("data").status().path("phase").asText());
    }
}
