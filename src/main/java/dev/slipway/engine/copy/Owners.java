package dev.slipway.engine.copy;

import dev.slipway.engine.layer.TarEntry.Owner;
import dev.slipway.engine.linux.FileStat;
import dev.slipway.engine.shim.ContainerRoot;
import java.io.IOException;
import java.util.Optional;

/// Owners as the host counts them and as a container does.
///
/// @param users of the container's user namespace; empty for the host's users
record Owners(Optional<ContainerRoot.Users> users) {
    private static final long NOBODY = 65_534;

    /// Who has no number in the container is nobody there.
    Owner inside(FileStat stat) {
        return new Owner(inside(Integer.toUnsignedLong(stat.uid())), inside(Integer.toUnsignedLong(stat.gid())));
    }

    private long inside(long id) {
        if (users.isEmpty()) {
            return id;
        }
        long own = id - users.get().first();
        return own >= 0 && own < users.get().count() ? own : NOBODY;
    }

    /// @throws CopyRefusedException when the container has no such user or group
    Owner onHost(Owner owner) throws IOException {
        return new Owner(onHost(owner.uid()), onHost(owner.gid()));
    }

    private long onHost(long id) throws CopyRefusedException {
        if (users.isEmpty()) {
            return id;
        }
        if (id >= users.get().count()) {
            throw new CopyRefusedException("owner %d is not among the %d users of the container"
                    .formatted(id, users.get().count()));
        }
        return id + users.get().first();
    }
}
