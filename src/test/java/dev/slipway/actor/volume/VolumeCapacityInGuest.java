package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.FreshDisk;
import dev.slipway.desired.meta.ApiObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Rounds of the controller on a file system with project quotas; runs in the virtual machine of `UnifiedHostVM`.
class VolumeCapacityInGuest {
    private static final int MIB = 1 << 20;

    @Test
    void a_volume_says_that_the_file_system_keeps_it_to_its_capacity_which_may_change() throws Exception {
        try (FreshDisk disk = FreshDisk.make("320M", "mkfs.ext4 -q -O quota,project", "prjquota");
                VolumeRig rig = new VolumeRig(disk.directory())) {
            Path path = rig.volume("data", "{capacity: 4Mi}");
            rig.create("v1", "Pod", "web", VolumeRig.USER);
            assertEquals(
                    "True: the file system refuses what goes beyond 4194304 bytes",
                    rig.message("data", "CapacityEnforced"));

            Files.write(path.resolve("file"), new byte[3 * MIB]);
            rig.now = rig.now.plus(Duration.ofMinutes(1));
            rig.round("data");

            long used =
                    rig.get(VolumeRig.volume("data")).status().path("bytesUsed").asLong();
            assertTrue(used >= 3 * MIB && used < 4 * MIB, "used " + used);
            assertTrue(Files.getFileStore(path).getTotalSpace() <= 4 * MIB, "df says so too");
            ApiObject before = rig.get(VolumeRig.volume("data"));
            ObjectNode larger = before.copyTree();
            larger.withObject("/spec").put("capacity", "16Mi");
            rig.store.update(VolumeRig.volume("data"), ApiObject.of(larger), before.resourceVersion());
            rig.round("data");
            assertEquals(
                    "True: the file system refuses what goes beyond 16777216 bytes",
                    rig.message("data", "CapacityEnforced"));
            long total = Files.getFileStore(path).getTotalSpace();
            assertTrue(total > 4 * MIB && total <= 16 * MIB, "df says " + total);
        }
    }
}
