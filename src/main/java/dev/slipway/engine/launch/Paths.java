package dev.slipway.engine.launch;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// What every path in a spec must be, checked once where the record is made.
public final class Paths {
    private Paths() {}

    static void requireAbsolute(Path path) {
        requireAbsolute(path.toString());
    }

    static void requireAbsolute(String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("path is not absolute: " + path);
        }
        requirePlain(path);
    }

    /// A relative path without `..`; empty means the directory itself.
    static void requireInside(String path) {
        if (path.startsWith("/")) {
            throw new IllegalArgumentException("path is not relative: " + path);
        }
        requirePlain(path);
    }

    /// The names of `path` without empty ones and `.`.
    public static List<String> names(String path) {
        return Arrays.stream(path.split("/"))
                .filter(name -> !name.isEmpty() && !name.equals("."))
                .toList();
    }

    private static void requirePlain(String path) {
        if (path.indexOf('\0') >= 0 || names(path).contains("..")) {
            throw new IllegalArgumentException("path has a NUL or a '..': " + path);
        }
    }
}
