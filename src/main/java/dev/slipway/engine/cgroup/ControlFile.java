package dev.slipway.engine.cgroup;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/// Reads and writes the files by which a cgroup is controlled.
final class ControlFile {
    private ControlFile() {}

    /// Writes `value` in one call, as the kernel wants it; a write of nothing would not reach it.
    static void write(Path file, String value) throws IOException {
        try {
            Files.writeString(file, value + "\n", StandardOpenOption.WRITE);
        } catch (IOException e) {
            requireCgroup(file);
            throw new IOException("write '%s' to %s: %s".formatted(value, file, reason(e)), e);
        }
    }

    static String read(Path file) throws IOException {
        return String.join("\n", lines(file)).strip();
    }

    static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            requireCgroup(file);
            throw e;
        }
    }

    /// A cgroup can be removed while somebody has a file of it open; what he is told then (ENODEV) says less.
    ///
    /// @throws NoSuchFileException when the cgroup is gone
    private static void requireCgroup(Path file) throws NoSuchFileException {
        if (Files.notExists(file.resolveSibling("cgroup.procs"))) {
            throw new NoSuchFileException(file.toString());
        }
    }

    /// A file that holds one number, or `max`, which is empty.
    static OptionalLong number(Path file) throws IOException {
        String text = read(file);
        return text.equals("max") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(text));
    }

    /// The number behind `key` in a file of `key number` lines, 0 if it is not there.
    static long keyed(Path file, String key) throws IOException {
        return lines(file).stream()
                .filter(line -> line.startsWith(key + " "))
                .mapToLong(
                        line -> Long.parseLong(line.substring(key.length() + 1).strip()))
                .findFirst()
                .orElse(0);
    }

    private static String reason(IOException e) {
        String reason = e instanceof FileSystemException exception ? exception.getReason() : e.getMessage();
        if (reason == null) {
            return "no such file";
        }
        return reason.toLowerCase(Locale.ROOT);
    }
}
