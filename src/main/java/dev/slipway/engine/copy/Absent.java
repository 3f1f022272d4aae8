package dev.slipway.engine.copy;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.shim.ContainerRoot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What is not in a root that is at rest, because it is mounted only while the container runs: to copy what lies
/// beneath in its place would be to copy something else.
///
/// @param places absolute paths without links
record Absent(List<String> places) {
    static Absent of(ContainerRoot root) throws IOException {
        List<String> places = new ArrayList<>();
        List<String> missing = root.rest().map(ContainerRoot.Rest::missing).orElse(List.of());
        At at = new At();
        for (String path : missing) {
            String plain = Path.of(path).normalize().toString();
            places.add(plain);
            // Where a link leads to it, it is mounted.
            try (Fd directory = at.openDirectory(root.directory(), plain.getBytes(StandardCharsets.UTF_8))) {
                places.add(path(directory));
            } catch (LinuxException e) {
                // It is no directory, or is made when it is mounted.
                continue;
            }
        }
        return new Absent(places);
    }

    /// @param path as somebody asks for it, before it is looked for: there may be nothing in such a place
    /// @throws CopyRefusedException when that is such a place, or below one
    void check(String path) throws CopyRefusedException {
        refuse(Path.of("/").resolve(path).normalize());
    }

    /// @throws CopyRefusedException when that is such a place, or below one
    void check(Fd directory, byte[] name) throws IOException {
        if (!places.isEmpty()) {
            refuse(place(directory, name));
        }
    }

    /// @throws CopyRefusedException when there is such a place in that tree, too
    void checkTree(Fd directory, byte[] name) throws IOException {
        check(directory, name);
        for (String place : places) {
            if (Path.of(place).startsWith(place(directory, name))) {
                throw refused(place(directory, name), place);
            }
        }
    }

    private void refuse(Path here) throws CopyRefusedException {
        for (String place : places) {
            if (here.startsWith(place)) {
                throw refused(here, place);
            }
        }
    }

    private static CopyRefusedException refused(Path here, String place) {
        return new CopyRefusedException(
                "copy %s: a volume is mounted at %s, and only while the container runs".formatted(here, place));
    }

    private static Path place(Fd directory, byte[] name) throws IOException {
        return Path.of(path(directory))
                .resolve(new String(name, StandardCharsets.UTF_8))
                .normalize();
    }

    /// As the container has it: the root is mounted nowhere, so that paths begin there.
    private static String path(Fd directory) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/self/fd/" + directory.number()))
                .toString();
    }
}
