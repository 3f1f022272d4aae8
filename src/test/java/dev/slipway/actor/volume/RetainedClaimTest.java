package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ApiObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a class with the reclaim policy Retain leaves behind.
class RetainedClaimTest {
    private static final String CLASS = "provisioner: slipway.dev/local\nreclaimPolicy: Retain";
    private static final String CLAIM = """
            spec: {storageClassName: kept, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
            """;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void the_data_of_a_deleted_claim_stay_for_the_next_one_of_its_name() throws Exception {
        try (ClaimRig rig = new ClaimRig(folder)) {
            rig.create("storage.k8s.io/v1", "StorageClass", "kept", CLASS);
            ApiObject first = claim(rig);
            String volume = rig.volume("data").orElseThrow().uid();
            rig.deleteClaim("data");
            assertTrue(rig.volume("data").orElseThrow().deletionTimestamp().isEmpty());
            assertEquals("Released", rig.phase("pvc-" + first.uid()));

            ApiObject second = claim(rig);

            assertEquals("Bound", second.status().path("phase").asText());
            assertEquals("pvc-" + second.uid(), second.spec().path("volumeName").asText());
            assertEquals(volume, rig.volume("data").orElseThrow().uid(), "the data are those of the first");
            assertEquals("Bound", rig.phase("pvc-" + second.uid()));
            assertEquals("Released", rig.phase("pvc-" + first.uid()), "what the first had is nobody's to bind");
        }
    }

    private static ApiObject claim(ClaimRig rig) throws Exception {
        rig.create("v1", "PersistentVolumeClaim", "data", CLAIM);
        rig.settle();
        return rig.claim("data");
    }
}
