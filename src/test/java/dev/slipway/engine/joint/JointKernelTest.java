package dev.slipway.engine.joint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.layer.LayerLimits;
import dev.slipway.engine.layer.LayerUnpacker;
import dev.slipway.engine.layer.LooseEnds;
import dev.slipway.engine.layer.MalformedLayerException;
import dev.slipway.engine.layer.TestTar;
import dev.slipway.engine.layer.TreeListing;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.registry.Command;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Trees of joints, by themselves.
@Timeout(60)
class JointKernelTest {
    private static final LayerLimits LIMITS = new LayerLimits(1 << 20, 1000);

    @TempDir
    private Path folder;

    private int trees;

    @Test
    void a_layer_that_says_all_itself_leaves_nothing_open() throws IOException {
        Path tree = tree(new TestTar()
                .file("a/b/first", "")
                .directory("a/")
                .directory("a/b/")
                .file("gone/x", "")
                .file("gone", "a file now")
                .hardLink("link", "a/b/first"));

        assertFalse(Files.exists(ends(tree)));
    }

    @Test
    void only_what_is_below_too_is_in_the_joint() throws IOException {
        Path below = tree(
                new TestTar().as(1, 2, 0710).directory("a/").directory("a/b/").file("c", ""));
        Path tree = tree(new TestTar().file("a/b/new/x", "").file("c/x", "").file("d/x", ""));

        Path joint = joint(tree, below);

        assertEquals(List.of(".", "a", "a/b"), List.copyOf(TreeListing.of(joint).keySet()));
        assertTrue(TreeListing.of(joint).get("a/b").startsWith("d 0710 1:2 1000000000."));
    }

    @Test
    void directories_do_not_inherit_access_lists_that_they_do_not_have_below() throws IOException {
        Path below = tree(new TestTar().directory("shared/").directory("shared/plain/"));
        try (Fd directory = new At().openHost(below)) {
            new At().setAttribute(directory, "shared".getBytes(UTF_8), "system.posix_acl_default", accessList());
        }
        Path tree = tree(new TestTar().file("shared/plain/x", ""));

        Path joint = joint(tree, below);

        assertTrue(TreeListing.of(joint).get("shared").contains("posix_acl_default"));
        assertFalse(TreeListing.of(joint).get("shared/plain").contains("posix_acl"));
    }

    @Test
    void a_sparse_file_that_a_link_leads_to_stays_sparse() throws IOException {
        Path below = tree(new TestTar().file("small", ""));
        Command.run("truncate", "-s", "1G", below.resolve("large").toString());
        Path tree = tree(new TestTar().hardLink("link", "large"));

        Path joint = joint(tree, below);

        assertEquals(1L << 30, Files.size(joint.resolve("link")));
        assertEquals(
                Files.getAttribute(joint.resolve("large"), "unix:ino"),
                Files.getAttribute(joint.resolve("link"), "unix:ino"));
        assertEquals(
                "0",
                Command.run("stat", "-c", "%b", joint.resolve("link").toString())
                        .strip());
    }

    @Test
    void a_small_layer_cannot_fill_the_disk_with_copies() throws IOException {
        String content = "x".repeat(600_000);
        Path below = tree(new TestTar().file("one", content).file("two", content.substring(1)));
        Path once = tree(new TestTar().hardLink("a", "one").hardLink("b", "one"));
        Path twice = tree(new TestTar().hardLink("a", "one").hardLink("b", "two"));

        joint(once, below);
        MalformedLayerException refused = assertThrows(MalformedLayerException.class, () -> joint(twice, below));

        assertTrue(
                String.valueOf(refused.getMessage()).startsWith("layer entry b: the files of lower layers"),
                refused::toString);
    }

    @Test
    void a_link_to_what_it_hides_itself_is_refused() throws IOException {
        Path below = tree(new TestTar().file("a/b", ""));
        Path tree = tree(new TestTar().hardLink("a", "a/b"));

        assertThrows(MalformedLayerException.class, () -> joint(tree, below));
    }

    @Test
    void a_layer_is_joined_with_hundreds() throws IOException {
        Path[] below = new Path[400];
        for (int i = 0; i < below.length; i++) {
            below[i] = Files.createDirectory(folder.resolve("layer-" + i));
            Files.writeString(below[i].resolve("file-" + i), Integer.toString(i));
        }
        Path tree = tree(new TestTar().hardLink("first", "file-0").hardLink("last", "file-399"));

        Path joint = joint(tree, below);

        assertEquals("0", Files.readString(joint.resolve("first")));
        assertEquals("399", Files.readString(joint.resolve("last")));
    }

    /// Owner, user 1000, group, mask, others, as acl(5) has them in attributes.
    private static byte[] accessList() {
        int[][] entries = {{1, 7, -1}, {2, 7, 1000}, {4, 5, -1}, {16, 7, -1}, {32, 5, -1}};
        ByteBuffer list = ByteBuffer.allocate(4 + 8 * entries.length).order(ByteOrder.LITTLE_ENDIAN);
        list.putInt(2);
        for (int[] entry : entries) {
            list.putShort((short) entry[0]).putShort((short) entry[1]).putInt(entry[2]);
        }
        return list.array();
    }

    private Path tree(TestTar archive) throws IOException {
        Path tree = Files.createDirectory(folder.resolve("tree-" + trees++));
        LayerUnpacker.unpack(new ByteArrayInputStream(archive.ended()), tree, LayerLimits.STANDARD, ends(tree));
        return tree;
    }

    private static Path ends(Path tree) {
        return tree.resolveSibling(tree.getFileName() + ".loose");
    }

    private Path joint(Path tree, Path... below) throws IOException {
        Path joint = Files.createDirectory(folder.resolve("joint-" + trees++));
        Joint.make(LooseEnds.read(ends(tree)), tree, List.of(below), joint, LIMITS);
        return joint;
    }
}
