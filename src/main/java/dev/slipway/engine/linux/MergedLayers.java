package dev.slipway.engine.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Image layers as overlayfs shows them, whiteouts and opaque directories honoured, to be read through a descriptor.
/// The
/// mount is made in a mount namespace that is gone before the descriptor is handed out: the host's mount table never
/// shows
/// it, and it ends with the descriptor.
///
/// @spec https://docs.kernel.org/filesystems/overlayfs.html overlayfs
public final class MergedLayers {
    private static final long CLONE_NEWNS = 0x20000;
    private static final long MS_RDONLY = 1;
    private static final long MS_REC = 0x4000;
    private static final long MS_PRIVATE = 0x40000;

    private MergedLayers() {}

    /// @param lowers layer directories, topmost first, at least two
    /// @return the merged root, readable only
    public static Fd open(List<Path> lowers) throws IOException {
        return ThreadOfItsOwn.run("layers", () -> mount(lowers));
    }

    private static Fd mount(List<Path> lowers) throws LinuxException {
        Syscalls.call(SyscallNumber.UNSHARE, "mount namespace", CLONE_NEWNS);
        Mounts.mount("none", Path.of("/"), "none", MS_REC | MS_PRIVATE, "");
        At at = new At();
        List<Fd> opened = new ArrayList<>();
        try {
            for (Path lower : lowers) {
                opened.add(at.openHost(lower));
            }
            // The options of mount(2) are limited to one page: these names are short, however long the paths are.
            String names =
                    opened.stream().map(fd -> "/proc/self/fd/" + fd.number()).collect(Collectors.joining(":"));
            Path somewhere = lowers.getLast();
            Mounts.mount("overlay", somewhere, "overlay", MS_RDONLY, "lowerdir=" + names);
            return at.openHost(somewhere);
        } finally {
            opened.forEach(Fd::close);
        }
    }
}
