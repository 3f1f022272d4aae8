package dev.slipway.engine.layer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// Trees as archives, read by another library, and as trees again.
final class PackedTree {
    static final Instant LATEST = Instant.ofEpochSecond(2_000_000_000);

    private PackedTree() {}

    static byte[] pack(Path directory) throws IOException {
        return pack(directory, LATEST);
    }

    static byte[] pack(Path directory, Instant latest) throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        LayerPacker.pack(directory, archive, latest, LayerLimits.STANDARD);
        return archive.toByteArray();
    }

    /// @param folder to make a directory in
    static Path unpack(byte[] archive, Path folder) throws IOException {
        Path directory = Files.createTempDirectory(folder, "again");
        LayerUnpacker.unpack(new ByteArrayInputStream(archive), directory, LayerLimits.STANDARD);
        return directory;
    }

    static List<String> names(byte[] archive) throws IOException {
        return entries(archive).stream().map(TarArchiveEntry::getName).toList();
    }

    static List<TarArchiveEntry> entries(byte[] archive) throws IOException {
        List<TarArchiveEntry> entries = new ArrayList<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /// All lines but the root's, which has no entry, without fractions of seconds, which are not packed.
    static List<String> inWholeSeconds(Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        TreeListing.of(directory).forEach((name, line) -> {
            if (!name.equals(".")) {
                lines.add(name + " " + line.replaceFirst("\\.\\d{9}", ""));
            }
        });
        return lines;
    }
}
