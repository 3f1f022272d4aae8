package dev.slipway.engine.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jboss.logging.Logger;

/// The log of a build: what each step does, and what its programs write, in the format of containers' logs. It takes
/// the place of the log of the build before when something is made; a build that finds everything writes none. The
/// launcher of a step appends to the same file while the step runs. For one thread.
///
/// @spec https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md CRI logging
final class BuildLog {
    private static final Logger LOG = Logger.getLogger(BuildLog.class);
    private static final int TAIL_BYTES = 1 << 16;

    private final Path file;
    private final InstantSource clock;
    private final List<String> early = new ArrayList<>();
    private boolean begun;

    BuildLog(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    Path file() {
        return file;
    }

    /// Adds a line, when there is reason to write a log at all.
    void mention(String text) throws IOException {
        if (begun) {
            append(text);
        } else {
            early.add(text);
        }
    }

    /// Adds a line; with the first, the log begins.
    void write(String text) throws IOException {
        begin();
        append(text);
    }

    /// Starts the log, if it has not begun.
    void begin() throws IOException {
        if (begun) {
            return;
        }
        Path directory = file.resolveSibling("");
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        remove(file);
        begun = true;
        for (String line : early) {
            append(line);
        }
        early.clear();
    }

    private void append(String text) throws IOException {
        StringBuilder lines = new StringBuilder();
        String time = clock.instant().truncatedTo(ChronoUnit.MICROS).toString();
        for (String line : text.split("\n", -1)) {
            lines.append(time).append(" stdout F ").append(line).append('\n');
        }
        Files.writeString(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /// How long the log is now.
    long mark() throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    /// The last lines since `mark`, as far as they are in the current file.
    List<String> tail(long mark, int lines) throws IOException {
        long size = mark();
        long from = Math.max(mark > size ? 0 : mark, size - TAIL_BYTES);
        List<String> found = new ArrayList<>();
        try (var channel = Files.newByteChannel(file)) {
            byte[] bytes = new byte[(int) (size - from)];
            channel.position(from);
            int count = channel.read(java.nio.ByteBuffer.wrap(bytes));
            String text = new String(bytes, 0, Math.max(0, count), StandardCharsets.UTF_8);
            for (String line : text.split("\n")) {
                String[] parts = line.split(" ", 4);
                if (parts.length == 4) {
                    found.add(parts[3]);
                }
            }
        } catch (NoSuchFileException e) {
            LOG.debugf("no log to quote file=%s", file);
        }
        return found.subList(Math.max(0, found.size() - lines), found.size());
    }

    /// Removes a log, and the older parts of it that rotation put beside it.
    static void remove(Path file) throws IOException {
        Path directory = file.resolveSibling("");
        if (!Files.isDirectory(directory)) {
            return;
        }
        String name = file.getFileName().toString();
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(
                directory,
                part -> part.getFileName().toString().equals(name)
                        || part.getFileName().toString().startsWith(name + "."))) {
            for (Path part : parts) {
                Files.deleteIfExists(part);
            }
        }
    }
}
