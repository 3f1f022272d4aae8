package dev.slipway.engine.joint;

import dev.slipway.engine.layer.OverlayMarks;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A directory as three trees have it, open.
///
/// @param own in the layer; null if it has none
/// @param below in the merged layers below; null if they have none, or the layer hides it
/// @param made in the joint; null if it has none
record Trio(@Nullable Fd own, @Nullable Fd below, @Nullable Fd made) implements AutoCloseable {
    private static final byte[] SELF = {'.'};

    /// Opens the same three once more, each for itself.
    Trio again(At at) throws LinuxException {
        return opened(at, own, below, made, SELF);
    }

    /// The directory `name` in it, with what of it is not there left out.
    Trio child(At at, byte[] name) throws LinuxException {
        boolean hidden = own != null && (isOpaque(at, own) || isHidden(at, own, name));
        return opened(at, own, hidden ? null : below, made, name);
    }

    private static Trio opened(At at, @Nullable Fd own, @Nullable Fd below, @Nullable Fd made, byte[] name)
            throws LinuxException {
        Fd inLayer = child(at, own, name);
        Fd under = null;
        try {
            under = child(at, below, name);
            return new Trio(inLayer, under, child(at, made, name));
        } catch (LinuxException e) {
            close(inLayer);
            close(under);
            throw e;
        }
    }

    private static @Nullable Fd child(At at, @Nullable Fd directory, byte[] name) throws LinuxException {
        if (directory == null) {
            return null;
        }
        try {
            return at.openChild(directory, name);
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP) {
                return null;
            }
            throw e;
        }
    }

    private static boolean isOpaque(At at, Fd directory) throws LinuxException {
        String names = new String(at.attributeNames(directory, SELF), StandardCharsets.UTF_8);
        return Arrays.asList(names.split("\0")).contains(OverlayMarks.OPAQUE);
    }

    /// Whether the layer has something else than a directory there.
    private static boolean isHidden(At at, Fd directory, byte[] name) throws LinuxException {
        return at.find(directory, name).filter(found -> !found.isDirectory()).isPresent();
    }

    @Override
    public void close() {
        close(own);
        close(below);
        close(made);
    }

    private static void close(@Nullable Fd directory) {
        if (directory != null) {
            directory.close();
        }
    }
}
