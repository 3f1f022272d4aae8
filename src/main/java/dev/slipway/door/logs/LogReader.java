package dev.slipway.door.logs;

import dev.slipway.door.http.Sink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Copies the log of one run to a client, across rotations, and goes on while the run does if that is asked for.
///
/// Following waits on the directory of the log (inotify), so that nothing is polled while nothing is written; every
/// [#LOOK_AGAIN] it asks whether the run has ended. Used by one thread.
final class LogReader {
    private static final Logger LOG = Logger.getLogger(LogReader.class);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
    private static final int LOOKS_DURING_ROTATION = 10;
    private static final int FLUSH_BYTES = 32 * 1024;

    private final ContainerLogs.Run run;
    private final LogOptions options;
    private final Sink sink;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private long bytesLeft;
    private boolean atLineStart = true;

    LogReader(ContainerLogs.Run run, LogOptions options, Sink sink) {
        this.run = run;
        this.options = options;
        this.sink = sink;
        this.bytesLeft = options.limitBytes().orElse(Long.MAX_VALUE);
    }

    /// Returns when all that was asked for is sent.
    void copy() throws IOException, InterruptedException {
        if (!options.follow()) {
            read(Optional.empty());
            return;
        }
        List<Path> files = run.files();
        if (files.isEmpty()) {
            return;
        }
        Path directory = Objects.requireNonNull(files.getLast().toAbsolutePath().getParent());
        try (WatchService changes = directory.getFileSystem().newWatchService()) {
            directory.register(changes, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
            sink.onClose(() -> close(changes));
            read(Optional.of(changes));
        } catch (ClosedWatchServiceException e) {
            // The client has gone; nobody is left to tell.
        }
    }

    private void read(Optional<WatchService> changes) throws IOException, InterruptedException {
        Deque<LogFile> files = open();
        try {
            while (!files.isEmpty() && bytesLeft > 0) {
                boolean wasRunning = run.isRunning();
                LogFile file = files.getFirst();
                drain(file);
                if (files.size() > 1) {
                    files.removeFirst().close();
                    continue;
                }
                Optional<LogFile> following = changes.isPresent() ? following(file.identity()) : Optional.empty();
                if (following.isPresent()) {
                    drain(file);
                    files.removeFirst().close();
                    files.add(following.get());
                } else if (changes.isEmpty() || !wasRunning) {
                    break;
                } else {
                    flush();
                    awaitChange(changes.get());
                }
            }
            flush();
        } finally {
            close(files);
        }
    }

    /// Opens what there is now, oldest first, at the place where the wanted part begins: what is sent is that,
    /// however fast the container writes and rotation removes, and however slowly the client reads.
    private Deque<LogFile> open() throws IOException {
        Deque<LogFile> files = openAll();
        if (!options.follow() && !files.isEmpty()) {
            files.getLast().endHere();
        }
        if (options.tailLines().isEmpty()) {
            return files;
        }
        long wanted = options.tailLines().getAsLong();
        Deque<LogFile> tail = new ArrayDeque<>();
        while (!files.isEmpty() && (tail.isEmpty() || wanted > 0)) {
            LogFile file = files.removeLast();
            tail.addFirst(file);
            wanted -= file.seekLast(wanted);
        }
        close(files);
        return tail;
    }

    /// Names come to mean other files while they are opened. That they did not is seen by the newest, which any
    /// rotation replaces, and by there being no more of them. Where the container rotates more quickly than any
    /// look, the newest file is all.
    private Deque<LogFile> openAll() throws IOException {
        Deque<LogFile> files = new ArrayDeque<>();
        for (int look = 0; look < LOOKS_DURING_ROTATION; look++) {
            close(files);
            files.clear();
            try {
                List<Path> paths = run.files();
                for (Path path : paths.reversed()) {
                    files.addFirst(LogFile.open(path));
                }
                boolean areSame = paths.equals(run.files());
                if (areSame && (paths.isEmpty() || isNewest(files.getLast(), paths))) {
                    return files;
                }
            } catch (NoSuchFileException e) {
                LOG.debugf("log rotated while it was opened file=%s", e.getFile());
            }
        }
        while (files.size() > 1) {
            files.removeFirst().close();
        }
        return files;
    }

    /// The file that rotation put after the one with this identity; the oldest there is when that one was removed.
    ///
    /// Names may come to mean other files between listing and looking, so that a surprise is believed only when two
    /// looks agree, and a file only when it is still the one that was looked at.
    private Optional<LogFile> following(Object identity) throws IOException {
        List<Object> lastLook = List.of();
        for (int look = 0; look < LOOKS_DURING_ROTATION; look++) {
            try {
                List<Path> files = run.files();
                List<Object> identities = new ArrayList<>();
                for (Path file : files) {
                    identities.add(LogFile.identity(file));
                }
                int next = identities.indexOf(identity) + 1;
                if (next == files.size()) {
                    return Optional.empty();
                }
                if (next > 0 || identities.equals(lastLook)) {
                    LogFile file = LogFile.open(files.get(next));
                    if (file.identity().equals(identities.get(next))) {
                        return Optional.of(file);
                    }
                    file.close();
                }
                lastLook = identities;
            } catch (NoSuchFileException e) {
                LOG.debugf("log rotated while reading file=%s", e.getFile());
            }
        }
        return Optional.empty();
    }

    private void drain(LogFile file) throws IOException {
        for (Optional<LogEntry> entry = file.next(); entry.isPresent() && bytesLeft > 0; entry = file.next()) {
            if (options.since().isEmpty() || entry.get().isSince(options.since().get())) {
                take(entry.get());
            }
        }
    }

    private void take(LogEntry entry) throws IOException {
        if (options.timestamps() && atLineStart) {
            append((entry.time() + " ").getBytes(StandardCharsets.US_ASCII));
        }
        append(entry.text());
        if (entry.endsLine()) {
            append(new byte[] {'\n'});
        }
        atLineStart = entry.endsLine();
        if (pending.size() >= FLUSH_BYTES) {
            flush();
        }
    }

    private void append(byte[] bytes) {
        int length = (int) Math.min(bytes.length, bytesLeft);
        pending.write(bytes, 0, length);
        bytesLeft -= length;
    }

    private void flush() throws IOException {
        if (pending.size() > 0) {
            sink.write(pending.toByteArray());
            pending.reset();
        }
    }

    private static void awaitChange(WatchService changes) throws InterruptedException {
        WatchKey key = changes.poll(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
        if (key != null) {
            key.pollEvents();
            key.reset();
        }
    }

    private static boolean isNewest(LogFile file, List<Path> paths) throws IOException {
        return file.identity().equals(LogFile.identity(paths.getLast()));
    }

    private static void close(Iterable<LogFile> files) throws IOException {
        for (LogFile file : files) {
            file.close();
        }
    }

    private static void close(WatchService changes) {
        try {
            changes.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
