package dev.slipway.engine.volume;

import dev.slipway.disk.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/// What its maker notes of each volume, out of reach of containers: one small file a volume, under a hash of its name,
/// which may be too long for the files that stand aside meanwhile. A note says nothing when its volume is not there.
///
/// Thread-safe; one note is written by one thread at a time.
public final class VolumeNotes {
    private final Path directory;

    /// @param directory made when it is needed
    VolumeNotes(Path directory) {
        this.directory = directory;
    }

    /// Removes what an earlier engine was about to write.
    void open() throws IOException {
        AtomicFile.sweep(directory);
    }

    public Optional<byte[]> read(VolumeName name) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(path(name)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// Durable when it returns: who notes before making a volume finds the note whenever the volume is there.
    public void write(VolumeName name, byte[] note) throws IOException {
        Files.createDirectories(directory);
        AtomicFile.write(path(name), note);
    }

    /// Nothing happens if there is none.
    public void remove(VolumeName name) throws IOException {
        Files.deleteIfExists(path(name));
    }

    private Path path(VolumeName name) {
        return directory.resolve(UUID.nameUUIDFromBytes(name.value().getBytes(StandardCharsets.UTF_8))
                .toString());
    }
}
