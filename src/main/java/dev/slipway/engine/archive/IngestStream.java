package dev.slipway.engine.archive;

import dev.slipway.engine.content.Ingest;
import java.io.IOException;
import java.io.OutputStream;

/// An ingest as a stream; closing it does nothing. For one thread.
final class IngestStream extends OutputStream {
    private final Ingest ingest;

    IngestStream(Ingest ingest) {
        this.ingest = ingest;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        ingest.write(bytes, offset, length);
    }
}
