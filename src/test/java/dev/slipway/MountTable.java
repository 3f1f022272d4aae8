package dev.slipway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The mounts of the host, without those of other tests, which may run at the same time.
public final class MountTable {
    private MountTable() {}

    /// @param home directory of the test that asks
    public static List<String> seenBy(Path home) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .filter(line -> line.contains(home.toString()) || !isTemporary(line))
                .toList();
    }

    private static boolean isTemporary(String line) {
        return line.contains(" /tmp/") || line.contains(" /dev/shm/");
    }
}
