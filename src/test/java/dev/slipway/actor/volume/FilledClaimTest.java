package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Claims whose volumes begin with what others hold.
class FilledClaimTest {
    private static final String CLASS = "provisioner: slipway.dev/local";
    private static final String CLAIM = """
            spec:
              storageClassName: local
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 1Gi}}
              dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: monday}
            """;
    private static final String MADE = "Successfully provisioned volume pvc-";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_claim_is_bound_once_its_volume_holds_what_it_asks_for() throws Exception {
        try (ClaimRig rig = new ClaimRig(folder)) {
            rig.create("storage.k8s.io/v1", "StorageClass", "local", CLASS);
            rig.create("v1", "PersistentVolumeClaim", "data", CLAIM);
            rig.settle();
            assertEquals("Pending", phase(rig), "nobody has looked at the volume yet");
            assertFalse(hasSaid(rig, MADE));

            ready(rig, "False", "Failed", "snapshot 'monday' not found");
            assertEquals("Pending", phase(rig));
            assertTrue(hasSaid(rig, "Warning ProvisioningFailed: snapshot 'monday' not found"));
            assertFalse(hasSaid(rig, MADE));

            ready(rig, "True", "Succeeded", "");
            assertEquals("Bound", phase(rig));
            assertTrue(hasSaid(rig, "Normal ProvisioningSucceeded: " + MADE));

            ready(rig, "False", "Failed", "the disk went away");
            assertEquals("Bound", phase(rig), "what was bound stays");
        }
    }

    private static String phase(ClaimRig rig) {
        return rig.claim("data").status().path("phase").asText();
    }

    private static boolean hasSaid(ClaimRig rig, String words) {
        return rig.events().stream().anyMatch(event -> event.contains(words));
    }

    private static void ready(ClaimRig rig, String value, String reason, String message) throws Exception {
        ObjectNode status = ObjectCodec.json().createObjectNode();
        status.putArray("conditions")
                .addObject()
                .put("type", "Ready")
                .put("status", value)
                .put("reason", reason)
                .put("message", message);
        rig.api.report(
                rig.kind("slipway.dev/v1alpha1", "Volume"), rig.volume("data").orElseThrow(), status);
        rig.settle();
    }
}
