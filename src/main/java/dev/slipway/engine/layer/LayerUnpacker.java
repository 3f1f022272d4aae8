package dev.slipway.engine.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.slipway.engine.linux.LinuxException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Unpacks archives of layers, and those that only carry files.
///
/// @spec https://github.com/opencontainers/image-spec/blob/main/layer.md OCI Image Spec: Layer
public final class LayerUnpacker {
    private final TarReader archive;
    private final LayerLimits limits;
    private final Contents contents;
    private Optional<LooseEnds> ends = Optional.empty();
    private boolean describesItself;
    private long entries;
    private long implicit;
    private long stored;
    private long bytes;
    private long whiteouts;

    private LayerUnpacker(InputStream archive, LayerLimits limits, Contents contents) {
        this.archive = new TarReader(limits.bound(archive));
        this.limits = limits;
        this.contents = contents;
    }

    /// What an archive is taken for.
    private enum Contents {
        LAYER,
        UPPER_LAYER,
        TREE,
        ADDITION,
        FILES
    }

    /// Unpacks an archive that is no longer compressed into an empty directory. Reads `archive` to its end. After a
    /// failure the directory holds a part. An interrupt ends it.
    ///
    /// @throws MalformedLayerException when the archive is not a layer, or is larger than `limits` allow
    public static LayerContents unpack(InputStream archive, Path directory, LayerLimits limits) throws IOException {
        return new LayerUnpacker(archive, limits, Contents.LAYER).unpack(directory);
    }

    /// As [#unpack], but for a layer that may need what is below it: what it leaves open is written to a file,
    /// which is not made when it leaves nothing open.
    ///
    /// @param looseEnds is read by [LooseEnds#read]
    public static LayerContents unpack(InputStream archive, Path directory, LayerLimits limits, Path looseEnds)
            throws IOException {
        LayerUnpacker unpacker = new LayerUnpacker(archive, limits, Contents.UPPER_LAYER);
        LayerContents unpacked = unpacker.unpack(directory);
        if (unpacker.ends.isPresent()) {
            unpacker.ends.get().write(looseEnds);
        }
        return unpacked;
    }

    /// As [#unpack], but for an archive of a tree that is no layer: no name in it means a whiteout, and what
    /// overlayfs would take for one is made all the same.
    public static LayerContents unpackTree(InputStream archive, Path directory, LayerLimits limits) throws IOException {
        return new LayerUnpacker(archive, limits, Contents.TREE).unpack(directory);
    }

    /// As [#unpack], but for an archive that only carries files, such as that of an image: it has no whiteouts, and
    /// files, directories and links are all that it may have. They belong to this process; modes, times and
    /// attributes of the archive do not count.
    public static LayerContents unpackFiles(InputStream archive, Path directory, LayerLimits limits)
            throws IOException {
        return new LayerUnpacker(archive, limits, Contents.FILES).unpack(directory);
    }

    /// As [#unpackTree], but for a tree that is going to be put onto another: it has no device that overlayfs would
    /// take for a whiteout.
    ///
    /// @return the directories of which the archive does not say how they look, from the top of the tree, which is
    ///     empty text
    public static Set<String> unpackAddition(InputStream archive, Path directory, LayerLimits limits)
            throws IOException {
        LayerUnpacker unpacker = new LayerUnpacker(archive, limits, Contents.ADDITION);
        unpacker.unpack(directory);
        Set<String> implied = new TreeSet<>();
        if (unpacker.ends.isPresent()) {
            for (LooseEnds.Link link : unpacker.ends.get().links()) {
                throw link.leadsNowhere();
            }
            unpacker.ends
                    .get()
                    .directories()
                    .forEach(path -> implied.add(new String(path.getBytes(ISO_8859_1), UTF_8)));
        }
        if (!unpacker.describesItself) {
            implied.add("");
        }
        return implied;
    }

    /// Whether `stream`, which is no longer compressed, begins as an archive does, with the header of an entry.
    ///
    /// @throws IOException when it cannot be read
    public static boolean isArchive(InputStream stream) throws IOException {
        try {
            return new TarReader(stream).next() != null;
        } catch (MalformedLayerException e) {
            return false;
        }
    }

