package dev.slipway.engine.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.registry.Command;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Files with long runs of zeros, there and back.
@Timeout(60)
class SparseFilesKernelTest {
    @TempDir
    private Path folder;

    private Path tree;

    @BeforeEach
    void makeTree() throws IOException {
        tree = Files.createDirectory(folder.resolve("tree"));
    }

    @Test
    @DisplayName(
            "S16 a file of 100 GiB that is nearly all holes is packed and unpacked at once, and has its holes again")
    void holes_are_not_packed_and_are_holes_again() throws IOException {
        Path log = tree.resolve("var/log/lastlog");
        Files.createDirectories(log.getParent());
        write(log, 50L << 30, "middle");
        write(log, (100L << 30) - 3, "end");

        byte[] archive = PackedTree.pack(tree);

        Path again = PackedTree.unpack(archive, folder).resolve("var/log/lastlog");
        assertTrue(archive.length < 500_000, archive.length + " bytes");
        assertEquals(100L << 30, Files.size(again));
        assertEquals("middle", read(again, 50L << 30, 6));
        assertEquals("end", read(again, (100L << 30) - 3, 3));
        assertTrue(blocks(again) < 2000, blocks(again) + " blocks");
        String listed = Command.run("tar", "-tvf", write(archive).toString());
        assertTrue(listed.matches("(?s).* " + (100L << 30) + " [^\n]* var/log/lastlog\n"), listed);
    }

    @Test
    void zeros_make_the_same_archive_whether_they_are_on_the_disk_or_not() throws IOException {
        Path sparse = tree.resolve("file");
        write(sparse, 5_000_000, "text");
        write(sparse, 9_000_000, "more");
        Command.run("truncate", "-s", "12345678", sparse.toString());
        Path dense = Files.createDirectory(folder.resolve("dense"));
        Command.run("cp", "--sparse=never", "--preserve=all", sparse.toString(), dense.toString());
        assertTrue(blocks(dense.resolve("file")) * 512 > 12_000_000);

        byte[] archive = PackedTree.pack(tree);

        assertArrayEquals(archive, PackedTree.pack(dense));
        assertTrue(archive.length < 500_000, archive.length + " bytes");
        assertEquals(
                -1, Files.mismatch(sparse, PackedTree.unpack(archive, folder).resolve("file")));
    }

    @Test
    void files_without_long_runs_of_zeros_are_packed_whole() throws IOException {
        write(tree.resolve("short"), ZeroRuns.LEAST_BYTES - 5, "short");
        write(tree.resolve("shifted"), 10, "begin");
        write(tree.resolve("shifted"), ZeroRuns.LEAST_BYTES + ZeroRuns.GRID_BYTES - 1, "end");

        List<TarArchiveEntry> entries = PackedTree.entries(PackedTree.pack(tree));

        assertEquals(
                List.of(false, false),
                entries.stream().map(TarArchiveEntry::isSparse).toList());
        assertEquals(ZeroRuns.LEAST_BYTES, entries.getLast().getSize());
    }

    @Test
    void sparse_files_with_names_of_every_length_are_read_by_others() throws IOException {
        String far = "a directory with a name/".repeat(12);
        for (String name : List.of("near", "d/" + "n".repeat(95), far + "f".repeat(200))) {
            write(
                    Files.createDirectories(tree.resolve(name).getParent())
                            .resolve(tree.resolve(name).getFileName()),
                    2 << 20,
                    name);
        }
        Path theirs = Files.createDirectory(folder.resolve("theirs"));

        byte[] archive = PackedTree.pack(tree);

        Command.run("tar", "-xpf", write(archive).toString(), "-C", theirs.toString());
        assertEquals(PackedTree.inWholeSeconds(tree), PackedTree.inWholeSeconds(theirs));
        assertEquals(PackedTree.inWholeSeconds(tree), PackedTree.inWholeSeconds(PackedTree.unpack(archive, folder)));
        assertEquals(
                PackedTree.names(archive),
                Command.run("tar", "-tf", folder.resolve("archive.tar").toString())
                        .lines()
                        .toList());
    }

    private static void write(Path file, long offset, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(ISO_8859_1)), offset);
        }
    }

    private static String read(Path file, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try (FileChannel channel = FileChannel.open(file)) {
            channel.read(bytes, offset);
        }
        return new String(bytes.array(), ISO_8859_1);
    }

    private static long blocks(Path file) {
        return Long.parseLong(Command.run("stat", "-c", "%b", file.toString()).strip());
    }

    private Path write(byte[] archive) throws IOException {
        return Files.write(folder.resolve("archive.tar"), archive);
    }
}
