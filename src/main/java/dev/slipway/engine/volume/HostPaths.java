package dev.slipway.engine.volume;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Checks that a path of the host is what a pod expects, and makes what its type says.
public final class HostPaths {
    private static final Set<PosixFilePermission> DIRECTORY_MODE = PosixFilePermissions.fromString("rwxr-xr-x");
    private static final Set<PosixFilePermission> FILE_MODE = PosixFilePermissions.fromString("rw-r--r--");
    private static final int TYPE_MASK = 0170000;
    private static final int CHARACTER_DEVICE = 0020000;
    private static final int BLOCK_DEVICE = 0060000;
    private static final int SOCKET = 0140000;

    private HostPaths() {}

    /// @throws IOException when something else, or nothing, is there; the words are Kubernetes'
    public static void ensure(HostPath hostPath) throws IOException {
        Path path = hostPath.path();
        switch (hostPath.type()) {
            case UNCHECKED -> makeDirectory(path);
            case DIRECTORY_OR_CREATE -> {
                makeDirectory(path);
                require(Files.isDirectory(path), path, "a directory");
            }
            case DIRECTORY -> require(Files.isDirectory(path), path, "a directory");
            case FILE_OR_CREATE -> {
                makeFile(path);
                require(Files.isRegularFile(path), path, "a file");
            }
            case FILE -> require(Files.isRegularFile(path), path, "a file");
            case SOCKET -> require(type(path) == SOCKET, path, "a socket file");
            case CHAR_DEVICE -> require(type(path) == CHARACTER_DEVICE, path, "a character device");
            case BLOCK_DEVICE -> require(type(path) == BLOCK_DEVICE, path, "a block device");
        }
    }

    private static void makeDirectory(Path path) throws IOException {
        if (!Files.exists(path)) {
            Files.createDirectories(path);
            Files.setPosixFilePermissions(path, DIRECTORY_MODE);
        }
    }

    /// Directories on the way are not made, as in Kubernetes.
    private static void makeFile(Path path) throws IOException {
        if (Files.exists(path)) {
            return;
        }
        try {
            Files.createFile(path);
            Files.setPosixFilePermissions(path, FILE_MODE);
        } catch (FileAlreadyExistsException e) {
            // Somebody else has made it meanwhile, or it is a link to nothing: the check that follows tells.
            return;
        }
    }

    private static int type(Path path) throws IOException {
        return Files.exists(path) ? (int) Files.getAttribute(path, "unix:mode") & TYPE_MASK : 0;
    }

    private static void require(boolean fits, Path path, String what) throws IOException {
        if (!fits) {
            throw new IOException("hostPath type check failed: %s is not %s".formatted(path, what));
        }
    }
}
