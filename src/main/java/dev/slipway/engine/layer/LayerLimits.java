package dev.slipway.engine.layer;

import java.io.IOException;
import java.io.InputStream;

/// How large a layer may be, so that a small archive of a stranger cannot fill the disk.
///
/// @param bytes of its archive, not compressed, and so of all its regular files together, without their holes
/// @param entries files, directories and others, those too that the archive only implies, and whiteouts
public record LayerLimits(long bytes, long entries) {
    /// 64 GiB, 2 million entries.
    public static final LayerLimits STANDARD = new LayerLimits(64L << 30, 2_000_000);

    /// How many directories may be inside one another: programs that walk through a tree need a frame of their
    /// stack, and often a descriptor, for each.
    public static final int DEEPEST = 1000;

    private static final int HOLES = 8;

    public LayerLimits {
        if (bytes < 1 || entries < 1) {
            throw new IllegalArgumentException("the limits of a layer must be at least 1");
        }
    }

    /// How many bytes all its regular files together may have, with their holes: whoever copies a sparse file may
    /// have to write them.
    public long apparentBytes() {
        return bytes > Long.MAX_VALUE / HOLES ? Long.MAX_VALUE : bytes * HOLES;
    }

    /// `archive`, cut off where it becomes longer than a layer may be, such as one that was small before it was
    /// decompressed: reading more is a [MalformedLayerException]. Closing leaves `archive` open.
    public InputStream bound(InputStream archive) {
        return new BoundedStream(archive, bytes);
    }

    /// For one thread.
    private static final class BoundedStream extends InputStream {
        private final InputStream archive;
        private final long most;
        private long count;

        BoundedStream(InputStream archive, long most) {
            this.archive = archive;
            this.most = most;
        }

        @Override
        public int read() throws IOException {
            int one = archive.read();
            add(one < 0 ? 0 : 1);
            return one;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int some = archive.read(bytes, offset, length);
            add(Math.max(0, some));
            return some;
        }

        private void add(int some) throws MalformedLayerException {
            count += some;
            if (count > most) {
                throw new MalformedLayerException(
                        "the archive has more than the %d bytes that are allowed".formatted(most));
            }
        }
    }
}
