package dev.slipway.engine.copy;

import dev.slipway.engine.linux.FileStat;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Files with several names, by the first name that each has in the archive. A file is forgotten when all its names
/// came, and there are only so many: those beyond are copied once for each name.
final class Twins {
    private static final int MOST = 100_000;

    private final Map<Identity, First> firsts = new HashMap<>();

    /// A number of an inode says nothing without its file system: a tree may have several.
    private record Identity(long filesystem, long inode) {}

    /// @param left how many more names the file has
    private record First(byte[] name, int left) {}

    /// The name that the archive has already for a file; otherwise it is `path` from now on.
    Optional<byte[]> firstName(FileStat stat, byte[] path) {
        if (stat.links() < 2) {
            return Optional.empty();
        }
        Identity identity = new Identity(stat.filesystem(), stat.inode());
        First first = firsts.remove(identity);
        if (first == null) {
            if (firsts.size() < MOST) {
                firsts.put(identity, new First(path, stat.links() - 1));
            }
            return Optional.empty();
        }
        if (first.left() > 1) {
            firsts.put(identity, new First(first.name(), first.left() - 1));
        }
        return Optional.of(first.name());
    }
}
