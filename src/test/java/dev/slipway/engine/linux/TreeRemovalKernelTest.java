package dev.slipway.engine.linux;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Trees that are hard to remove.
@Timeout(120)
class TreeRemovalKernelTest {
    private static final byte[] NAME = "a directory of a name of some length".getBytes(ISO_8859_1);

    @TempDir
    private Path folder;

    private final At at = new At();

    @Test
    void a_tree_deeper_than_a_path_can_say_is_removed() throws IOException {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        nest(tree, 3000);

        TreeRemoval.remove(tree);

        assertFalse(Files.exists(tree));
    }

    @Test
    void a_large_directory_is_removed() throws IOException {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        for (int i = 0; i < 20_000; i++) {
            Files.createFile(tree.resolve("a file of a name of some length " + i));
        }
        for (int i = 0; i < 100; i++) {
            Files.createFile(Files.createDirectory(tree.resolve("deep-" + i)).resolve("file"));
        }

        TreeRemoval.remove(tree);

        assertFalse(Files.exists(tree));
    }

    @Test
    void what_somebody_else_removes_meanwhile_keeps_nothing_from_being_removed() throws Exception {
        for (int round = 0; round < 50; round++) {
            Path tree = Files.createDirectory(folder.resolve("tree-" + round));
            for (int i = 0; i < 100; i++) {
                Files.createFile(
                        Files.createDirectories(tree.resolve(i + "/deep")).resolve("file"));
            }
            AtomicBoolean isOver = new AtomicBoolean();
            FutureTask<Boolean> other = new FutureTask<>(() -> removeSome(tree, isOver));
            Thread.ofPlatform().start(other);

            TreeRemoval.remove(tree);

            isOver.set(true);
            assertTrue(other.get(20, TimeUnit.SECONDS));
            assertFalse(Files.exists(tree), "in round " + round);
        }
    }

    /// Files and directories here and there.
    private static boolean removeSome(Path tree, AtomicBoolean isOver) throws IOException {
        for (int i = 0; i < 100 && !isOver.get(); i++) {
            Path directory = tree.resolve(i + "/deep");
            Files.deleteIfExists(directory.resolve("file"));
            Files.deleteIfExists(directory);
        }
        return true;
    }

    @Test
    void links_are_removed_and_not_followed() throws IOException {
        Path kept = Files.createFile(
                Files.createDirectory(folder.resolve("outside")).resolve("kept"));
        Path tree = Files.createDirectory(folder.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("link"), kept.getParent());

        TreeRemoval.remove(tree);

        assertFalse(Files.exists(tree, LinkOption.NOFOLLOW_LINKS));
        assertTrue(Files.exists(kept));
        Path link = Files.createSymbolicLink(folder.resolve("link"), kept.getParent());
        TreeRemoval.remove(link);
        assertFalse(Files.exists(link, LinkOption.NOFOLLOW_LINKS));
        assertTrue(Files.exists(kept));
    }

    @Test
    void names_of_any_bytes_are_removed() throws IOException {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        try (Fd directory = at.openHost(tree)) {
            at.makeDirectory(directory, new byte[] {(byte) 0xff, (byte) 0xfe, '\n'}, 0700);
        }

        TreeRemoval.remove(tree);

        assertFalse(Files.exists(tree));
    }

    @Test
    void what_is_not_there_is_removed_already() throws IOException {
        TreeRemoval.remove(folder.resolve("nothing"));
        TreeRemoval.remove(folder.resolve("nothing/at/all"));

        try (Fd directory = at.openHost(folder)) {
            assertFalse(TreeRemoval.removeAll(at, directory, "nothing".getBytes(ISO_8859_1)));
            Files.createFile(folder.resolve("file"));
            assertFalse(TreeRemoval.removeAll(at, directory, "file".getBytes(ISO_8859_1)));
            Files.createDirectory(folder.resolve("directory"));
            assertTrue(TreeRemoval.removeAll(at, directory, "directory".getBytes(ISO_8859_1)));
        }
        assertEquals(0, folder.toFile().list().length);
    }

    private void nest(Path tree, int depth) throws IOException {
        Fd directory = at.openHost(tree);
        for (int i = 0; i < depth; i++) {
            at.makeDirectory(directory, NAME, 0700);
            Fd next = at.openChild(directory, NAME);
            directory.close();
            directory = next;
        }
        at.create(directory, "file".getBytes(ISO_8859_1), 0600).close();
        directory.close();
    }
}
