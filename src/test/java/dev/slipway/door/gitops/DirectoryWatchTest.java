package dev.slipway.door.gitops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryWatchTest {
    @TempDir
    private Path folder = Path.of("");

    private final LinkedBlockingQueue<Long> told = new LinkedBlockingQueue<>();
    private Path root;
    private DirectoryWatch watch;

    @BeforeEach
    void start() throws IOException {
        root = Files.createDirectory(folder.resolve("root"));
        watch = DirectoryWatch.start(root, () -> told.add(System.nanoTime()), Thread::startVirtualThread);
        look();
    }

    @AfterEach
    void stop() throws IOException {
        watch.close();
    }

    @Test
    void a_burst_of_writes_is_told_once_when_it_is_over() throws Exception {
        long last = 0;
        for (int i = 0; i < 20; i++) {
            append("web.yaml", "# line " + i + "\n");
            last = System.nanoTime();
        }

        assertTrue(told.poll(10, TimeUnit.SECONDS) >= last, "told before the burst was over");
        assertNull(told.poll(300, TimeUnit.MILLISECONDS));
    }

    @Test
    void a_burst_without_end_is_told_all_the_same() throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();

        while (told.isEmpty()) {
            assertTrue(System.nanoTime() < end, "not told while somebody writes on and on");
            append("web.yaml", "#\n");
        }

        assertEquals(1, told.size());
    }

    @Test
    void writes_to_other_files_are_noise_and_so_is_what_happens_beside_the_directory() throws Exception {
        append("notes.txt", "one");
        assertTrue(told.poll(10, TimeUnit.SECONDS) > 0, "what comes may be a directory");

        append("notes.txt", "two");
        Files.writeString(folder.resolve("other.yaml"), "");

        assertNull(told.poll(300, TimeUnit.MILLISECONDS));
    }

    @Test
    void a_directory_that_is_no_longer_added_is_no_longer_watched() throws Exception {
        Path below = Files.createDirectory(root.resolve("below"));
        assertTrue(told.poll(10, TimeUnit.SECONDS) > 0);
        watch.begin();
        watch.add(root);
        watch.add(below);
        watch.end();
        append("below/web.yaml", "");
        assertTrue(told.poll(10, TimeUnit.SECONDS) > 0);

        look();
        append("below/web.yaml", "more");

        assertNull(told.poll(300, TimeUnit.MILLISECONDS));
    }

    @Test
    void the_directory_is_found_again_when_it_was_replaced() throws Exception {
        Files.move(root, folder.resolve("aside"));
        assertTrue(told.poll(10, TimeUnit.SECONDS) > 0);
        watch.begin();
        watch.end();

        Files.createDirectory(root);
        assertTrue(told.poll(10, TimeUnit.SECONDS) > 0);
        look();
        append("web.yaml", "");

        assertTrue(told.poll(10, TimeUnit.SECONDS) > 0);
    }

    private void look() throws IOException {
        watch.begin();
        watch.add(root);
        watch.end();
    }

    private void append(String path, String text) throws IOException {
        Files.writeString(root.resolve(path), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
