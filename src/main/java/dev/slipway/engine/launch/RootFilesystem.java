package dev.slipway.engine.launch;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/// What the container sees as `/`. It is mounted inside the container's own mount namespace, so the host's mount table
/// never shows it and nothing has to be unmounted afterwards. Device nodes of the image are inert in it (`nodev`).
public sealed interface RootFilesystem {
    /// What overlayfs takes below the writable directory.
    int MOST_LAYERS = 500;

    /// True if the container may not write to it.
    boolean readOnly();

    /// Image layers below one writable directory.
    ///
    /// @param lowers layer directories, topmost first; at least one
    /// @param upper directory that takes what the container writes
    /// @param work empty directory beside `upper`, which overlayfs needs
    /// @param life whether `upper` is kept beyond this run
    /// @spec https://docs.kernel.org/filesystems/overlayfs.html overlayfs
    record Overlay(List<Path> lowers, Path upper, Path work, Life life, boolean readOnly) implements RootFilesystem {
        public Overlay {
            lowers = List.copyOf(lowers);
            if (lowers.isEmpty()) {
                throw new IllegalArgumentException("overlay has no lower directory");
            }
            lowers.forEach(Paths::requireAbsolute);
            Paths.requireAbsolute(upper);
            Paths.requireAbsolute(work);
            if (!Objects.equals(upper.getParent(), work.getParent())) {
                throw new IllegalArgumentException(
                        "upper and work are not in one directory: %s, %s".formatted(upper, work));
            }
        }

        /// The directory that `upper` and `work` are in.
        public Path writable() {
            return Objects.requireNonNull(upper.getParent());
        }
    }

    /// A tree that exists already, used as it is.
    record Directory(Path path, boolean readOnly) implements RootFilesystem {
        public Directory {
            Paths.requireAbsolute(path);
        }
    }

    /// How long a writable layer lives.
    enum Life {
        /// Thrown away after the run. Mounted `volatile`: never synced, so a start and an exit never wait for
        /// the disk. The kernel refuses to mount such a layer again while `work/incompat/volatile` exists.
        RUN,
        /// Kept and mounted again by later runs. Its last unmount syncs the file system of the layer.
        KEPT
    }
}
