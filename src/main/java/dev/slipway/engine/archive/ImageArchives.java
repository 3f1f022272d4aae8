package dev.slipway.engine.archive;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LayerTrees;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.oci.DocumentLimits;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.snapshot.Snapshots;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Set;

/// Takes images out of files, and writes them to files. Safe for use by many threads.
public final class ImageArchives {
    private final Rooms rooms;
    private final Limits limits;

    /// Where images are.
    public record Rooms(Images images, ContentStore content, LayerTrees trees, Snapshots snapshots) {}

    /// How large an image may be.
    ///
    /// @param layers each layer, and also the archive of the image as a whole
    public record Limits(LayerLimits layers, DocumentLimits documents) {
        public static final Limits STANDARD = new Limits(LayerLimits.STANDARD, DocumentLimits.STANDARD);
    }

    public ImageArchives(Rooms rooms, Limits limits) {
        this.rooms = rooms;
        this.limits = limits;
    }

    /// Makes an image present that lies in files of this host.
    ///
    /// @param source a file, or for an OCI layout also a directory
    /// @param names names that the image gets
    /// @throws IOException also when it is not what `format` says; then nothing of it is left
    public LocalImage take(Path source, ArchiveFormat format, Set<Reference> names) throws IOException {
        return ImageImport.run(rooms, limits, source, format, names);
    }

    /// Writes an image as a tar.
    ///
    /// @param name what the image is called in the archive, for instance `docker.io/acme/web:latest`
    /// @param to gets the archive; is flushed and not closed
    public void write(LocalImage image, String name, ArchiveFormat format, OutputStream to) throws IOException {
        ImageExport.write(rooms.content(), image, name, format, to);
    }
}
