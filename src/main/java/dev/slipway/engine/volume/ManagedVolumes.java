package dev.slipway.engine.volume;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Data that outlives containers: one directory a volume.
///
/// Life: [#ensure] makes a volume, or finds it; containers mount its directory; [#delete] ends it. Nothing else removes
/// data.
///
/// Thread-safe; one volume is made or deleted by one thread at a time.
public final class ManagedVolumes {
    /// @param directory of all managed volumes, for instance `/var/lib/slipway/volumes`; only this room uses it
    public ManagedVolumes(Path directory) {}

    /// The directory of a volume; made if it is not there.
    ///
    /// @param ownership of a root that is made; one that exists keeps its own
    public Path ensure(VolumeName name, Ownership ownership) throws IOException {
        throw new IOException("not yet");
    }

    /// Fills a volume that is empty with what an image has at a path: content, owner, modes, attributes, also of the
    /// root itself. A volume that has anything in it stays as it is, and so does one for which the image has no
    /// directory there. All or nothing.
    ///
    /// @param lowers the image's layer directories, topmost first
    /// @param path absolute inside the image; links in it are followed there and cannot leave it
    public void copyUp(VolumeName name, List<Path> lowers, String path) throws IOException {
        throw new IOException("not yet");
    }

    public Optional<Path> find(VolumeName name) {
        return Optional.empty();
    }

    public Set<VolumeName> list() throws IOException {
        return Set.of();
    }

    /// Walks through all of a volume; empty if there is none.
    public Optional<VolumeUsage> usage(VolumeName name) throws IOException {
        return Optional.empty();
    }

    /// Removes a volume with its data; nothing happens if there is none.
    public void delete(VolumeName name) throws IOException {
        throw new IOException("not yet");
    }
}
