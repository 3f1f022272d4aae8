package dev.slipway.disk;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DiskSpaceTest {
    @Test
    void a_full_disk_is_recognised_by_what_the_jdk_throws() {
        // /dev/full answers every write as a full disk does.
        IOException failure = assertThrows(IOException.class, () -> Files.write(Path.of("/dev/full"), new byte[] {1}));

        assertTrue(DiskSpace.ranOut(failure), failure.toString());
        assertTrue(DiskSpace.ranOut(new IOException("store blob", failure)));
    }

    @Test
    void a_full_quota_counts_too() {
        assertTrue(DiskSpace.ranOut(new FileSystemException("/x", null, "Disk quota exceeded")));
    }

    @Test
    void other_failures_are_not_a_full_disk() {
        assertFalse(DiskSpace.ranOut(new IOException("Input/output error")));
        assertFalse(DiskSpace.ranOut(new IOException()));
        assertFalse(DiskSpace.ranOut(new FileSystemException("/No space left on device", null, "Permission denied")));
    }
}
