package dev.slipway.door.health;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/// What takes space on this host, and how to free it.
public interface SystemSpace {
    /// What takes how much, and what could be freed.
    ///
    /// ```json
    /// {"fileSystem": {"capacityBytes": 270, "availableBytes": 70, "usedPercent": 75,
    ///                 "highThresholdPercent": 85, "lowThresholdPercent": 80,
    ///                 "inodes": 1000, "inodesFree": 400, "inodesUsedPercent": 60},
    ///  "bytes": 90, "reclaimableBytes": 20,
    ///  "usage": [{"kind": "images", "count": 3, "inUse": 2, "bytes": 80, "reclaimableBytes": 20}],
    ///  "images": [{"digest": "sha256:...", "names": ["busybox"], "bytes": 40, "uniqueBytes": 20,
    ///              "sharedBytes": 20, "unusedSince": "2026-01-31T08:00:00Z"}]}
    /// ```
    ObjectNode usage() throws IOException;

    /// Removes what nobody needs, and says what went and why.
    ///
    /// ```json
    /// {"dryRun": false, "freedBytes": 20,
    ///  "images": [{"name": "busybox-1a2b3c4d", "bytes": 20, "reason": "unused for 3h, ..."}],
    ///  "volumes": ["default/web-0a1b2c3d"]}
    /// ```
    ///
    /// @param withVolumes anonymous ones, too
    /// @param dryRun says what would go, and does nothing
    ObjectNode prune(boolean withVolumes, boolean dryRun) throws IOException, InterruptedException;
}
