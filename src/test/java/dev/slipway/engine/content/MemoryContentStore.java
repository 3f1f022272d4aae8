package dev.slipway.engine.content;

import dev.slipway.engine.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Blobs in memory, for tests of other rooms.
public final class MemoryContentStore implements ContentStore {
    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<Digest, byte[]> partials = new ConcurrentHashMap<>();

    @Override
    public OptionalLong sizeBytes(Digest digest) {
        byte[] blob = blobs.get(digest);
        return blob == null ? OptionalLong.empty() : OptionalLong.of(blob.length);
    }

    @Override
    public InputStream open(Digest digest, long offsetBytes) throws IOException {
        byte[] blob = blobs.get(digest);
        if (blob == null) {
            throw new NoSuchFileException(digest.toString());
        }
        int offset = (int) Math.min(offsetBytes, blob.length);
        return new ByteArrayInputStream(blob, offset, blob.length - offset);
    }

    @Override
    public Ingest begin(Digest digest, long sizeBytes) {
        byte[] partial = partials.remove(digest);
        return new MemoryIngest(digest, sizeBytes, partial == null ? new byte[0] : partial);
    }

    @Override
    public Ingest begin() {
        return new MemoryIngest(null, -1, new byte[0]);
    }

    @Override
    public boolean delete(Digest digest) {
        partials.remove(digest);
        return blobs.remove(digest) != null;
    }

    @Override
    public Set<Digest> list() {
        return Set.copyOf(blobs.keySet());
    }

    private final class MemoryIngest implements Ingest {
        private final @Nullable Digest digest;
        private final long sizeBytes;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Growth growth;
        private boolean ended;

        MemoryIngest(@Nullable Digest digest, long sizeBytes, byte[] partial) {
            this.digest = digest;
            this.sizeBytes = sizeBytes;
            this.growth = new Growth(partial.length, sizeBytes);
            bytes.writeBytes(partial);
        }

        @Override
        public long offsetBytes() {
            return growth.bytes();
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            if (digest != null && length > sizeBytes - growth.bytes()) {
                throw new CorruptContentException(digest, "is longer than announced");
            }
            bytes.write(source, offset, length);
            growth.add(length);
        }

        @Override
        public void restart() {
            bytes.reset();
            growth.restart();
        }

        @Override
        public InputStream follow() {
            return new InputStream() {
                private final int since = growth.restarts();
                private int position;

                @Override
                public int read() throws IOException {
                    return growth.await(position, since) == 0 ? -1 : bytes.toByteArray()[position++] & 0xff;
                }
            };
        }

        @Override
        public Digest commit() throws IOException {
            byte[] whole = bytes.toByteArray();
            Digest found = Digest.sha256(whole);
            if (digest != null && (whole.length != sizeBytes || !found.equals(digest))) {
                discard();
                throw new CorruptContentException(digest, "has another digest or size");
            }
            ended = true;
            growth.end(true);
            blobs.put(found, whole);
            return found;
        }

        @Override
        public Digest commit(Digest expected) throws IOException {
            byte[] whole = bytes.toByteArray();
            if (!expected.of(whole).equals(expected)) {
                discard();
                throw new CorruptContentException(expected, "has another digest");
            }
            ended = true;
            growth.end(true);
            blobs.put(expected, whole);
            return expected;
        }

        @Override
        public void discard() {
            ended = true;
            growth.end(false);
        }

        @Override
        public void close() {
            if (!ended && digest != null) {
                partials.put(digest, bytes.toByteArray());
            }
            if (!ended) {
                discard();
            }
        }
    }

    /// Nothing outlives an ingest here.
    @Override
    public void sweepPartials() {}
}
