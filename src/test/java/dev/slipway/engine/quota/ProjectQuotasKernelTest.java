package dev.slipway.engine.quota;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.ProjectQuota;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where there are no project quotas, as on every kernel in memory. Where there are, `VolumeQuotasInGuest` tells.
class ProjectQuotasKernelTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_file_system_that_has_none_is_told_from_one_that_cannot_be_asked() throws IOException {
        Mounts.tmpfs(folder, "size=65536");
        try {
            assertFalse(new ProjectQuotas(folder, new Random(1)).isEnforced());
        } finally {
            Mounts.detach(folder);
        }
        assertThrows(IOException.class, () -> new ProjectQuotas(folder.resolve("missing"), new Random(1)).isEnforced());
    }

    @Test
    void a_limit_is_of_whole_kibibytes_and_never_less_than_asked_for() {
        assertEquals(0, ProjectQuota.rounded(0));
        assertEquals(1024, ProjectQuota.rounded(1));
        assertEquals(1024, ProjectQuota.rounded(1024));
        assertEquals(2048, ProjectQuota.rounded(1025));
        assertEquals(Long.MAX_VALUE / 1024 * 1024, ProjectQuota.rounded(Long.MAX_VALUE));
    }

    @Test
    void a_number_that_administrators_use_is_no_project() {
        assertThrows(IllegalArgumentException.class, () -> new ProjectId(7));
    }
}
