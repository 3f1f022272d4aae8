package dev.slipway.engine.layer;

import dev.slipway.engine.codec.Bzip2Stream;
import dev.slipway.engine.codec.XzStream;
import dev.slipway.engine.oci.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.zip.ZipException;

/// Takes layers out of their compression.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/layer.md#gzip-media-types OCI Image Spec: gzip, zstd
public final class Decompression {
    private static final int MAGIC_BYTES = Bzip2Stream.MAGIC_BYTES;
    private static final byte[] GZIP = {0x1f, (byte) 0x8b};
    private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};

    private Decompression() {}

    /// The archive in `packed`. If `type` says that it is compressed, its first bytes say how: registries have
    /// layers that are packed by the one and labelled with the other, and the diffID tells whether the archive is
    /// right.
    ///
    /// @return a stream that fails with [MalformedLayerException] when `packed` is damaged; closing it frees native
    ///     memory and leaves `packed` open
    public static InputStream open(MediaType type, InputStream packed) throws IOException {
        if (!type.isGzip() && !type.isZstd()) {
            return new Borrowed(packed);
        }
        PushbackInputStream again = new PushbackInputStream(packed, MAGIC_BYTES);
        byte[] first = first(again);
        boolean zstd = begins(first, ZSTD) || type.isZstd() && !begins(first, GZIP);
        return zstd ? new UnzstdStream(new Borrowed(again)) : new GunzipStream(again);
    }

    /// The archive in `packed`, whose first bytes alone say whether it is compressed, and how. Layers are never
    /// packed by bzip2 or xz, and other archives are where the host can decode it.
    ///
    /// @return as above
    public static InputStream open(InputStream packed) throws IOException {
        PushbackInputStream again = new PushbackInputStream(packed, MAGIC_BYTES);
        byte[] first = first(again);
        if (begins(first, ZSTD)) {
            return new UnzstdStream(new Borrowed(again));
        }
        if (Bzip2Stream.isStart(first)) {
            return new DecodedStream(Bzip2Stream.open(again).orElseThrow(() -> undecoded("bzip2", "libbz2.so.1.0")));
        }
        if (XzStream.isStart(first)) {
            return new DecodedStream(XzStream.open(again).orElseThrow(() -> undecoded("xz", "liblzma.so.5")));
        }
        return begins(first, GZIP) ? new GunzipStream(again) : new Borrowed(again);
    }

    private static MalformedLayerException undecoded(String format, String library) {
        return new MalformedLayerException("%s: it is not unpacked on a host without %s".formatted(format, library));
    }

    /// The first bytes, as many as there are, which stay to be read.
    private static byte[] first(PushbackInputStream stream) throws IOException {
        byte[] first = stream.readNBytes(MAGIC_BYTES);
        stream.unread(first);
        return first;
    }

    private static boolean begins(byte[] first, byte[] magic) {
        return first.length >= magic.length && Arrays.equals(magic, Arrays.copyOf(first, magic.length));
    }

    /// Leaves the closing to the owner.
    private static final class Borrowed extends InputStream {
        private final InputStream stream;

        Borrowed(InputStream stream) {
            this.stream = stream;
        }

        @Override
        public int read() throws IOException {
            return stream.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return stream.read(bytes, offset, length);
        }
    }

    /// What a library of the host decodes. For one thread.
    private static final class DecodedStream extends InputStream {
        private final InputStream streams;

        DecodedStream(InputStream streams) {
            this.streams = streams;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                return streams.read(bytes, offset, length);
            } catch (ZipException e) {
                throw new MalformedLayerException(String.valueOf(e.getMessage()));
            }
        }

        @Override
        public void close() throws IOException {
            streams.close();
        }
    }
}
