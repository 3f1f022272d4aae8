package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The log that a shim writes.
class LogKernelTest {
    private ShimLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = new ShimLab();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void each_line_has_its_time_and_stream() throws Exception {
        Instant before = Instant.now();
        ShimLab.Started started =
                lab.container("echo one; echo two >&2; echo; printf 'no end'").start();

        started.awaitExit();

        List<String> lines = Files.readAllLines(lab.logOf(started.id()));
        assertEquals(4, lines.size(), lines.toString());
        List<String> without =
                lines.stream().map(line -> line.substring(31)).sorted().toList();
        assertEquals(List.of("stderr F two", "stdout F ", "stdout F no end", "stdout F one"), without);
        for (String line : lines) {
            assertEquals('Z', line.charAt(29));
            Instant time = Instant.parse(line.substring(0, 30));
            assertTrue(Duration.between(before, time).toSeconds() < 20 && !time.isBefore(before), line);
        }
    }

    @Test
    void a_line_that_comes_in_pieces_is_one_entry() throws Exception {
        String output = lab.container("printf 'a'; sleep 0.05; printf 'b'; sleep 0.05; echo c")
                .output();

        assertEquals("abc", output);
    }

    @Test
    void a_huge_line_is_cut_and_can_be_put_together() throws Exception {
        ShimLab.Started started = lab.container("head -c 100000 /dev/zero | tr '\\0' x; echo; echo next")
                .start();

        started.awaitExit();

        List<String> lines = Files.readAllLines(lab.logOf(started.id()));
        StringBuilder whole = new StringBuilder();
        for (String line : lines.subList(0, lines.size() - 1)) {
            String text = line.split(" ", 4)[3];
            assertTrue(text.length() <= 16384);
            whole.append(text);
        }
        assertEquals("x".repeat(100000), whole.toString());
        assertEquals(
                List.of("P", "P", "P", "P", "P", "P", "F", "F"),
                lines.stream().map(line -> line.split(" ", 4)[2]).toList());
    }

    @Test
    void a_line_as_long_as_an_entry_is_one_entry() throws Exception {
        ShimLab.Started started = lab.container("head -c 16384 /dev/zero | tr '\\0' x; sleep 0.05; echo; echo next")
                .start();

        String output = started.awaitOutput();

        assertEquals("x".repeat(16384), output.replace("\nnext", "").strip());
    }

    @Test
    void files_are_rotated_by_size_and_the_oldest_goes() throws Exception {
        ContainerDraft container = lab.container("seq 1 2000");
        Path log = lab.logOf(container.id());

        container.log(new LogSettings(log, new LogSettings.Rotation(4096, 3))).output();

        Path oldest = log.resolveSibling(log.getFileName() + ".2");
        assertFalse(Files.exists(log.resolveSibling(log.getFileName() + ".3")));
        List<String> all = new ArrayList<>();
        for (Path file : List.of(oldest, log.resolveSibling(log.getFileName() + ".1"), log)) {
            assertTrue(Files.size(file) <= 4096, file.toString());
            all.addAll(ShimLab.text(file).lines().toList());
        }
        int first = Integer.parseInt(all.getFirst());
        assertEquals(2000 - first + 1, all.size());
        for (int i = 0; i < all.size(); i++) {
            assertEquals(first + i, Integer.parseInt(all.get(i)));
        }
    }

    @Test
    void a_single_file_begins_anew() throws Exception {
        ContainerDraft container = lab.container("seq 1 1000");
        Path log = lab.logOf(container.id());

        container.log(new LogSettings(log, new LogSettings.Rotation(4096, 1))).output();

        assertTrue(Files.size(log) <= 4096);
        assertTrue(ShimLab.text(log).endsWith("1000"));
        assertFalse(Files.exists(log.resolveSibling(log.getFileName() + ".1")));
    }

    @Test
    void a_full_disk_drops_and_counts_and_never_holds_up_the_container() throws Exception {
        Path disk = Files.createDirectory(lab.home().resolve("disk"));
        Mounts.tmpfs(disk, "size=65536");
        try {
            ContainerDraft container = lab.container("seq 1 50000; exit 3");
            Path log = disk.resolve("log");

            ShimLab.Started started = container
                    .log(new LogSettings(log, LogSettings.Rotation.STANDARD))
                    .start();
            ExitRecord exit = started.awaitExit();

            assertEquals(3, exit.exitCode());
            long kept = Files.readAllLines(log).stream()
                    .mapToLong(line -> line.split(" ", 4)[3].length())
                    .sum();
            long written = 0;
            for (int i = 1; i <= 50000; i++) {
                written += Integer.toString(i).length();
            }
            assertTrue(exit.logDroppedBytes() > 0);
            assertEquals(written, kept + exit.logDroppedBytes());
        } finally {
            Mounts.detach(disk);
        }
    }

    @Test
    void what_the_process_said_last_is_in_the_log_before_its_end_is_known() throws Exception {
        for (int i = 0; i < 20; i++) {
            assertEquals(
                    "last words",
                    lab.container("echo last words; kill -9 $$; exit").output());
        }
    }

    @Test
    void much_output_arrives_whole() throws Exception {
        ContainerDraft container = lab.container("seq 1 100000");
        Path log = lab.logOf(container.id());

        String output = container
                .log(new LogSettings(log, new LogSettings.Rotation(1L << 30, 2)))
                .output();

        assertEquals(100000, output.lines().count());
        assertTrue(output.endsWith("\n100000"));
    }

    @Test
    void a_log_without_a_directory_is_an_error_in_words() throws Exception {
        StartResult.Failed failed = lab.container("true")
                .log(new LogSettings(Path.of("/nowhere/at/all.log"), LogSettings.Rotation.STANDARD))
                .failure();

        assertEquals("open log /nowhere/at/all.log: no such file or directory (ENOENT)", failed.words());
    }
}
