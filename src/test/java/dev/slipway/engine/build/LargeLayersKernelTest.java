package dev.slipway.engine.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.layer.LayerLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Steps whose layers are larger than the engine's settings allow.
class LargeLayersKernelTest {
    @TempDir
    private Path root;

    private BuilderRig rig;

    @BeforeEach
    void open() throws IOException {
        rig = new BuilderRig(root, new LayerLimits(100_000, 3));
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    @Test
    void a_layer_with_more_bytes_than_are_allowed_is_refused_and_leaves_nothing() throws Exception {
        String why = rig.failure(BuilderRig.text("/large", "x".repeat(100_001)));

        assertTrue(why.contains("with its 100001 bytes the layer has more than the 100000 that are allowed"), why);
        assertTrue(rig.images.list().isEmpty());
        assertEquals(Set.of(), rig.content.list());
    }

    @Test
    void a_layer_with_more_files_than_are_allowed_is_refused() throws Exception {
        BuildStep three = new BuildStep.Layer(
                List.of(BuilderRig.file("/1", "1"), BuilderRig.file("/2", "2"), BuilderRig.file("/3", "3")));

        rig.built(null, "three", three);
        String why = rig.failure(new BuildStep.Layer(List.of(
                BuilderRig.file("/1", "1"),
                BuilderRig.file("/2", "2"),
                BuilderRig.file("/3", "3"),
                BuilderRig.file("/4", "4"))));

        assertTrue(why.contains("the layer has more than the 3 entries that are allowed"), why);
    }
}
