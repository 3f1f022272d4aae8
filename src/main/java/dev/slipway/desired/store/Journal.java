package dev.slipway.desired.store;

import java.io.IOException;
import java.util.List;

/// Where commits become durable. Used by one thread.
interface Journal extends AutoCloseable {
    /// Makes `changes` durable, all or none. Without any it is written all the same, and so is found out whether it
    /// can be.
    void commit(List<Change> changes) throws IOException;

    @Override
    void close() throws IOException;
}
