package dev.slipway.engine.launch;

import java.nio.file.Path;

/// A user namespace in which a container's users are others than the host's: user 0 inside is `firstHostId` outside, 1
/// is the next one, and so on. What comes from the host (layers, volumes) is mounted with the ids translated, so that
/// files have inside the owners that they have on the host's disks, and nothing is ever changed there.
///
/// @param pin a file like `/proc/<pid>/ns/user`, or one that such a file is bound to
/// @param firstHostId of users and of groups
/// @param size how many of each there are
/// @spec https://man7.org/linux/man-pages/man7/user_namespaces.7.html user_namespaces(7)
public record UserNamespace(Path pin, int firstHostId, int size) {
    public UserNamespace {
        Paths.requireAbsolute(pin);
        if (firstHostId <= 0) {
            throw new IllegalArgumentException("first host id of a user namespace is not positive: " + firstHostId);
        }
        if (size <= 0 || size - 1 > Integer.MAX_VALUE - firstHostId) {
            throw new IllegalArgumentException("size of a user namespace is out of range: " + size);
        }
    }
}
