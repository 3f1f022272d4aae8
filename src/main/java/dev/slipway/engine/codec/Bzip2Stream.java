package dev.slipway.engine.codec;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.ZipException;

/// What is packed by bzip2, stream after stream, decoded by libbz2 in at most 4 MB. For one thread; closing frees
/// memory and leaves the packed stream open.
///
/// @spec https://en.wikipedia.org/wiki/Bzip2#File_format Bzip2: file format
public final class Bzip2Stream extends LibraryDecoder {
    /// Bytes that [#isStart] looks at.
    public static final int MAGIC_BYTES = 10;

    /// The size of blocks, and then a block or the end of the stream: "BZh" alone begins texts too.
    private static final Pattern MAGIC = Pattern.compile("BZh[1-9](1AY&SY|\\x17rE8P\\x90)");

    /// Looked for when the first stream is asked for.
    private static final class Holder {
        private static final Optional<HostLibrary<LibBzip2>> LIBRARY =
                HostLibrary.open(LibBzip2.class, "libbz2.so.1.0", Bzip2Stream::isRight);
    }

    private final LibBzip2 bzip2;
    private boolean inStream;

    private Bzip2Stream(HostLibrary<LibBzip2> library, InputStream packed) throws IOException {
        super(library, LibBzip2.STREAM_BYTES, packed);
        bzip2 = library.functions();
        begin();
    }

    /// Empty where the host has no libbz2.
    public static Optional<InputStream> open(InputStream packed) throws IOException {
        return Holder.LIBRARY.isEmpty() ? Optional.empty() : Optional.of(new Bzip2Stream(Holder.LIBRARY.get(), packed));
    }

    /// Whether [#open] finds what it needs.
    public static boolean isPossible() {
        return Holder.LIBRARY.isPresent();
    }

    /// Whether what begins with `first` is packed so.
    public static boolean isStart(byte[] first) {
        return MAGIC.matcher(new String(first, StandardCharsets.ISO_8859_1)).lookingAt();
    }

    @Override
    long waiting() {
        return state.getInt(LibBzip2.AVAIL_IN);
    }

    @Override
    void offer(long address, int bytes) {
        state.putAddress(LibBzip2.NEXT_IN, address);
        state.putInt(LibBzip2.AVAIL_IN, bytes);
    }

    @Override
    void makeRoom(long address, int bytes) {
        state.putAddress(LibBzip2.NEXT_OUT, address);
        state.putInt(LibBzip2.AVAIL_OUT, bytes);
    }

    @Override
    int room() {
        return state.getInt(LibBzip2.AVAIL_OUT);
    }

    @Override
    boolean decode(boolean last) throws IOException {
        if (!inStream) {
            if (waiting() == 0) {
                return last;
            }
            begin();
        }
        int room = room();
        int result = bzip2.BZ2_bzDecompress(state);
        if (result == LibBzip2.STREAM_END) {
            release();
        } else {
            check(result);
            if (last && waiting() == 0 && room() == room) {
                throw new ZipException("bzip2: it is cut short");
            }
        }
        return false;
    }

    private void begin() throws IOException {
        check(bzip2.BZ2_bzDecompressInit(state, 0, 0));
        inStream = true;
    }

    private static void check(int result) throws IOException {
        switch (result) {
            case LibBzip2.OK -> {}
            case -3 -> throw new IOException("bzip2: there is no memory to decode it");
            case -5 -> throw new ZipException("bzip2: there is something else where a stream must begin");
            default -> throw new ZipException("bzip2: it is damaged (%d)".formatted(result));
        }
    }

    @Override
    void release() {
        if (inStream) {
            inStream = false;
            bzip2.BZ2_bzDecompressEnd(state);
        }
    }

    /// Decodes a short stream: the fields are where they are expected only if it comes out right, to its end.
    private static boolean isRight(HostLibrary<LibBzip2> library) {
        byte[] stream = HexFormat.of()
                .parseHex("425a68393141592653592139b9bf00000899804004100034a14010200020aa9901908069a6896f2951aec14eac"
                        + "b982cf8bb9229c2848109cdcdf80");
        try (Bzip2Stream decoded = new Bzip2Stream(library, new ByteArrayInputStream(stream))) {
            return Arrays.equals(
                    "bzip2, bzip2, bzip2 and bzip2 again".getBytes(StandardCharsets.US_ASCII), decoded.readAllBytes());
        } catch (IOException e) {
            return false;
        }
    }
}
