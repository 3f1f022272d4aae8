package dev.slipway.door.command;

import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Prints logs: one after another, or those that are followed side by side, line by line.
final class LogStreams {
    private static final int CHUNK_BYTES = 16 * 1024;
    /// A line that is longer is printed in pieces, between which lines of others may stand.
    private static final int LONGEST_LINE = 64 * 1024;

    private LogStreams() {}

    /// @param prefix in front of each line
    record Source(String prefix, String path) {}

    /// @throws IOException when one of them breaks; what others would still have said is not awaited
    static void print(EngineClient engine, List<Source> sources, boolean follow, PrintStream out) throws IOException {
        if (!follow || sources.size() < 2) {
            for (Source source : sources) {
                print(engine, source, sources.size() == 1 && source.prefix().isEmpty(), out);
            }
            return;
        }
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            CompletionService<Void> running = new ExecutorCompletionService<>(threads);
            sources.forEach(source -> running.submit(() -> {
                print(engine, source, false, out);
                return null;
            }));
            for (int i = 0; i < sources.size(); i++) {
                running.take().get();
            }
        } catch (ExecutionException e) {
            throw ended(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            threads.shutdownNow();
        }
    }

    /// A failure of this host's own output is kept as it is.
    private static IOException ended(ExecutionException failure) {
        Throwable cause = failure.getCause();
        if (cause instanceof UncheckedIOException own) {
            throw own;
        }
        return cause instanceof IOException world ? world : new IOException(failure);
    }

    private static void print(EngineClient engine, Source source, boolean whole, PrintStream out) throws IOException {
        EngineClient.Content any = EngineClient.Content.accepting("*/*");
        try (EngineResponse response = engine.send("GET", source.path(), any)) {
            InputStream log = response.orRefused().body();
            if (whole) {
                log.transferTo(out);
            } else {
                lines(log, source.prefix(), out);
            }
        }
    }

    /// Prints whole lines, so that those of others never stand within them.
    static void lines(InputStream log, String prefix, PrintStream out) throws IOException {
        byte[] chunk = new byte[CHUNK_BYTES];
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean begins = true;
        for (int count = log.read(chunk); count >= 0; count = log.read(chunk)) {
            for (int i = 0; i < count; i++) {
                if (begins) {
                    line.writeBytes(prefix.getBytes(StandardCharsets.UTF_8));
                }
                line.write(chunk[i]);
                begins = chunk[i] == '\n';
                if (begins || line.size() > LONGEST_LINE) {
                    flush(line, out);
                }
            }
        }
        flush(line, out);
    }

    private static void flush(ByteArrayOutputStream line, PrintStream out) {
        byte[] bytes = line.toByteArray();
        out.write(bytes, 0, bytes.length);
        out.flush();
        line.reset();
    }
}
