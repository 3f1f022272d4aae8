package dev.slipway.engine.copy;

import dev.slipway.engine.layer.TarEntry.Owner;
import dev.slipway.engine.linux.FileStat;
import java.io.IOException;
import java.util.OptionalInt;

/// Owners as the host counts them and as a container does.
///
/// @param firstHostId of the container's user namespace; empty for the host's users
record Owners(OptionalInt firstHostId) {
    private static final int COUNT = 1 << 16;
    private static final long NOBODY = 65_534;

    /// Who has no number in the container is nobody there.
    Owner inside(FileStat stat) {
        return new Owner(inside(Integer.toUnsignedLong(stat.uid())), inside(Integer.toUnsignedLong(stat.gid())));
    }

    private long inside(long id) {
        if (firstHostId.isEmpty()) {
            return id;
        }
        long own = id - firstHostId.getAsInt();
        return own >= 0 && own < COUNT ? own : NOBODY;
    }

    /// @throws CopyRefusedException when the container has no such user or group
    Owner onHost(Owner owner) throws IOException {
        return new Owner(onHost(owner.uid()), onHost(owner.gid()));
    }

    private long onHost(long id) throws CopyRefusedException {
        if (firstHostId.isEmpty()) {
            return id;
        }
        if (id >= COUNT) {
            throw new CopyRefusedException("owner %d is not among the %d users of the container".formatted(id, COUNT));
        }
        return id + firstHostId.getAsInt();
    }
}
