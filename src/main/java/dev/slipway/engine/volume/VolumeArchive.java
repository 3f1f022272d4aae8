package dev.slipway.engine.volume;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.codec.GzipStream;
import dev.slipway.engine.layer.LayerPacker;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// A tree as a tar archive, for another host to populate a volume with. The file appears whole, readable for its owner
/// only.
final class VolumeArchive {
    private VolumeArchive() {}

    /// @param file replaced if it is there; packed by gzip if its name ends with `gz`
    /// @throws IOException also when the path names no file
    static void write(Path tree, Path file) throws IOException {
        Path directory = file.getParent();
        if (directory == null || Files.isDirectory(file)) {
            throw new IOException("write archive %s: it is a directory".formatted(file));
        }
        Path aside = directory.resolve("." + file.getFileName() + ".part");
        Files.deleteIfExists(aside);
        try {
            try (FileChannel channel = FileChannel.open(
                    aside,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                pack(tree, Channels.newOutputStream(channel), file.toString().endsWith("gz"));
                channel.force(true);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            Files.deleteIfExists(aside);
            throw new IOException("write archive %s: %s".formatted(file, e.getMessage()), e);
        }
        AtomicFile.syncDirectory(directory);
    }

    private static void pack(Path tree, OutputStream out, boolean isPacked) throws IOException {
        if (isPacked) {
            GzipStream gzip = new GzipStream(out);
            LayerPacker.packTree(tree, gzip);
            gzip.finish();
        } else {
            LayerPacker.packTree(tree, out);
        }
        out.flush();
    }
}
