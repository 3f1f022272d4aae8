package dev.slipway.engine.launch;

import dev.slipway.engine.seccomp.SeccompProfileFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

/// Profiles that whoever runs the host has written: files in a directory of the engine, as they are when a container
/// starts.
public final class SeccompProfiles {
    private static final int LARGEST = 1 << 20;

    private SeccompProfiles() {}

    /// @param file path below `directory`
    /// @throws IllegalArgumentException when there is no such file, or it is no profile; the message is for the
    ///     user
    public static SeccompProfile compile(Path directory, String file, Set<Capability> capabilities) {
        if (file.isEmpty()
                || file.startsWith("/")
                || Arrays.asList(file.split("/")).contains("..")) {
            throw new IllegalArgumentException("path of a seccomp profile is not below its directory: " + file);
        }
        Path path = directory.resolve(file);
        Set<String> names = capabilities.stream().map(Enum::name).collect(Collectors.toUnmodifiableSet());
        try {
            return SeccompProfile.Compiled.of(SeccompProfileFile.compile(read(path), names));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("read seccomp profile %s: %s".formatted(path, e.getMessage()), e);
        }
    }

    private static byte[] read(Path path) {
        try {
            if (!Files.exists(path)) {
                throw new IllegalArgumentException("no such file");
            }
            // What is something else might never end.
            if (!Files.isRegularFile(path) || Files.size(path) > LARGEST) {
                throw new IllegalArgumentException("it is no regular file of at most %d bytes".formatted(LARGEST));
            }
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw new IllegalArgumentException(String.valueOf(e.getMessage()), e);
        }
    }
}
