package dev.slipway.engine.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeUsageTest {
    private static final int BLOCKS = 1 << 20;

    @TempDir
    private Path tree = Path.of("");

    @Test
    void blocks_count_and_holes_do_not() throws IOException {
        Files.write(tree.resolve("full"), new byte[BLOCKS]);
        try (RandomAccessFile sparse =
                new RandomAccessFile(tree.resolve("sparse").toFile(), "rw")) {
            sparse.setLength(100L * BLOCKS);
        }

        TreeUsage usage = TreeUsage.of(tree);

        assertEquals(2, usage.files());
        assertTrue(usage.bytes() >= BLOCKS && usage.bytes() < 2 * BLOCKS, usage.toString());
    }

    @Test
    void a_file_of_several_names_counts_once() throws IOException {
        Files.createDirectories(tree.resolve("deep/down"));
        Files.write(tree.resolve("deep/down/file"), new byte[BLOCKS]);
        Files.createLink(tree.resolve("again"), tree.resolve("deep/down/file"));

        TreeUsage usage = TreeUsage.of(tree);

        assertEquals(3, usage.files());
        assertTrue(usage.bytes() < 2 * BLOCKS, usage.toString());
    }

    @Test
    void links_are_not_followed() throws IOException {
        Files.createSymbolicLink(tree.resolve("away"), Path.of("/"));

        assertEquals(1, TreeUsage.of(tree).files());
    }

    @Test
    void nobody_hides_below_more_directories_than_can_be_open() throws IOException {
        At at = new At();
        Fd deepest = at.openHost(tree);
        for (int i = 0; i <= TreeUsage.MOST_DEPTH; i++) {
            byte[] name = "d".getBytes(StandardCharsets.US_ASCII);
            at.makeDirectory(deepest, name, 0700);
            Fd next = at.openChild(deepest, name);
            deepest.close();
            deepest = next;
        }
        deepest.close();

        assertTrue(TreeUsage.of(tree).bytes() >= TreeUsage.ENDLESS);
        TreeRemoval.remove(tree.resolve("d"));
    }

    @Test
    void what_is_not_there_takes_nothing() throws IOException {
        assertEquals(TreeUsage.NOTHING, TreeUsage.of(tree.resolve("none")));
    }
}
