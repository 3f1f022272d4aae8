package dev.slipway.engine.snapshot;

import dev.slipway.engine.oci.DiffId;
import java.io.IOException;
import java.nio.file.Path;

/// A layer directory that nobody sees yet. Closing without commit removes it. For one thread at a time.
public interface Staging extends AutoCloseable {
    Path directory();

    /// A file beside it, for what the layer leaves open until it is known what is below; not there if nothing is
    /// made.
    Path looseEnds();

    /// Makes it visible as `layer`; harmless where that is there already, because somebody else was faster.
    void commit(DiffId layer) throws IOException;

    @Override
    void close() throws IOException;
}
