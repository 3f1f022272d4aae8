package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A claim that is deleted while pods use it.
class HeldClaimTest {
    private static final String POD = """
            spec:
              containers: [{name: main, image: a}]
              volumes: [{name: d, persistentVolumeClaim: {claimName: data}}]
            """;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void it_says_who_uses_it() throws Exception {
        try (ClaimRig rig = new ClaimRig(folder)) {
            rig.create("storage.k8s.io/v1", "StorageClass", "local", "provisioner: slipway.dev/local");
            rig.create("v1", "PersistentVolumeClaim", "data", """
                    spec: {storageClassName: local, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
                    """);
            rig.create("v1", "Pod", "web", POD);
            rig.create("v1", "Pod", "backup", POD);
            rig.settle();

            rig.deleteClaim("data");

            ApiObject claim = rig.claim("data");
            String told = "in use by pod backup, web; goes when no pod uses it";
            Condition held = Conditions.find(claim.status(), "Reconciling").orElseThrow();
            assertEquals("VolumeInUse", held.reason());
            assertEquals(told, held.message());
            assertEquals("Bound", claim.status().path("phase").asText());
            assertTrue(rig.messages().contains(told), rig.messages().toString());
        }
    }
}
