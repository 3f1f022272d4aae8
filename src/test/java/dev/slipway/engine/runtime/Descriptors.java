package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.stream.Stream;

/// This process's descriptors, of which there can be few left.
final class Descriptors implements AutoCloseable {
    private static final int ROOM = 40;

    private final String usual = limits();
    private final Deque<InputStream> taken = new ArrayDeque<>();

    Descriptors() throws IOException {}

    /// Takes all but `count`.
    void leave(int count) throws IOException, InterruptedException {
        limit(highest() + ROOM + ":" + usual.split(":")[1]);
        try {
            while (true) {
                taken.add(new FileInputStream("/dev/null"));
            }
        } catch (IOException e) {
            for (int i = 0; i < count; i++) {
                taken.remove().close();
            }
        }
    }

    void giveBack() throws IOException, InterruptedException {
        while (!taken.isEmpty()) {
            taken.remove().close();
        }
        limit(usual);
    }

    @Override
    public void close() throws IOException {
        try {
            giveBack();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static long highest() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.mapToLong(each -> Long.parseLong(each.getFileName().toString()))
                    .max()
                    .orElseThrow();
        }
    }

    /// Soft and hard limit, as prlimit(1) takes them.
    private static String limits() throws IOException {
        String[] words = Files.readAllLines(Path.of("/proc/self/limits")).stream()
                .filter(line -> line.startsWith("Max open files"))
                .findFirst()
                .orElseThrow()
                .split(" +");
        return words[3] + ":" + words[4];
    }

    private static void limit(String limits) throws IOException, InterruptedException {
        String self = Long.toString(ProcessHandle.current().pid());
        Process process = new ProcessBuilder("prlimit", "--pid", self, "--nofile=" + limits).start();
        assertEquals(0, process.waitFor());
    }
}
