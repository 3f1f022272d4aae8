package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.layer.MalformedLayerException;
import dev.slipway.engine.layer.TestTar;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.snapshot.Snapshots;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Layers as directories of a real file system.
@Timeout(60)
class DiskLayerTreesKernelTest extends LayerTreesContractTest {
    private static final LayerLimits LIMITS = new LayerLimits(1 << 20, 100);

    @TempDir
    private Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Snapshots snapshots;
    private DiskLayerTrees trees;

    @BeforeEach
    void open() throws IOException {
        snapshots = new Snapshots(folder.resolve("snapshots"), task -> {});
        snapshots.open();
        trees = new DiskLayerTrees(snapshots, LIMITS, threads);
    }

    /// Nothing is left on its way, and no thread is left behind.
    @AfterEach
    void stop() throws IOException, InterruptedException {
        try (Stream<Path> stagings = Files.list(folder.resolve("snapshots/staging"))) {
            assertEquals(List.of(), stagings.toList());
        }
        threads.shutdown();
        assertTrue(threads.awaitTermination(10, TimeUnit.SECONDS));
    }

    @Override
    LayerTrees trees() {
        return trees;
    }

    @Test
    void the_files_of_a_layer_are_where_overlayfs_finds_them() throws IOException {
        byte[] archive = new TestTar().file("etc/name", "value").ended();
        DiffId layer = diffId(archive);

        try (LayerTrees.Unpacked tree =
                trees.unpack(layer, MediaType.OCI_LAYER_GZIP, new ByteArrayInputStream(gzip(archive)))) {
            tree.commit();
        }

        Path lower = snapshots.lowers(List.of(layer)).getFirst();
        assertEquals("value", Files.readString(lower.resolve("etc/name")));
    }

    @Test
    void an_archive_that_wants_out_is_corrupt_and_leaves_nothing() {
        byte[] archive =
                new TestTar().file("first", "").file("../second", "evil").ended();

        CorruptContentException corrupt = assertThrows(
                CorruptContentException.class,
                () -> trees.unpack(diffId(archive), MediaType.OCI_LAYER, new ByteArrayInputStream(archive)));

        assertTrue(String.valueOf(corrupt.getMessage()).contains("layer entry ../second"), corrupt.getMessage());
        assertInstanceOf(MalformedLayerException.class, corrupt.getCause());
        assertFalse(Files.exists(folder.resolve("snapshots/staging/second")));
    }

    @Test
    void a_bomb_is_corrupt_and_ends_soon() {
        byte[] archive = new TestTar().file("bomb", "0".repeat(2 << 20)).ended();

        assertThrows(
                CorruptContentException.class,
                () -> trees.unpack(diffId(archive), MediaType.OCI_LAYER_GZIP, new ByteArrayInputStream(gzip(archive))));
    }

    @Test
    void a_refused_archive_is_not_waited_for() throws IOException {
        byte[] start = new TestTar().file("../out", "").ended();
        InputStream endless = new InputStream() {
            private final InputStream first = new ByteArrayInputStream(start);

            @Override
            public int read() throws IOException {
                return Math.max(0, first.read());
            }
        };

        assertThrows(CorruptContentException.class, () -> trees.unpack(diffId(start), MediaType.OCI_LAYER, endless));
    }
}
