package dev.slipway.engine.build;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.build.StepCache.KnownLayer;
import dev.slipway.engine.content.MemoryContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.snapshot.Snapshots;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepCacheTest {
    private static final Instant NOW = Instant.parse("2026-01-31T00:00:00Z");
    private static final Digest KEY = Digest.sha256("key".getBytes(UTF_8));
    private static final KnownLayer LAYER = new KnownLayer(
            new Descriptor(MediaType.OCI_LAYER_GZIP, Digest.sha256("blob".getBytes(UTF_8)), 4),
            new DiffId(Digest.sha256("tree".getBytes(UTF_8))));

    @TempDir
    private Path folder;

    private StepCache cache() {
        return new StepCache(
                folder.resolve("builds"),
                new MemoryContentStore(),
                new Snapshots(folder.resolve("snapshots"), task -> {}),
                () -> NOW);
    }

    private Path entry() {
        return folder.resolve("builds").resolve(KEY.hex());
    }

    private void entryOf(Instant time) throws IOException {
        cache().put(KEY, LAYER);
        Files.setLastModifiedTime(entry(), FileTime.from(time));
    }

    @Test
    void an_entry_that_no_build_asked_for_goes_when_it_is_old() throws IOException {
        entryOf(NOW.minus(Duration.ofDays(31)));

        assertEquals(0, cache().expire(NOW.minus(Duration.ofDays(32))));
        assertEquals(1, cache().expire(NOW.minus(Duration.ofDays(30))));

        assertEquals(Optional.empty(), cache().find(KEY));
    }

    @Test
    void an_entry_that_a_build_asked_for_stays_and_is_young_again() throws IOException {
        entryOf(NOW.minus(Duration.ofDays(31)));
        StepCache cache = cache();

        assertEquals(Optional.of(LAYER), cache.find(KEY));

        assertEquals(NOW, Files.getLastModifiedTime(entry()).toInstant());
        assertEquals(0, cache().expire(NOW.minus(Duration.ofDays(30))), "nor by the next engine");
        assertEquals(0, cache.expire(NOW.plus(Duration.ofDays(60))), "it was asked for since the start");
    }

    @Test
    void a_use_is_noted_once_a_day() throws IOException {
        Instant yesterday = NOW.minus(Duration.ofHours(23));
        entryOf(yesterday);

        cache().find(KEY);

        assertEquals(yesterday, Files.getLastModifiedTime(entry()).toInstant());
    }

    @Test
    void logs_beside_the_entries_stay_and_nothing_is_no_failure() throws IOException {
        assertEquals(0, cache().expire(NOW));
        Path logs = Files.createDirectories(folder.resolve("builds/logs"));
        Files.setLastModifiedTime(logs, FileTime.from(NOW.minus(Duration.ofDays(99))));

        assertEquals(0, cache().expire(NOW));

        assertTrue(Files.exists(logs));
    }
}
