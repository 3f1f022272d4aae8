package dev.slipway.engine.archive;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// The files of an archive in a directory, by names that the archive gives: none leads out of it. For one thread.
final class ArchiveFiles implements AutoCloseable {
    private final At at = new At();
    private final Fd root;

    private ArchiveFiles(Fd root) {
        this.root = root;
    }

    static ArchiveFiles open(Path directory) throws IOException {
        return new ArchiveFiles(new At().openHost(directory));
    }

    InputStream open(String name) throws IOException {
        int slash = name.lastIndexOf('/');
        String parent = slash < 0 ? "." : name.substring(0, slash);
        try (Fd directory = at.openDirectory(root, parent.getBytes(StandardCharsets.UTF_8));
                Fd file = at.openFile(directory, name.substring(slash + 1).getBytes(StandardCharsets.UTF_8))) {
            return Files.newInputStream(Path.of("/proc/self/fd/" + file.number()));
        } catch (LinuxException e) {
            NoSuchFileException missing = new NoSuchFileException("the archive has no file " + name);
            missing.initCause(e);
            throw missing;
        }
    }

    byte[] read(String name, int most) throws IOException {
        try (InputStream stream = open(name)) {
            byte[] bytes = stream.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new IOException("%s is larger than %d bytes".formatted(name, most));
            }
            return bytes;
        }
    }

    @Override
    public void close() {
        root.close();
    }
}
