package dev.slipway.engine.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.FreshDisk;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Copies of volumes, on file systems of the test's own: one that shares blocks, and one that does not.
class TreeCopyKernelTest {
    private static final VolumeName SOURCE = new VolumeName("default.source");
    private static final VolumeName COPY = new VolumeName("default.copy");

    @TempDir
    private Path home = Path.of("");

    @ParameterizedTest(name = "{0}")
    @CsvSource({"mkfs.xfs -q -m reflink=1, true", "mkfs.ext4 -q, false"})
    void a_copy_has_all_that_files_have_and_shares_their_blocks_where_that_can_be(String mkfs, boolean isShared)
            throws IOException {
        try (FreshDisk disk = FreshDisk.make("320M", mkfs)) {
            ManagedVolumes volumes = new ManagedVolumes(disk.directory().resolve("volumes"));
            volumes.open();
            Path source = volumes.ensure(SOURCE, new Ownership(12, 13, 02750));
            sh("""
                    cd %s && mkdir -p a/b && head -c 8388608 /dev/urandom > a/big && echo x > a/b/small
                    ln a/big twin && ln -s ../../etc/passwd link && mkfifo pipe && mknod null c 1 3
                    truncate -s 64M sparse && printf end | dd of=sparse bs=1 seek=33554432 conv=notrunc status=none
                    setfattr -n user.note -v hello a/b/small && chown 7:8 a/b/small && chmod 4711 a/b/small
                    setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 a/b/small
                    setfacl -m u:99:r a/b/small
                    printf y > "$(printf 'raw\\377')" && touch -d 2001-02-03T04:05:06Z a a/b/small && sync -f .""".formatted(source));
            long before = used(disk);

            Path copy = volumes.populate(COPY, Optional.empty(), volumes.contentOf(SOURCE));

            assertEquals(listing(source), listing(copy));
            assertEquals(
                    "",
                    sh("diff -r --no-dereference %s/a %s/a && cmp %s/sparse %s/sparse"
                            .formatted(source, copy, source, copy)));
            assertEquals("2", sh("stat -c %h " + copy.resolve("twin")));
            assertTrue(Long.parseLong(sh("stat -c %b " + copy.resolve("sparse"))) < 1000, "holes stay holes");
            sh("sync -f " + copy);
            long taken = used(disk) - before;
            assertEquals(isShared, taken < 4 << 20, "took " + taken);
            Files.writeString(source.resolve("a/big"), "changed");
            assertEquals(8388608, Files.size(copy.resolve("a/big")));
        }
    }

    @Test
    void a_copy_reads_nothing_outside_however_deep_the_tree_is() throws IOException {
        ManagedVolumes volumes = open();
        Path source = volumes.ensure(SOURCE, Ownership.ROOT);
        Files.createSymbolicLink(source.resolve("out"), home);
        Path deep = Files.createDirectories(source.resolve("d/".repeat(1500)));
        Files.writeString(deep.resolve("file"), "deep");
        Files.createDirectory(source.resolve("mounted"));
        sh("mount --bind %s %s/mounted".formatted(home.resolve("volumes"), source));
        try {
            Path copy = volumes.populate(COPY, Optional.empty(), volumes.contentOf(SOURCE));

            assertTrue(Files.isSymbolicLink(copy.resolve("out")));
            assertFalse(Files.exists(copy.resolve("mounted")), "what is mounted below is another volume's");
            assertEquals("deep", Files.readString(copy.resolve("d/".repeat(1500) + "file")));
        } finally {
            sh("umount %s/mounted".formatted(source));
            volumes.delete(SOURCE);
            volumes.delete(COPY);
        }
    }

    @Test
    void a_tree_that_asks_for_more_memory_than_there_may_be_is_not_copied() throws IOException {
        inHome("mkdir -p $0/deep/1/2/3/4 $0/wide/1 $0/wide/2 $0/wide/3 $0/wide/4 $0/twins");
        inHome("cd $0/twins && for i in 1 2 3 4; do echo x > a$i; ln a$i b$i; done");

        assertTooMuch("deep", new TreeCopy.Bounds(4, 9, 9999), "more than 4 directories inside one another");
        assertTooMuch("wide", new TreeCopy.Bounds(4, 3, 9999), "more than 3 directories side by side");
        // Which name comes first is up to the file system: all eight in one, or two by two.
        assertTooMuch("twins", new TreeCopy.Bounds(4, 9, 100), "more than 1 files of several names");
        copy("deep", new TreeCopy.Bounds(5, 1, 9999));
        copy("wide", new TreeCopy.Bounds(2, 4, 9999));
        copy("twins", new TreeCopy.Bounds(1, 1, 9999));
        assertEquals("2", sh("stat -c %h " + home.resolve("copy-of-twins/a3")));
    }

    private void assertTooMuch(String tree, TreeCopy.Bounds bounds, String what) {
        IOException refused = assertThrows(IOException.class, () -> copy(tree, bounds));
        assertTrue(String.valueOf(refused.getMessage()).contains(what), refused.getMessage());
    }

    private void copy(String tree, TreeCopy.Bounds bounds) throws IOException {
        At at = new At();
        Path copy = home.resolve("copy-of-" + tree);
        TreeRemoval.remove(copy);
        Files.createDirectory(copy);
        try (Fd source = at.openHost(home.resolve(tree));
                Fd made = at.openHost(copy)) {
            new TreeCopy(made, bounds).copy(source);
        }
    }

