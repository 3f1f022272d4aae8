package dev.slipway.engine.tree;

import dev.slipway.engine.codec.Hashes;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;

/// Makes the tree of a layer in an empty directory. For one thread.
public final class TreeWriter {
    /// How old every file is: one second after the beginning of time, because some programs take the beginning
    /// itself for a file that is not there.
    public static final Instant AGE = Instant.ofEpochSecond(1);

    private static final int CHUNK_BYTES = 1 << 17;
    private static final byte[] ZEROS = new byte[CHUNK_BYTES];

    private final At at = new At();
    private final Fd root;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private final Map<TreeNode.File, String> written = new HashMap<>();

    private TreeWriter(Fd root) {
        this.root = root;
    }

    /// @param nodes every directory before what it holds
    public static void write(SortedMap<String, TreeNode> nodes, Path directory) throws IOException {
        try (Fd root = new At().openHost(directory)) {
            TreeWriter writer = new TreeWriter(root);
            for (Map.Entry<String, TreeNode> entry : nodes.entrySet()) {
                writer.make(entry.getKey(), entry.getValue());
            }
            // From the bottom up, because making a file changes the time of the directory that holds it.
            for (String path : nodes.reversed().keySet()) {
                writer.at.setTime(root, SourceTree.bytes(path), AGE.getEpochSecond(), 0);
            }
        }
    }

    private void make(String path, TreeNode node) throws IOException {
        byte[] name = SourceTree.bytes(path);
        switch (node) {
            case TreeNode.Directory directory -> {
                if (!path.isEmpty()) {
                    at.makeDirectory(root, name, 0700);
                }
                dress(name, directory.owner(), directory.mode());
            }
            case TreeNode.File file -> make(path, name, file);
            case TreeNode.Symlink link -> {
                at.makeSymlink(link.target().getBytes(StandardCharsets.UTF_8), root, name);
                at.changeOwner(root, name, link.owner().uid(), link.owner().gid());
            }
            case TreeNode.Special special -> {
                at.makeNode(root, name, special.mode(), special.device());
                dress(name, special.owner(), special.mode() & 07777);
            }
        }
    }

    private void make(String path, byte[] name, TreeNode.File file) throws IOException {
        String first = written.putIfAbsent(file, path);
        if (first != null) {
            at.makeLink(root, SourceTree.bytes(first), root, name);
            return;
        }
        try (Fd target = at.create(root, name, 0600)) {
            switch (file.content()) {
                case TreeNode.Content.Text text -> at.write(target, text.bytes(), 0, text.bytes().length);
                case TreeNode.Content.Found found -> copy(found, target);
            }
        }
        dress(name, file.owner(), file.mode());
        for (Map.Entry<String, String> attribute : file.attributes().entrySet()) {
            at.setAttribute(root, name, attribute.getKey(), attribute.getValue().getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /// The owner first: changing it takes the set-user-ID bit and capabilities away.
    private void dress(byte[] name, FileOwner owner, int mode) throws IOException {
        at.changeOwner(root, name, owner.uid(), owner.gid());
        at.changeMode(root, name, mode);
    }

    /// Chunks of zeros become holes, so that a sparse file takes no more than it has.
    private void copy(TreeNode.Content.Found found, Fd target) throws IOException {
        MessageDigest hash = Hashes.sha256();
        long size = 0;
        try (Fd source = found.tree().open(found.path())) {
            for (int count = at.read(source, chunk); count > 0; count = at.read(source, chunk)) {
                hash.update(chunk, 0, count);
                size += count;
                if (Arrays.equals(chunk, 0, count, ZEROS, 0, count)) {
                    at.seek(target, size);
                } else {
                    at.write(target, chunk, 0, count);
                }
            }
        }
        at.truncate(target, size);
        if (!found.digest().matches(hash)) {
            throw new IOException(found.tree().absolute(found.path()) + " changed while it was read");
        }
    }
}