    private LayerContents unpack(Path directory) throws IOException {
        boolean leavesOpen = contents == Contents.UPPER_LAYER || contents == Contents.ADDITION;
        LayerTree.Rules rules = new LayerTree.Rules(leavesOpen, contents == Contents.TREE);
        try (LayerTree tree = LayerTree.open(directory, this::countImplicit, rules)) {
            byte[] before = {};
            for (TarEntry entry = next(before); entry != null; entry = next(before)) {
                add(tree, entry);
                before = entry.name();
            }
            ends = tree.ends().filter(open -> !open.isEmpty());
            describesItself = tree.describesItself();
        }
        archive.drain(limits.bytes());
        return new LayerContents(entries + implicit, bytes, whiteouts);
    }

    private @Nullable TarEntry next(byte[] before) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while unpacking a layer");
        }
        try {
            return archive.next();
        } catch (MalformedLayerException e) {
            String place = before.length == 0 ? "at the beginning" : "after " + EntryName.text(before);
            throw new MalformedLayerException("%s, %s: %s".formatted(what(), place, e.getMessage()));
        }
    }

    private void add(LayerTree tree, TarEntry entry) throws IOException {
        try {
            EntryName name = EntryName.of(entry.name());
            switch (contents) {
                case LAYER, UPPER_LAYER -> add(tree, name, entry);
                case TREE, ADDITION -> addFile(tree, name, entry);
                case FILES -> addFile(tree, name, entry.plain());
            }
        } catch (MalformedLayerException e) {
            throw malformed(entry, e);
        } catch (LinuxException e) {
            if (isOfArchive(e)) {
                throw malformed(entry, e);
            }
            throw e;
        }
    }

    private void add(LayerTree tree, EntryName name, TarEntry entry) throws IOException {
        switch (WhiteoutNames.of(name)) {
            case ENTRY -> addFile(tree, name, entry);
            case WHITEOUT -> {
                whiteouts++;
                check(entry);
                tree.hide(new EntryName(name.parent(), WhiteoutNames.hidden(name.last())), entry.time());
            }
            case OPAQUE -> {
                whiteouts++;
                check(entry);
                tree.hideAllIn(name.parent());
            }
            case NOTHING -> {}
        }
    }

    private void addFile(LayerTree tree, EntryName name, TarEntry entry) throws IOException {
        entries++;
        stored += entry.bytes();
        bytes += entry.sizeBytes();
        check(entry);
        tree.add(name, entry, archive);
    }

    private void countImplicit() throws MalformedLayerException {
        implicit++;
        checkEntries();
    }

    /// Before anything of it is written.
    private void check(TarEntry entry) throws MalformedLayerException {
        checkEntries();
        if (stored < 0 || stored > limits.bytes()) {
            throw tooLarge(entry.bytes(), limits.bytes());
        }
        if (bytes < 0 || bytes > limits.apparentBytes()) {
            throw tooLarge(entry.sizeBytes(), limits.apparentBytes());
        }
    }

    private static MalformedLayerException tooLarge(long size, long most) {
        return new MalformedLayerException(
                "with its %d bytes the layer has more than the %d that are allowed".formatted(size, most));
    }

    private void checkEntries() throws MalformedLayerException {
        if (entries + implicit + whiteouts > limits.entries()) {
            throw new MalformedLayerException(
                    "the layer has more than the %d entries that are allowed".formatted(limits.entries()));
        }
    }

    private MalformedLayerException malformed(TarEntry entry, IOException why) {
        return new MalformedLayerException(
                "%s entry %s: %s".formatted(what(), EntryName.text(entry.name()), why.getMessage()));
    }

    private String what() {
        return switch (contents) {
            case LAYER, UPPER_LAYER -> "layer";
            case TREE, ADDITION, FILES -> "archive";
        };
    }

    /// Whether the kernel refused because of what the archive asks for, and not because of the host.
    private static boolean isOfArchive(LinuxException e) {
        return switch (e.errno()) {
            case ENAMETOOLONG, ENOENT, ENOTDIR, EISDIR, ELOOP, EINVAL, E2BIG, ERANGE, EFBIG, EMLINK -> true;
            default -> false;
        };
    }
}
