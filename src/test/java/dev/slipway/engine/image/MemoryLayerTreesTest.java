package dev.slipway.engine.image;

/// The fake keeps the promises of [LayerTrees].
class MemoryLayerTreesTest extends LayerTreesContractTest {
    private final MemoryLayerTrees trees = new MemoryLayerTrees();

    @Override
    LayerTrees trees() {
        return trees;
    }
}
