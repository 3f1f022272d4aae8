package dev.slipway.engine.codec;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.ZipException;
import jnr.ffi.Pointer;

/// What is packed by xz, stream after stream, decoded by liblzma through memory outside the heap. What takes more than
/// 128 MiB to decode is refused: `xz -9` needs half of that. For one thread; closing frees memory and leaves the packed
/// stream open.
///
/// @spec https://tukaani.org/xz/xz-file-format.txt The .xz File Format
public final class XzStream extends InputStream {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final long MOST_MEMORY = 129L << 20;

    /// Looked for when the first stream is asked for.
    private static final class Holder {
        private static final Optional<HostLibrary<LibLzma>> LIBRARY =
                HostLibrary.open(LibLzma.class, "liblzma.so.5", XzStream::isRight);
    }

    private final LibLzma lzma;
    private final Pointer state;
    private final Pointer in;
    private final Pointer out;
    private final InputStream packed;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private boolean noMore;
    private boolean ended;
    private boolean closed;

    private XzStream(HostLibrary<LibLzma> library, InputStream packed) throws IOException {
        this.packed = packed;
        lzma = library.functions();
        state = library.memory(LibLzma.STREAM_BYTES);
        in = library.memory(BUFFER_BYTES);
        out = library.memory(BUFFER_BYTES);
        check(lzma.lzma_stream_decoder(state, MOST_MEMORY, LibLzma.CONCATENATED));
    }

    /// Empty where the host has no liblzma.
    public static Optional<InputStream> open(InputStream packed) throws IOException {
        return Holder.LIBRARY.isEmpty() ? Optional.empty() : Optional.of(new XzStream(Holder.LIBRARY.get(), packed));
    }

    /// Whether [#open] finds what it needs.
    public static boolean isPossible() {
        return Holder.LIBRARY.isPresent();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /// @throws ZipException when it is damaged, or cut short
    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
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
        if (noMore || state.getLong(LibLzma.AVAIL_IN) > 0) {
            return;
        }
        int count = packed.read(buffer);
        noMore = count < 0;
        if (count > 0) {
            in.put(0, buffer, 0, count);
            state.putAddress(LibLzma.NEXT_IN, in.address());
            state.putLong(LibLzma.AVAIL_IN, count);
        }
    }

    private int step(int wanted) throws IOException {
        state.putAddress(LibLzma.NEXT_OUT, out.address());
        state.putLong(LibLzma.AVAIL_OUT, wanted);
        int result = lzma.lzma_code(state, noMore ? LibLzma.FINISH : LibLzma.RUN);
        // The library knows the buffers by their addresses only.
        Reference.reachabilityFence(this);
        if (result == LibLzma.BUF_ERROR && noMore) {
            throw new ZipException("xz: it is cut short");
        }
        ended = result == LibLzma.STREAM_END;
        if (!ended && result != LibLzma.BUF_ERROR) {
            check(result);
        }
        return wanted - (int) state.getLong(LibLzma.AVAIL_OUT);
    }

    private static void check(int result) throws IOException {
        switch (result) {
            case LibLzma.OK -> {}
            case 5 -> throw new IOException("xz: there is no memory to decode it");
            case 6 ->
                throw new ZipException(
                        "xz: it needs more than the %d bytes of memory that are allowed".formatted(MOST_MEMORY));
            case 7 -> throw new ZipException("xz: there is something else where a stream must begin");
            case 8 -> throw new ZipException("xz: it uses what liblzma does not know");
            default -> throw new ZipException("xz: it is damaged (%d)".formatted(result));
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            lzma.lzma_end(state);
        }
    }

    /// Decodes a short stream: the fields are where they are expected only if it comes out right, to its end.
    private static boolean isRight(HostLibrary<LibLzma> library) {
        byte[] stream = HexFormat.of()
                .parseHex("fd377a585a000004e6d6b4460200210116000000742fe5a3e0001600145d003c1e8180a8b8a6e0bff512743b"
                        + "429215c8414e3900e18da9eb54c61d64000130171f06137c1fb6f37d010000000004595a");
        try (XzStream decoded = new XzStream(library, new ByteArrayInputStream(stream))) {
            return Arrays.equals("xz, xz, xz and xz again".getBytes(StandardCharsets.US_ASCII), decoded.readAllBytes());
        } catch (IOException e) {
            return false;
        }
    }
}
