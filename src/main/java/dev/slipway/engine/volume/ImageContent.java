package dev.slipway.engine.volume;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What an image has at a path, to be copied into a volume.
///
/// @param lowers the image's layer directories, topmost first
/// @param empty an empty directory: overlayfs wants two layers at least, and even a single one may have whiteouts
record ImageContent(List<Path> lowers, Path empty) {
    /// Copies content, owner, modes and attributes, also those of the directory itself.
    ///
    /// @param path absolute inside the image; links in it are followed there and cannot leave it
    /// @param target an empty directory; removed when the copy fails half-way
    /// @return false if the image has no directory there; then nothing was copied
    boolean copy(String path, Path target) throws IOException {
        List<Path> merged = new ArrayList<>(lowers);
        merged.add(empty);
        At at = new At();
        try (Fd root = Mounts.mergedLayers(merged)) {
            Optional<Fd> source = find(at, root, path);
            if (source.isEmpty()) {
                return false;
            }
            try (Fd opened = source.get();
                    Fd made = at.openHost(target)) {
                new TreeCopy(made).copy(opened);
                return true;
            }
        } catch (IOException e) {
            TreeRemoval.remove(target);
            throw e;
        }
    }

    private static Optional<Fd> find(At at, Fd root, String path) throws LinuxException {
        try {
            return Optional.of(at.openDirectory(root, path.getBytes(StandardCharsets.UTF_8)));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
