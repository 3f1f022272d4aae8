package dev.slipway.engine.codec;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import jnr.ffi.Pointer;

/// Inflates by igzip, through memory outside the heap.
final class IsalInflater implements StreamInflater {
    private static final int BUFFER_BYTES = 1 << 16;

    /// Looked for when the first stream is inflated.
    private static final class Holder {
        private static final Optional<HostLibrary<LibIsal>> LIBRARY =
                HostLibrary.open(LibIsal.class, "libisal.so.2", IsalInflater::isRight);
    }

    private final LibIsal isal;
    private final Pointer state;
    private final Pointer in;
    private final Pointer out;
    private byte[] bytes = {};
    private int position;
    private int end;

    private IsalInflater(HostLibrary<LibIsal> library) {
        isal = library.functions();
        state = library.memory(LibIsal.STATE_BYTES);
        in = library.memory(BUFFER_BYTES);
        out = library.memory(BUFFER_BYTES);
        isal.isal_inflate_init(state);
    }

    static Optional<StreamInflater> open() {
        return Holder.LIBRARY.map(IsalInflater::new);
    }

    @Override
    public void reset() {
        isal.isal_inflate_init(state);
        input(new byte[0], 0, 0);
    }

    @Override
    public void input(byte[] given, int offset, int length) {
        bytes = given;
        position = offset;
        end = offset + length;
        state.putInt(LibIsal.AVAIL_IN, 0);
    }

    @Override
    public int inflate(byte[] into, int offset, int length) throws DataFormatException {
        if (length == 0) {
            return 0;
        }
        int wanted = Math.min(length, BUFFER_BYTES);
        // Also without input: the library may hold output that had no room before.
        int count = isAtEnd() ? 0 : step(wanted);
        while (count == 0 && !isAtEnd() && (hasInput() || position < end)) {
            count = step(wanted);
        }
        out.get(0, into, offset, count);
        return count;
    }

    @Override
    public boolean isAtEnd() {
        return state.getInt(LibIsal.BLOCK_STATE) == LibIsal.ISAL_BLOCK_FINISH;
    }

    @Override
    public int unread() {
        return end - position + state.getInt(LibIsal.AVAIL_IN) + state.getInt(LibIsal.READ_IN_LENGTH) / Byte.SIZE;
    }

    @Override
    public void close() {
        // The memory goes with the pointers.
    }

    private boolean hasInput() {
        return state.getInt(LibIsal.AVAIL_IN) > 0;
    }

    private void feed() {
        if (!hasInput()) {
            int count = Math.min(end - position, BUFFER_BYTES);
            in.put(0, bytes, position, count);
            position += count;
            state.putAddress(LibIsal.NEXT_IN, in.address());
            state.putInt(LibIsal.AVAIL_IN, count);
        }
    }

    private int step(int wanted) throws DataFormatException {
        feed();
        state.putAddress(LibIsal.NEXT_OUT, out.address());
        state.putInt(LibIsal.AVAIL_OUT, wanted);
        int result = isal.isal_inflate(state);
        // The library knows the buffers by their addresses only.
        Reference.reachabilityFence(this);
        if (result != 0) {
            throw new DataFormatException("igzip says " + result);
        }
        return wanted - state.getInt(LibIsal.AVAIL_OUT);
    }

    /// Inflates a short stream that something follows: the fields are where they are expected only if it comes out
    /// right, with its end at its end.
    private static boolean isRight(HostLibrary<LibIsal> library) {
        byte[] text = "deflate, deflate, deflate and store, ".repeat(20).getBytes(StandardCharsets.US_ASCII);
        byte[] stream = new byte[text.length];
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(text);
        deflater.finish();
        int packed = deflater.deflate(stream);
        deflater.end();
        byte[] inflated = new byte[2 * text.length];
        IsalInflater inflater = new IsalInflater(library);
        inflater.input(stream, 0, packed + 20);
        try {
            int count = inflater.inflate(inflated, 0, inflated.length);
            boolean ended = inflater.inflate(inflated, count, 1) == 0 && inflater.isAtEnd();
            return ended && inflater.unread() == 20 && Arrays.equals(text, Arrays.copyOf(inflated, count));
        } catch (DataFormatException e) {
            return false;
        }
    }
}
