package dev.slipway.engine.content;

import dev.slipway.engine.codec.Hashes;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// An ingest into one file. One thread writes; followers read the same file through descriptors of their own, as far as
/// [Growth] says that it is written.
final class FileIngest implements Ingest {
    private static final int CHUNK_BYTES = 1 << 17;

    /// What the bytes must turn out to be.
    ///
    /// @param digest null where commit finds it
    /// @param sizeBytes negative where unknown
    /// @param resumable the file is kept when the ingest is closed early
    record Target(@Nullable Digest digest, long sizeBytes, boolean resumable) {
        static final Target UNKNOWN = new Target(null, -1, false);

        MessageDigest hasher() {
            return digest == null ? Hashes.sha256() : Hashes.of(digest);
        }
    }

    /// Takes the file when the ingest ends: with the digest that it was verified to have, or empty.
    interface Ending {
        void ended(Path file, Optional<Digest> verified) throws IOException;
    }

    private final Target target;
    private final Path file;
    private final Ending ending;
    private final FileChannel channel;
    private final Growth growth;
    private MessageDigest hash;
    private boolean ended;
    private boolean broken;

    FileIngest(Target target, Path file, Ending ending) throws IOException {
        this.target = target;
        this.file = file;
        this.ending = ending;
        this.hash = target.hasher();
        this.channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        try {
            this.growth = new Growth(resume(), target.sizeBytes());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public long offsetBytes() {
        return growth.bytes();
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Digest digest = target.digest();
        if (digest != null && length > target.sizeBytes() - growth.bytes()) {
            throw new CorruptContentException(digest, "is longer than the announced " + target.sizeBytes() + " bytes");
        }
        if (broken) {
            throw new IOException("an earlier write of the blob failed half-way");
        }
        // Until all of it is written, hash and file do not tell the same.
        broken = true;
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        hash.update(bytes, offset, length);
        broken = false;
        growth.add(length);
    }

    @Override
    public void restart() throws IOException {
        if (growth.bytes() > 0) {
            channel.truncate(0);
            channel.position(0);
            hash = target.hasher();
            growth.restart();
        }
    }

    @Override
    public InputStream follow() throws IOException {
        return new FollowingStream(FileChannel.open(file, StandardOpenOption.READ), growth);
    }

    @Override
    public Digest commit() throws IOException {
        return publish(this::verify);
    }

    @Override
    public Digest commit(Digest expected) throws IOException {
        return publish(() -> verify(expected));
    }

    private interface Verification {
        Digest run() throws IOException;
    }

    private Digest publish(Verification verification) throws IOException {
        Digest verified;
        try {
            if (broken) {
                throw new IOException("a write of the blob failed half-way");
            }
            verified = verification.run();
        } catch (CorruptContentException e) {
            discard();
            throw e;
        }
        growth.end(true);
        channel.force(false);
        channel.close();
        ended = true;
        ending.ended(file, Optional.of(verified));
        return verified;
    }

    @Override
    public void discard() throws IOException {
        if (!ended) {
            Files.deleteIfExists(file);
            letGo();
        }
    }

    @Override
    public void close() throws IOException {
        if (!ended && (!target.resumable() || growth.bytes() == 0)) {
            discard();
        } else if (!ended) {
            letGo();
        }
    }

    private void letGo() throws IOException {
        ended = true;
        growth.end(false);
        channel.close();
        ending.ended(file, Optional.empty());
    }

    private Digest verify() throws CorruptContentException {
        Digest digest = target.digest();
        if (digest == null) {
            return Digest.ofSha256(hash);
        }
        if (growth.bytes() != target.sizeBytes()) {
            throw new CorruptContentException(
                    digest, "has " + growth.bytes() + " bytes instead of " + target.sizeBytes());
        }
        if (!digest.matches(hash)) {
            throw new CorruptContentException(digest, "has another digest");
        }
        return digest;
    }

    /// The hash that ran along decides where it is of the algorithm that is asked for; else the file is read again.
    private Digest verify(Digest expected) throws IOException {
        if (target.digest() == null && !expected.algorithm().equals("sha256")) {
            hash = expected.hasher();
            channel.position(0);
            hashRest();
        }
        Digest known = target.digest();
        boolean matches = known == null ? expected.matches(hash) : expected.equals(verify());
        if (!matches) {
            throw new CorruptContentException(expected, "has another digest");
        }
        return expected;
    }

    /// Hashes what an earlier ingest left, and returns how much that is.
    private long resume() throws IOException {
        if (target.digest() != null && channel.size() > target.sizeBytes()) {
            channel.truncate(0);
        }
        return hashRest();
    }

    /// Hashes from where the channel is to the end of the file, and returns where that is.
    private long hashRest() throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
        while (channel.read(buffer) >= 0) {
            hash.update(buffer.flip());
            buffer.clear();
        }
        return channel.position();
    }
}
