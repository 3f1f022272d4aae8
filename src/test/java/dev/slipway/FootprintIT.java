package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What a container costs beside the process that it runs. How fast it starts is measured by [EngineBenchmark]; here
/// stands what does not depend on a clock.
@ExtendWith(SharedEngine.class)
class FootprintIT {
    private static final long MOST_SHIM_KIB = 100;

    /// A tenth of what is mapped of it.
    private static final long MOST_CACHE_KIB = 4096;

    @Test
    @DisplayName("S04 beside its process a container costs one monitor of less than 100 KiB")
    void a_container_costs_one_small_monitor(EngineProcess engine) throws IOException {
        Sample sample = Sample.container("light", "exec /bin/busybox sleep 600")
                .in(engine)
                .running(engine);

        long process = sample.pid(engine);
        long monitor = parent(process);

        assertTrue(isShim(engine, monitor), "the parent of the process is no shim: " + commandLine(monitor));
        assertEquals(1, children(monitor), "the monitor has other children");
        long kib = pssKib(monitor);
        assertTrue(kib < MOST_SHIM_KIB, "the monitor takes " + kib + " KiB");
        sample.delete(engine);
    }

    @Test
    @DisplayName("S05 a start executes the launcher and the program of the manifest, and nothing else")
    void a_start_executes_the_launcher_and_the_program_only(EngineProcess engine, @TempDir Path folder)
            throws Exception {
        // One file for each thread: in a common one, calls that cross one another are told in two halves.
        Process strace = new ProcessBuilder(
                        "strace",
                        "-ff",
                        "-s",
                        "4096",
                        "-e",
                        "trace=execve",
                        "-o",
                        folder.resolve("trace").toString(),
                        "-p",
                        "" + engine.pid())
                .redirectErrorStream(true)
                .start();
        strace.getInputStream().read();

        Sample sample = Sample.container("lean", "").in(engine).running(engine);
        strace.destroy();
        strace.waitFor();

        List<String> executed = lines(folder).stream()
                .filter(line -> line.contains("execve(") && line.endsWith("= 0"))
                .map(line -> line.replaceFirst(".*?execve\\(\"[^\"]*\", \\[\"([^\"]*)\".*", "$1"))
                .toList();
        // The launcher starts the program, and makes user namespaces, this pod's or the next one's: nobody else is
        // asked.
        String launcher = engine.run().resolve("bin/shim-").toString();
        List<String> others =
                executed.stream().filter(each -> !each.startsWith(launcher)).toList();
        assertEquals(List.of("/bin/busybox"), others, executed.toString());
        assertTrue(isShim(engine, parent(sample.pid(engine))), executed.toString());
        sample.delete(engine);
    }

    @Test
    @DisplayName("S04 an engine that has started a container lets go of its start-up cache when work is over")
    void an_idle_engine_lets_go_of_its_startup_cache(EngineProcess engine) throws IOException {
        Sample sample = Sample.container("brief", "exec /bin/busybox sleep 600")
                .in(engine)
                .running(engine);
        long whileWorking = cacheKib(engine);

        engine.await("the start-up cache to be let go of", () -> cacheKib(engine) < MOST_CACHE_KIB);

        assertTrue(whileWorking > MOST_CACHE_KIB, "a container was started with " + whileWorking + " KiB of it");
        sample.delete(engine);
    }

    /// What is mapped of the part that is only read.
    private static long cacheKib(EngineProcess engine) {
        try {
            List<String> maps = Files.readAllLines(Path.of("/proc/" + engine.pid() + "/smaps"));
            int cache = IntStream.range(0, maps.size())
                    .filter(i -> maps.get(i).matches("\\S+ r--p .*/engine\\.aot"))
                    .findFirst()
                    .orElseThrow();
            return maps.subList(cache, maps.size()).stream()
                    .filter(line -> line.startsWith("Rss:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }

    private static long parent(long pid) throws IOException {
        return ProcessCosts.number(Path.of("/proc/" + pid + "/status"), "PPid");
    }

    /// As its first argument says: what it is executed through has no path.
    private static boolean isShim(EngineProcess engine, long pid) throws IOException {
        return commandLine(pid).startsWith(engine.run().resolve("bin/shim-").toString());
    }

    private static String commandLine(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
    }

    private static long children(long pid) {
        return ProcessHandle.of(pid).orElseThrow().children().count();
    }

    private static long pssKib(long pid) throws IOException {
        return ProcessCosts.number(Path.of("/proc/" + pid + "/smaps_rollup"), "Pss");
    }
}