    @Test
    void files_that_go_meanwhile_are_left_out() throws Exception {
        ManagedVolumes volumes = open();
        Path source = volumes.ensure(SOURCE, Ownership.ROOT);
        Files.writeString(source.resolve("stays"), "x");
        AtomicBoolean isDone = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        Thread restless = Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; !isDone.get(); i++) {
                    Path folder = Files.createDirectories(source.resolve("d" + i % 7));
                    Files.writeString(folder.resolve("f"), "x");
                    begun.countDown();
                    Files.delete(folder.resolve("f"));
                    Files.delete(folder);
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        begun.await();
        try {
            for (int i = 0; i < 50; i++) {
                Path copy = volumes.populate(COPY, Optional.empty(), volumes.contentOf(SOURCE));
                assertEquals("x", Files.readString(copy.resolve("stays")));
                volumes.delete(COPY);
            }
        } finally {
            isDone.set(true);
            restless.join();
        }
    }

    @Test
    void an_archive_fills_a_volume_and_a_broken_one_leaves_nothing() throws IOException {
        ManagedVolumes volumes = open();
        inHome(
                "mkdir -p $0/in/sub && echo x > $0/in/sub/file && chown 5:6 $0/in/sub/file && cd $0/in && tar -czf ../good.tgz .");
        inHome("head -c 60 $0/good.tgz > $0/bad.tgz");

        Path made = volumes.populate(
                COPY, Optional.of(new Ownership(1, 2, 0700)), VolumeContent.ofArchive(home.resolve("good.tgz")));

        assertEquals("5:6", sh("stat -c %u:%g " + made.resolve("sub/file")));
        assertEquals("1:2 700", sh("stat -c '%u:%g %a' " + made));
        for (String refused : new String[] {"bad.tgz", "missing.tar", "in"}) {
            IOException why = assertThrows(
                    IOException.class,
                    () -> volumes.populate(SOURCE, Optional.empty(), VolumeContent.ofArchive(home.resolve(refused))));
            assertFalse(String.valueOf(why.getMessage()).isEmpty());
            assertEquals(Optional.empty(), volumes.find(SOURCE));
        }
    }

    @Test
    void a_volume_comes_back_from_its_archive_as_it_was() throws IOException {
        ManagedVolumes volumes = open();
        Path source = volumes.ensure(SOURCE, new Ownership(70, 71, 02750));
        inHome("cd $0/volumes/" + SOURCE + " && mkdir sub && echo x > sub/file && touch .wh.file sub/.wh..wh..opq"
                + " && mknod device c 0 0 && ln device same && setfattr -n user.note -v hello . && chown 5:6 sub"
                + " && touch -d @1111111111 sub/file sub .");

        volumes.save(SOURCE, home.resolve("saved.tgz"));
        Path copy = volumes.populate(COPY, Optional.empty(), VolumeContent.ofArchive(home.resolve("saved.tgz")));

        assertEquals("70:71 2750", sh("stat -c '%u:%g %a' " + copy));
        String touched = "find . -type f -exec touch -d @1111111111 {} + ; touch -d @1111111111 device";
        sh("cd %s; %s".formatted(source, touched));
        sh("cd %s; %s".formatted(copy, touched));
        assertEquals(listing(source), listing(copy));
        assertEquals("", sh("cd %s; tar -tzf saved.tgz >/dev/null".formatted(home)));
    }

    @Test
    void an_archive_that_would_be_a_directory_is_refused() throws IOException {
        ManagedVolumes volumes = open();
        volumes.ensure(SOURCE, Ownership.ROOT);

        for (Path path : new Path[] {Path.of("/"), home}) {
            IOException why = assertThrows(IOException.class, () -> volumes.save(SOURCE, path));
            assertEquals("write archive %s: it is a directory".formatted(path), why.getMessage());
        }
    }

    private ManagedVolumes open() throws IOException {
        ManagedVolumes volumes = new ManagedVolumes(home.resolve("volumes"));
        volumes.open();
        return volumes;
    }

    /// Everything of a tree but inode numbers, sizes of directories and times of access.
    private static String listing(Path tree) throws IOException {
        return sh(
                "cd %s && find . -printf '%%p %%y %%m %%U:%%G %%n %%l %%T@ ' -a \\( -type d -o -printf %%s \\) -printf '\\n' | LC_ALL=C sort; getfattr -R -h -P -d -m - . | LC_ALL=C sort"
                        .formatted(tree));
    }

    private static long used(FreshDisk disk) throws IOException {
        return Long.parseLong(sh("df -B1 --output=used %s | tail -1".formatted(disk.directory())));
    }

    private String inHome(String line) throws IOException {
        return run(line, home);
    }

    private static String sh(String line) throws IOException {
        return run(line, Path.of("/"));
    }

    private static String run(String line, Path folder) throws IOException {
        Process process = new ProcessBuilder("sh", "-c", line, folder.toString())
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        try {
            // Not by its future: that would start a carrier of the common pool where the last process was started.
            assertEquals(0, process.waitFor(), line + ": " + out);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return out.strip();
    }
}
