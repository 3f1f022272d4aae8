package dev.slipway.engine.codec;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.util.zip.ZipException;
import jnr.ffi.Pointer;

/// What is packed, decoded by a library of the host through memory outside the heap: the library moves through the two
/// buffers and keeps its place in a state. For one thread; closing frees memory and leaves the packed stream open.
abstract class LibraryDecoder extends InputStream {
    static final int BUFFER_BYTES = 1 << 16;

    /// The library's own, zeros at first.
    final Pointer state;

    private final Pointer in;
    private final Pointer out;
    private final InputStream packed;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private boolean noMore;
    private boolean ended;
    private boolean closed;

    LibraryDecoder(HostLibrary<?> library, int stateBytes, InputStream packed) {
        this.packed = packed;
        state = library.memory(stateBytes);
        in = library.memory(BUFFER_BYTES);
        out = library.memory(BUFFER_BYTES);
    }

    /// Packed bytes that are in the state and not yet taken.
    abstract long waiting();

    /// Shows the state packed bytes.
    abstract void offer(long address, int bytes);

    /// Shows the state room for decoded bytes.
    abstract void makeRoom(long address, int bytes);

    /// Room that is left.
    abstract int room();

    /// Decodes as far as the buffers allow.
    ///
    /// @param last whether nothing comes after what waits
    /// @return whether all is decoded
    /// @throws ZipException when it is damaged, or cut short
    abstract boolean decode(boolean last) throws IOException;

    /// Frees what the library has taken.
    abstract void release();

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// @throws ZipException when it is damaged, or cut short
    @Override
    public final int read(byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("the stream is closed");
        }
        int count = 0;
        while (count == 0 && length > 0 && !ended) {
            feed();
            count = step(Math.min(length, BUFFER_BYTES));
        }
        out.get(0, bytes, offset, count);
        return count == 0 && length > 0 ? -1 : count;
    }

    private void feed() throws IOException {
        if (noMore || waiting() > 0) {
            return;
        }
        int count = packed.read(buffer);
        noMore = count < 0;
        if (count > 0) {
            in.put(0, buffer, 0, count);
            offer(in.address(), count);
        }
    }

    private int step(int wanted) throws IOException {
        makeRoom(out.address(), wanted);
        ended = decode(noMore);
        // The library knows the buffers by their addresses only.
        Reference.reachabilityFence(this);
        return wanted - room();
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            release();
        }
    }
}
