package dev.slipway.door.logs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.slipway.door.http.RecordingSink;
import dev.slipway.door.http.Sink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path directory;

    private volatile boolean running;

    @Test
    void text_comes_without_time_stream_and_tag_and_partial_entries_are_joined() throws Exception {
        write("0.log", """
                2026-01-01T00:00:00.000000001Z stdout F first
                2026-01-01T00:00:01Z stderr P sec
                2026-01-01T00:00:01Z stderr F ond
                2026-01-01T00:00:02Z stdout F\s
                """);

        assertEquals("first\nsecond\n\n", read(LogOptions.everything()));
    }

    @Test
    void timestamps_begin_each_line_once() throws Exception {
        write("0.log", """
                2026-01-01T00:00:00Z stdout P a
                2026-01-01T00:00:01Z stdout F b
                2026-01-01T00:00:02Z stdout F c
                """);

        LogOptions options = new LogOptions(false, true, OptionalLong.empty(), Optional.empty(), OptionalLong.empty());

        assertEquals("2026-01-01T00:00:00Z ab\n2026-01-01T00:00:02Z c\n", read(options));
    }

    @Test
    void the_last_lines_may_lie_in_rotated_files() throws Exception {
        write("0.log.1", entry("a") + entry("b") + entry("c"));
        write("1.log", entry("d") + entry("e"));

        assertEquals("c\nd\ne\n", read(tail(3)));
        assertEquals("e\n", read(tail(1)));
        assertEquals("", read(tail(0)));
        assertEquals("a\nb\nc\nd\ne\n", read(tail(100)));
    }

    @Test
    void only_lines_since_a_moment_are_sent() throws Exception {
        write("0.log", """
                2026-01-01T00:00:00Z stdout F old
                2026-01-01T00:00:10.5Z stdout F new
                """);

        Instant since = Instant.parse("2026-01-01T00:00:10Z");

        assertEquals(
                "new\n",
                read(new LogOptions(false, false, OptionalLong.empty(), Optional.of(since), OptionalLong.empty())));
    }

    @Test
    void a_limit_of_bytes_ends_within_a_line() throws Exception {
        write("0.log", entry("abc") + entry("def"));

        assertEquals(
                "abc\nd",
                read(new LogOptions(false, false, OptionalLong.empty(), Optional.empty(), OptionalLong.of(5))));
    }

    @Test
    void a_line_that_is_no_entry_and_a_last_line_that_is_not_whole_are_left_out() throws Exception {
        write("0.log", "garbage\n" + entry("good") + "2026-01-01T00:00:00Z stdout F ha");

        assertEquals("good\n", read(LogOptions.everything()));
    }

    @Test
    void who_does_not_follow_gets_what_there_was_however_fast_the_container_writes() throws Exception {
        String text = "x".repeat(1000);
        write("0.log.8", entry("oldest"));
        write("0.log", entry(text).repeat(100));
        running = true;
        RotatingSink sink = new RotatingSink();

        new LogReader(run(), LogOptions.everything(), sink).copy();

        assertEquals("oldest\n" + (text + "\n").repeat(100), sink.text());
    }

    @Test
    void names_that_come_to_mean_other_files_while_they_are_opened_repeat_and_lose_nothing() throws Exception {
        write("0.log.8", entry("a") + entry("b"));
        write("0.log", entry("c") + entry("d"));
        AtomicInteger rotations = new AtomicInteger();
        ContainerLogs.Run restless = whileListed(() -> {
            if (rotations.incrementAndGet() <= 3) {
                rotate("rotated " + rotations.get());
            }
        });

        assertEquals("a\nb\nc\nd\nrotated 1\nrotated 2\nrotated 3\n", read(restless, LogOptions.everything()));
        rotations.set(2);
        assertEquals("rotated 2\nrotated 3\nrotated 3\n", read(restless, tail(3)));
    }

    @Test
    void a_log_that_rotates_all_the_time_or_goes_is_read_as_far_as_it_is_there() throws Exception {
        write("0.log.8", entry("a"));
        write("0.log", entry("b"));
        AtomicInteger rotations = new AtomicInteger();

        String last =
                read(whileListed(() -> rotate("rotated " + rotations.incrementAndGet())), LogOptions.everything());
        assertTrue(last.matches("rotated \\d+\n"), last);

        ContainerLogs.Run going = whileListed(() -> {
            for (int i = 0; i < 5; i++) {
                Files.deleteIfExists(rotated(i));
            }
        });
        assertEquals("", read(going, tail(1)));
    }

    @Test
    void following_sends_what_is_appended_and_ends_with_the_run() throws Exception {
        write("0.log", entry("before"));
        running = true;
        RecordingSink sink = new RecordingSink();
        CompletableFuture<Void> following = follow(sink);
        sink.await("before\n");

        append("0.log", entry("after"));
        sink.await("before\nafter\n");
        running = false;
        append("0.log", entry("last"));

        following.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertEquals("before\nafter\nlast\n", sink.text());
    }

    @Test
    void following_goes_on_across_rotations_and_loses_and_repeats_nothing() throws Exception {
        running = true;
        write("0.log", "");
        RecordingSink sink = new RecordingSink();
        CompletableFuture<Void> following = follow(sink);
        StringBuilder expected = new StringBuilder();

        for (int i = 0; i < 50; i++) {
            append("0.log", entry("line " + i));
            expected.append("line ").append(i).append('\n');
            if (i % 10 == 9) {
                Files.move(directory.resolve("0.log"), directory.resolve("0.log.%03d".formatted(i)));
                write("0.log", "");
                sink.await(expected.toString());
            }
        }
        running = false;

        following.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertEquals(expected.toString(), sink.text());
    }

    @Test
    void following_ends_at_once_when_the_client_goes() throws Exception {
        write("0.log", entry("a"));
        running = true;
        RecordingSink sink = new RecordingSink();
        CompletableFuture<Void> following = follow(sink);
        sink.await("a\n");

        sink.leave();

        following.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /// A container that writes another file whenever something is sent to the client.
    private final class RotatingSink implements Sink {
        private static final int MOST_WRITES = 50;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int writes;

        @Override
        public void write(byte[] sent) throws IOException {
            bytes.writeBytes(sent);
            if (++writes > MOST_WRITES) {
                throw new IOException("this goes on and on");
            }
            rotate("y".repeat(40_000));
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void onClose(Runnable action) {}

        String text() {
            return bytes.toString(StandardCharsets.US_ASCII);
        }
    }

    /// Something that happens.
    private interface Deed {
        void happen() throws IOException;
    }

    /// A run whose files change between their being listed and their being opened.
    private ContainerLogs.Run whileListed(Deed deed) {
        ContainerLogs.Run calm = run();
        return new ContainerLogs.Run() {
            @Override
            public List<Path> files() {
                List<Path> files = calm.files();
                try {
                    deed.happen();
                } catch (IOException e) {
                    return fail(e);
                }
                return files;
            }

            @Override
            public boolean isRunning() {
                return running;
            }
        };
    }

    private Path rotated(int times) {
        return directory.resolve(times == 0 ? "0.log" : "0.log." + (9 - times));
    }

    /// Keeps five files.
    private void rotate(String text) throws IOException {
        for (int i = 4; i > 0; i--) {
            Path from = rotated(i - 1);
            if (Files.exists(from)) {
                Files.move(from, rotated(i), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        write("0.log", entry(text));
    }

    private CompletableFuture<Void> follow(RecordingSink sink) {
        LogOptions options = new LogOptions(true, false, OptionalLong.empty(), Optional.empty(), OptionalLong.empty());
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                new LogReader(run(), options, sink).copy();
                done.complete(null);
            } catch (IOException | InterruptedException | RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }

    private static LogOptions tail(long lines) {
        return new LogOptions(false, false, OptionalLong.of(lines), Optional.empty(), OptionalLong.empty());
    }

    private static String entry(String text) {
        return "2026-01-01T00:00:00Z stdout F " + text + "\n";
    }

    private String read(LogOptions options) throws Exception {
        return read(run(), options);
    }

    private static String read(ContainerLogs.Run run, LogOptions options) throws Exception {
        RecordingSink sink = new RecordingSink();
        new LogReader(run, options, sink).copy();
        return sink.text();
    }

    private void write(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content);
    }

    private void append(String name, String content) throws IOException {
        Files.writeString(directory.resolve(name), content, StandardOpenOption.APPEND);
    }

    /// Rotated files have a suffix and come before the current one.
    private ContainerLogs.Run run() {
        return new ContainerLogs.Run() {
            @Override
            public List<Path> files() {
                try (Stream<Path> files = Files.list(directory)) {
                    List<Path> sorted = new ArrayList<>(files.sorted().toList());
                    sorted.sort((a, b) -> Boolean.compare(
                            a.toString().endsWith(".log"), b.toString().endsWith(".log")));
                    return sorted;
                } catch (IOException e) {
                    return fail(e);
                }
            }

            @Override
            public boolean isRunning() {
                return running;
            }
        };
    }
}
