package dev.slipway.engine.volume;

import dev.slipway.engine.layer.Decompression;
import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.layer.LayerUnpacker;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// What a volume is filled with when it is made.
@FunctionalInterface
public interface VolumeContent {
    /// @param directory is there and empty; what is in it after a failure is removed by the caller
    void fill(Path directory) throws IOException;

    /// A copy of another volume, or of a snapshot, with everything that files have. Blocks are shared where the
    /// file system can, so that a copy costs neither time nor space until one side is written.
    ///
    /// @param tree containers may change it meanwhile; a copy of one moment needs them to be held still
    static VolumeContent ofTree(Path tree) {
        return directory -> {
            At at = new At();
            try (Fd source = at.openHost(tree);
                    Fd made = at.openHost(directory)) {
                new TreeCopy(made).copy(source);
            }
        };
    }

    /// The files of a tar archive, which may be packed by gzip, zstd, bzip2 or xz; an entry for `./` is of the
    /// volume's root. It is taken for no layer of an image: files named `.wh.*` are files.
    static VolumeContent ofArchive(Path archive) {
        return directory -> {
            // To open a fifo waits for a writer.
            if (!Files.isRegularFile(archive)) {
                throw new IOException("%s is not a file".formatted(archive));
            }
            try (InputStream file = new BufferedInputStream(Files.newInputStream(archive));
                    InputStream tar = Decompression.open(file)) {
                LayerUnpacker.unpackTree(tar, directory, LayerLimits.STANDARD);
            }
        };
    }
}
