package dev.slipway.engine.codec;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.zip.ZipException;

/// What is packed by xz, stream after stream, decoded by liblzma. What takes more than 128 MiB to decode is refused:
/// `xz -9` needs half of that. For one thread; closing frees memory and leaves the packed stream open.
///
/// @spec https://tukaani.org/xz/xz-file-format.txt The .xz File Format
public final class XzStream extends LibraryDecoder {
    private static final byte[] MAGIC = HexFormat.of().parseHex("fd377a585a00");
    private static final long MOST_MEMORY = 129L << 20;

    /// Looked for when the first stream is asked for.
    private static final class Holder {
        private static final Optional<HostLibrary<LibLzma>> LIBRARY =
                HostLibrary.open(LibLzma.class, "liblzma.so.5", XzStream::isRight);
    }

    private final LibLzma lzma;

    private XzStream(HostLibrary<LibLzma> library, InputStream packed) throws IOException {
        super(library, LibLzma.STREAM_BYTES, packed);
        lzma = library.functions();
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

    /// Whether what begins with `first` says that it is packed so.
    public static boolean isStart(byte[] first) {
        return first.length >= MAGIC.length && Arrays.equals(MAGIC, Arrays.copyOf(first, MAGIC.length));
    }

    @Override
    long waiting() {
        return state.getLong(LibLzma.AVAIL_IN);
    }

    @Override
    void offer(long address, int bytes) {
        state.putAddress(LibLzma.NEXT_IN, address);
        state.putLong(LibLzma.AVAIL_IN, bytes);
    }

    @Override
    void makeRoom(long address, int bytes) {
        state.putAddress(LibLzma.NEXT_OUT, address);
        state.putLong(LibLzma.AVAIL_OUT, bytes);
    }

    @Override
    int room() {
        return (int) state.getLong(LibLzma.AVAIL_OUT);
    }

    @Override
    boolean decode(boolean last) throws IOException {
        int result = lzma.lzma_code(state, last ? LibLzma.FINISH : LibLzma.RUN);
        if (result == LibLzma.BUF_ERROR && last) {
            throw new ZipException("xz: it is cut short");
        }
        boolean ended = result == LibLzma.STREAM_END;
        if (!ended && result != LibLzma.BUF_ERROR) {
            check(result);
        }
        return ended;
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
    void release() {
        lzma.lzma_end(state);
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
