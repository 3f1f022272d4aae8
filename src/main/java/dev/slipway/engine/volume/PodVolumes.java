package dev.slipway.engine.volume;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Volumes that live as long as their pod: empty directories and projections.
///
/// Life: [#open] once; [#emptyDir] and [#project] make a volume, or find it as it is, also after a restart of the
/// engine;
/// [#remove] ends all volumes of a pod; [#sweep] those of pods that nobody owns.
///
/// Thread-safe; calls for one pod come from one thread at a time.
public final class PodVolumes {
    /// @param disk directory for empty directories on disk, for instance `/var/lib/slipway/volumes/.pods`
    /// @param memory directory for what must stay in memory, for instance `/run/slipway/volumes`; if its file system is
    ///     none of memory, one is mounted there
    public PodVolumes(Path disk, Path memory) {}

    public void open() throws IOException {
        throw new IOException("not yet");
    }

    /// A directory on disk that anybody may write to.
    ///
    /// @param volume the pod's name for it, a DNS label
    public Path emptyDir(PodUid pod, String volume) throws IOException {
        throw new IOException("not yet");
    }

    /// The same in memory, at most `sizeLimitBytes`, else half of the machine's.
    public Path emptyDirInMemory(PodUid pod, String volume, OptionalLong sizeLimitBytes) throws IOException {
        throw new IOException("not yet");
    }

    /// Files in memory that are replaced together: a reader that opens a file through the directory sees all of the old
    /// or
    /// all of the new ones. What did not change is not written.
    ///
    /// @param files by their relative path
    public Path project(PodUid pod, String volume, Map<String, ProjectedFile> files) throws IOException {
        throw new IOException("not yet");
    }

    /// The directory of a volume that was made.
    public Optional<Path> find(PodUid pod, String volume) {
        return Optional.empty();
    }

    /// Removes all volumes of a pod; nothing happens if it has none.
    public void remove(PodUid pod) throws IOException {
        throw new IOException("not yet");
    }

    /// Removes the volumes of pods that are not in `owned`.
    public void sweep(Set<PodUid> owned) throws IOException {
        throw new IOException("not yet");
    }
}
