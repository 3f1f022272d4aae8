package dev.slipway.engine.tree;

import dev.slipway.engine.codec.Hashes;
import dev.slipway.engine.elf.Elf;
import dev.slipway.engine.elf.ElfReader;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What reading regular files of the host has shown, so that an unchanged file is read once and not at every build.
///
/// A file that changed within the last seconds is read again, because it may change once more within one tick of the
/// kernel's clock. Kept in memory only. Safe for use by many threads.
public final class FileFacts {
    private static final Duration SETTLED = Duration.ofSeconds(2);
    private static final int MOST = 20_000;
    private static final int CHUNK_BYTES = 1 << 18;

    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Identity, Facts> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Identity, Facts> eldest) {
            return size() > MOST;
        }
    };

    public FileFacts(InstantSource clock) {
        this.clock = clock;
    }

    /// A file in one state: when anything about it changes, the kernel gives it another time of change, which no
    /// program can set back.
    ///
    /// @param changed when it changed last, by the kernel's clock
    public record Identity(long filesystem, long inode, long sizeBytes, Instant changed) {
        static Identity of(FileStat stat) {
            return new Identity(
                    stat.filesystem(),
                    stat.inode(),
                    stat.size(),
                    Instant.ofEpochSecond(stat.changedSeconds(), stat.changedNanos()));
        }
    }

    /// @param elf empty for a file that is not ELF
    public record Facts(Identity identity, Digest digest, Optional<Elf> elf) {}

    /// @param stat of the file now
    public Facts of(SourceTree tree, String path, FileStat stat) throws IOException {
        Identity identity = Identity.of(stat);
        Facts found = find(identity);
        if (found != null) {
            return found;
        }
        boolean settled = identity.changed().plus(SETTLED).isBefore(clock.instant());
        Facts facts = read(tree, path, identity);
        if (settled) {
            keep(facts);
        }
        return facts;
    }

    private Facts read(SourceTree tree, String path, Identity identity) throws IOException {
        try (Fd file = tree.open(path);
                FileChannel channel = channel(file)) {
            MessageDigest hash = Hashes.sha256();
            ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
            while (channel.read(chunk) >= 0) {
                hash.update(chunk.flip());
                chunk.clear();
            }
            return new Facts(identity, Digest.ofSha256(hash), ElfReader.read(channel));
        }
    }

    /// An open file as a channel of Java, whatever the letters of its name are.
    public static FileChannel channel(Fd file) throws IOException {
        return FileChannel.open(Path.of("/proc/self/fd/" + file.number()));
    }

    private @Nullable Facts find(Identity identity) {
        lock.lock();
        try {
            return known.get(identity);
        } finally {
            lock.unlock();
        }
    }

    private void keep(Facts facts) {
        lock.lock();
        try {
            known.put(facts.identity(), facts);
        } finally {
            lock.unlock();
        }
    }
}
