package dev.slipway.engine.snapshot;

import dev.slipway.engine.oci.DiffId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The layers of this host, unpacked, and the writable layers of its containers.
///
/// Life: [#open] once; [#stage], fill, commit makes a layer; [#lowers] names the directories of an image's layers;
/// [#writable] makes a container's own one and [#removeWritable] ends it. Safe for use by many threads.
public final class Snapshots {
    private final Path directory;

    /// @param directory for instance `/var/lib/slipway/snapshots`
    public Snapshots(Path directory) {
        this.directory = directory;
    }

    /// Makes the directory and removes what a crash left: stagings, and layers that may not have reached the disk
    /// before the host went down.
    public void open() throws IOException {
        throw new IOException("not yet: " + directory);
    }

    public boolean hasLayer(DiffId layer) {
        return false;
    }

    public Set<DiffId> layers() throws IOException {
        return Set.of();
    }

    /// An empty directory, in which the caller makes the tree of a layer.
    public Staging stage() throws IOException {
        throw new IOException("not yet");
    }

    /// Removes a layer that no image has; nothing happens if it is not there.
    public void removeLayer(DiffId layer) throws IOException {}

    /// The directories of `layers`, which are given bottom first, for overlayfs: topmost first.
    ///
    /// @throws IOException when one of them is not there
    public List<Path> lowers(List<DiffId> layers) throws IOException {
        throw new IOException("not yet");
    }

    /// The writable layer of a container; made when it is not there.
    public WritableLayer writable(SnapshotKey key) throws IOException {
        throw new IOException("not yet");
    }

    public Optional<WritableLayer> findWritable(SnapshotKey key) {
        return Optional.empty();
    }

    /// Removes a writable layer with all that was written; nothing happens if it is not there.
    public void removeWritable(SnapshotKey key) throws IOException {}

    public Set<SnapshotKey> writables() throws IOException {
        return Set.of();
    }
}
