package dev.slipway.engine.image;

import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.BlobPush;
import dev.slipway.engine.registry.Keyring;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Reads a blob of another registry, from one chunk to the next without asking again. The last byte of one that
/// is not what its digest says is held back. Safe for use by one thread after the other: who reads on after
/// another has begun is refused.
final class BlobRelay implements BlobPush.Source, AutoCloseable {
    private final From from;
    private final Repository origin;
    private final Descriptor blob;
    private final ReentrantLock lock = new ReentrantLock();
    private final MessageDigest hash;
    private @Nullable InputStream stream;
    private @Nullable Part last;
    private long position;
    private long hashed;
    private @Nullable IOException failure;

    /// Whom to ask for the blob.
    interface From {
        InputStream open(Repository repository, Descriptor blob, long offsetBytes, Keyring keyring) throws IOException;
    }

    BlobRelay(From from, Repository origin, Descriptor blob) {
        this.from = from;
        this.origin = origin;
        this.blob = blob;
        this.hash = blob.digest().hasher();
    }

    @Override
    public InputStream open(long offsetBytes) throws IOException {
        lock.lock();
        try {
            if (failure instanceof CorruptContentException) {
                throw failure;
            }
            if (stream == null || position != offsetBytes) {
                close();
                stream = from.open(origin, blob, offsetBytes, Keyring.EMPTY);
                position = offsetBytes;
            }
            failure = null;
            last = new Part();
            return last;
        } catch (IOException e) {
            failure = e;
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /// Why it could not be read when it was read last; empty if it could.
    Optional<IOException> failure() {
        lock.lock();
        try {
            return Optional.ofNullable(failure);
        } finally {
            lock.unlock();
        }
    }

    private int read(Part by, byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            if (by != last || stream == null) {
                throw new IOException("another reader has begun");
            }
            int count = stream.read(bytes, offset, length);
            check(bytes, offset, Math.max(0, count));
            position += Math.max(0, count);
            return count;
        } catch (IOException e) {
            if (by == last) {
                failure = e;
                position = -1;
            }
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /// Hashes what comes for the first time: what is sent once more goes on from somewhere before.
    private void check(byte[] bytes, int offset, int count) throws CorruptContentException {
        int known = (int) Math.min(count, Math.max(0, hashed - position));
        hash.update(bytes, offset + known, count - known);
        hashed += count - known;
        if (count > known && hashed == blob.sizeBytes() && !blob.digest().matches(hash)) {
            throw new CorruptContentException(blob.digest(), "has another digest in " + origin.familiar());
        }
    }

    @Override
    public void close() throws IOException {
        lock.lock();
        try {
            if (stream != null) {
                stream.close();
                stream = null;
            }
        } finally {
            lock.unlock();
        }
    }

    /// From some byte on; the stream behind it stays open when it is closed.
    private final class Part extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return BlobRelay.this.read(this, bytes, offset, length);
        }
    }
}
