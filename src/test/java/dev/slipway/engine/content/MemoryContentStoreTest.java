package dev.slipway.engine.content;

class MemoryContentStoreTest extends ContentStoreContractTest {
    @Override
    ContentStore store() {
        return new MemoryContentStore();
    }
}
