package dev.slipway.engine.build;

import dev.slipway.engine.codec.Bzip2Stream;
import dev.slipway.engine.codec.Hashes;
import dev.slipway.engine.codec.XzStream;
import dev.slipway.engine.layer.Decompression;
import dev.slipway.engine.layer.LayerUnpacker;
import dev.slipway.engine.layer.MalformedLayerException;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.snapshot.Staging;
import dev.slipway.engine.tree.FileFacts;
import dev.slipway.engine.tree.FileOwner;
import dev.slipway.engine.tree.ImagePath;
import dev.slipway.engine.tree.LayerPlan;
import dev.slipway.engine.tree.SourceTree;
import dev.slipway.engine.tree.SourceWalk;
import dev.slipway.engine.tree.TreeNode;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.security.DigestInputStream;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Archives of a context, unpacked aside until the layer is written. A file is known as an archive by its content, as
/// Docker knows it, and not by its name: tar, alone or in gzip, zstd, bzip2 or xz. For one thread.
///
/// What an archive holds is put into the image as files are copied: through directories and links that the image has.
/// A directory looks as the archive describes it, or as the image has it if the archive only implies it.
///
/// @spec https://docs.docker.com/reference/dockerfile/#adding-local-tar-archives Docker: Adding local tar archives
final class UnpackedArchives implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final ImageBuilder.Stores stores;
    private final Deque<Aside> open = new ArrayDeque<>();

    UnpackedArchives(ImageBuilder.Stores stores) {
        this.stores = stores;
    }

    /// What only a library of the host decodes.
    enum Packing {
        BZIP2("bzip2", Bzip2Stream::isStart, Bzip2Stream::isPossible, ".bz2"),
        XZ("xz", XzStream::isStart, XzStream::isPossible, ".xz");

        private final String words;
        private final Predicate<byte[]> start;
        private final BooleanSupplier possible;
        private final String ending;

        Packing(String words, Predicate<byte[]> start, BooleanSupplier possible, String ending) {
            this.words = words;
            this.start = start;
            this.possible = possible;
            this.ending = ending;
        }

        boolean isDecodedHere() {
            return possible.getAsBoolean();
        }

        /// Whether a file holds a single one by its name: Docker leaves those packed that hold no archive.
        private boolean isSingle(String name) {
            return name.endsWith(ending) && !name.endsWith(".tar" + ending);
        }
    }

    private record Aside(Staging staging, SourceTree tree) {}

    /// Puts what is in a file into a directory, if it is an archive.
    ///
    /// @param name of the file, for messages
    /// @param owner null to leave it to whom the archive says
    /// @return whether it is one
    boolean place(String name, TreeNode.File file, @Nullable FileOwner owner, String to, LayerPlan plan)
            throws IOException {
        if (!(file.content() instanceof TreeNode.Content.Found found) || !isArchive(name, found)) {
            return false;
        }
        Staging staging = stores.snapshots().stage();
        Set<String> implied;
        try {
            implied = unpack(found, staging);
            open.push(new Aside(staging, SourceTree.of(staging.directory().toString())));
        } catch (MalformedLayerException e) {
            staging.close();
            throw new IOException("%s: %s".formatted(name, e.getMessage()), e);
        } catch (IOException | RuntimeException e) {
            staging.close();
            throw e;
        }
        place(new SourceWalk(open.element().tree(), new FileFacts(InstantSource.system())), implied, owner, to, plan);
        return true;
    }

    private static boolean isArchive(String name, TreeNode.Content.Found found) throws IOException {
        try (InputStream file = content(found)) {
            return isArchive(name, file, Packing::isDecodedHere);
        }
    }

    /// @param file that can be reset
    /// @param isDecoded whether this host does that
    /// @throws IOException also when that cannot be told, because nothing here decodes it
    static boolean isArchive(String name, InputStream file, Predicate<Packing> isDecoded) throws IOException {
        file.mark(BUFFER_BYTES);
        byte[] first = file.readNBytes(Bzip2Stream.MAGIC_BYTES);
        file.reset();
        for (Packing format : Packing.values()) {
            if (format.start.test(first) && !isDecoded.test(format)) {
                if (format.isSingle(name)) {
                    return false;
                }
                throw new IOException(
                        "ADD does not unpack %s here: %s; pack it with gzip or zstd, or COPY it and RUN tar"
                                .formatted(format.words, name));
            }
        }
        try (InputStream archive = Decompression.open(file)) {
            return LayerUnpacker.isArchive(archive);
        }
    }

    private Set<String> unpack(TreeNode.Content.Found found, Staging staging) throws IOException {
        try (DigestInputStream packed = new DigestInputStream(content(found), Hashes.sha256())) {
            Set<String> implied;
            try (InputStream archive = Decompression.open(packed)) {
                implied = LayerUnpacker.unpackAddition(archive, staging.directory(), stores.limits());
            }
            packed.transferTo(OutputStream.nullOutputStream());
            if (!found.digest().matches(packed.getMessageDigest())) {
                throw new IOException(found.tree().absolute(found.path()) + " changed while it was read");
            }
            return implied;
        }
    }

    private static InputStream content(TreeNode.Content.Found found) throws IOException {
        try (Fd file = found.tree().open(found.path())) {
            FileChannel channel = FileFacts.channel(file);
            return new BufferedInputStream(Channels.newInputStream(channel), BUFFER_BYTES);
        }
    }

    private static void place(
            SourceWalk walk, Set<String> implied, @Nullable FileOwner owner, String to, LayerPlan plan)
            throws IOException {
        String top = plan.directory(to, Objects.requireNonNullElse(owner, FileOwner.ROOT));
        TreeNode own = walk.look("").map(SourceWalk.Seen::node).orElseThrow();
        if (!implied.contains("") && !top.isEmpty()) {
            plan.put(top, CopySelection.owned(own, owner));
        }
        for (Map.Entry<String, SourceWalk.Seen> entry : walk.below("").entrySet()) {
            String path = entry.getKey();
            String parent = plan.directory(ImagePath.join(top, ImagePath.parent(path)));
            String place = ImagePath.join(parent, ImagePath.name(path));
            TreeNode node = CopySelection.owned(entry.getValue().node(), owner);
            if (!(node instanceof TreeNode.Directory) || !plan.leadsToDirectory(place)) {
                plan.put(place, node);
            } else if (!implied.contains(path)) {
                plan.put(plan.directory(place), node);
            }
        }
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (Aside each : open) {
            each.tree().close();
            try {
                each.staging().close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
