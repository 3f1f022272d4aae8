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
        assertTrue(usage.bytes() >= BLOCKS && usage.bytes() < 2 * BLOCKS, usage.toString());
    }

    @Test
    void names_that_are_too_many_to_be_remembered_count_with_a_share_of_their_file() throws IOException {
        for (int i = 0; i < 4; i++) {
            Path file = Files.write(tree.resolve("file-" + i), new byte[BLOCKS]);
            Files.createLink(tree.resolve("again-" + i), file);
        }

        TreeUsage usage = TreeUsage.of(tree, 1);

        assertEquals(1 + 3 * 2, usage.files());
        assertTrue(usage.bytes() >= 4L * BLOCKS && usage.bytes() < 5L * BLOCKS, usage.toString());
    }

    @Test
    void a_sum_is_never_below_zero() {
        TreeUsage most = new TreeUsage(Long.MAX_VALUE - 1, 1);

        assertEquals(new TreeUsage(Long.MAX_VALUE, 2), most.plus(most));
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
        byte[] name = "d".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < TreeUsage.MOST_DEPTH; i++) {
            at.makeDirectory(deepest, name, 0700);
            Fd next = at.openChild(deepest, name);
            deepest.close();
            deepest = next;
        }
        for (int i = 0; i < 3; i++) {
            at.makeDirectory(deepest, new byte[] {(byte) ('a' + i)}, 0700);
        }
        deepest.close();

        long bytes = TreeUsage.of(tree).bytes();

        assertTrue(bytes >= TreeUsage.ENDLESS && bytes < 2 * TreeUsage.ENDLESS, "once, not for each: " + bytes);
        TreeRemoval.remove(tree.resolve("d"));
    }

    @Test
    void what_is_not_there_takes_nothing() throws IOException {
        assertEquals(TreeUsage.NOTHING, TreeUsage.of(tree.resolve("none")));
    }
}
