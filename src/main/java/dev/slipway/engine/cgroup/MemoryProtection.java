package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Protects the memory of pods as far as that of their containers: version 2 keeps a protection only where all above
/// it have one as large. Thread-safe.
///
/// @spec https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files memory.low
final class MemoryProtection {
    private final CgroupTree tree;

    MemoryProtection(CgroupTree tree) {
        this.tree = tree;
    }

    /// Gives those above a container the sum of what those below them have.
    synchronized void raise(CgroupName container) throws IOException {
        Optional<Hierarchies.Home> home =
                tree.hierarchies().home(Controller.MEMORY).filter(Hierarchies.Home::unified);
        if (home.isPresent() && container.container().isPresent()) {
            Path own = tree.own(home.get().root());
            for (Path above : List.of(own.resolve(container.pod().value()), own)) {
                ControlFile.write(above.resolve("memory.low"), Long.toString(below(above)));
            }
        }
    }

    private static long below(Path directory) throws IOException {
        long bytes = 0;
        try (DirectoryStream<Path> children = Files.newDirectoryStream(directory, Files::isDirectory)) {
            for (Path child : children) {
                bytes += bytes(child.resolve("memory.low"));
            }
        }
        return bytes;
    }

    /// Nothing if it was removed meanwhile.
    private static long bytes(Path file) throws IOException {
        try {
            return ControlFile.number(file).orElse(0);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }
}
