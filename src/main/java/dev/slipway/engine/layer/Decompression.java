package dev.slipway.engine.layer;

import dev.slipway.engine.codec.XzStream;
import dev.slipway.engine.oci.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.ZipException;

/// Takes layers out of their compression.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/layer.md#gzip-media-types OCI Image Spec: gzip, zstd
public final class Decompression {
    private static final int MAGIC_BYTES = 6;
    private static final long GZIP = 0x1f8b;
    private static final long ZSTD = 0x28b52ffd;
    private static final long XZ = 0xfd377a585a00L;

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
        long magic = magic(again);
        boolean zstd = begins(magic, ZSTD, Integer.BYTES) || type.isZstd() && !begins(magic, GZIP, Short.BYTES);
        return zstd ? new UnzstdStream(new Borrowed(again)) : new GunzipStream(again);
    }

    /// The archive in `packed`, whose first bytes alone say whether it is compressed, and how. Layers are never
    /// packed by xz, and other archives are where the host can decode it.
    ///
    /// @return as above
    public static InputStream open(InputStream packed) throws IOException {
        PushbackInputStream again = new PushbackInputStream(packed, MAGIC_BYTES);
        long magic = magic(again);
        if (begins(magic, ZSTD, Integer.BYTES)) {
            return new UnzstdStream(new Borrowed(again));
        }
        if (magic == XZ) {
            return new UnxzStream(again);
        }
        return begins(magic, GZIP, Short.BYTES) ? new GunzipStream(again) : new Borrowed(again);
    }

    /// The first bytes, which stay to be read; zeros for those that are not there.
    private static long magic(PushbackInputStream stream) throws IOException {
        byte[] first = stream.readNBytes(MAGIC_BYTES);
        stream.unread(first);
        long magic = 0;
        for (int i = 0; i < MAGIC_BYTES; i++) {
            magic = magic << Byte.SIZE | (i < first.length ? first[i] & 0xff : 0);
        }
        return magic;
    }

    private static boolean begins(long magic, long start, int bytes) {
        return magic >>> (MAGIC_BYTES - bytes) * Byte.SIZE == start;
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

    /// Inflates xz, where the host has liblzma. For one thread.
    private static final class UnxzStream extends InputStream {
        private final InputStream streams;

        UnxzStream(InputStream packed) throws IOException {
            streams = XzStream.open(packed)
                    .orElseThrow(
                            () -> new MalformedLayerException("xz: it is not unpacked on a host without liblzma.so.5"));
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
