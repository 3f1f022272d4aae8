package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MalformedDocumentException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/// What a catalog file turned out to hold.
///
/// @param incomplete images of which a blob or a layer is missing, or cannot be used
/// @param unread what is known of images whose documents cannot be read
/// @param isReadable whether every catalog could be read, so that what no image has is known
record Loaded(
        List<LocalImage> whole, List<LocalImage> incomplete, List<CatalogCodec.Remains> unread, boolean isReadable) {
    private static final Logger LOG = Logger.getLogger(Loaded.class);
    private static final Loaded UNREADABLE = new Loaded(List.of(), List.of(), List.of(), false);

    Loaded {
        whole = List.copyOf(whole);
        incomplete = List.copyOf(incomplete);
        unread = List.copyOf(unread);
    }

    /// Says what an image lacks.
    interface Inspection {
        Optional<String> missing(LocalImage image) throws IOException;
    }

    /// The first part of an image that is not here.
    static Optional<String> missing(LocalImage image, ContentStore content, LayerTrees trees) throws IOException {
        for (Descriptor layer : image.manifest().layers()) {
            if (!content.contains(layer.digest())) {
                return Optional.of("blob " + layer.digest());
            }
        }
        for (DiffId layer : image.layers()) {
            if (!trees.isPresent(layer)) {
                return Optional.of("layer " + layer);
            }
        }
        return Optional.empty();
    }

    /// Reads the catalog; empty where there is none yet. One that is no catalog is put aside, and as long as it is
    /// there, nobody knows what the images that it named have.
    static Optional<Loaded> read(Path file, CatalogCodec codec, Inspection inspection, UnjoinedImages unjoined)
            throws IOException {
        Path aside = file.resolveSibling(file.getFileName() + ".unreadable");
        try {
            List<CatalogCodec.Entry> entries = CatalogCodec.read(Files.readAllBytes(file));
            return Optional.of(from(entries, codec, inspection, unjoined, isAllThereIs(aside)));
        } catch (NoSuchFileException e) {
            LOG.debugf("no catalog of images yet file=%s", file);
            return isAllThereIs(aside) ? Optional.empty() : Optional.of(UNREADABLE);
        } catch (MalformedDocumentException e) {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.errorf("catalog of images is unreadable and was put aside file=%s reason=%s", aside, e.getMessage());
            return Optional.of(UNREADABLE);
        }
    }

    private static boolean isAllThereIs(Path aside) {
        boolean isLeft = Files.exists(aside);
        if (isLeft) {
            LOG.warnf(
                    "no content of images is freed; remove the file when no container is left from before file=%s",
                    aside);
        }
        return !isLeft;
    }

    private static Loaded from(
            List<CatalogCodec.Entry> entries,
            CatalogCodec codec,
            Inspection inspection,
            UnjoinedImages unjoined,
            boolean isReadable) {
        List<LocalImage> whole = new ArrayList<>();
        List<LocalImage> incomplete = new ArrayList<>();
        List<CatalogCodec.Remains> unread = new ArrayList<>();
        for (CatalogCodec.Entry entry : entries) {
            try {
                LocalImage image = codec.image(entry);
                (isWhole(image, inspection, unjoined) ? whole : incomplete).add(image);
            } catch (IOException e) {
                unread.add(codec.remains(entry));
                LOG.warnf(
                        "image cannot be read digest=%s reason=%s",
                        entry.manifest().digest(), e.getMessage());
            }
        }
        return new Loaded(whole, incomplete, unread, isReadable);
    }

    private static boolean isWhole(LocalImage image, Inspection inspection, UnjoinedImages unjoined) {
        try {
            Optional<String> missing = inspection.missing(image);
            if (missing.isEmpty()) {
                unjoined.join(image);
                return true;
            }
            LOG.warnf("image is incomplete digest=%s reason=%s is missing", image.digest(), missing.get());
        } catch (IOException e) {
            LOG.warnf("image cannot be used digest=%s reason=%s", image.digest(), e.getMessage());
        }
        return false;
    }

    /// What is present, and what is not.
    Catalog catalog() {
        List<CatalogCodec.Entry> lost = new ArrayList<>();
        incomplete.forEach(image -> lost.add(CatalogCodec.Entry.of(image)));
        unread.forEach(remains -> lost.add(remains.entry()));
        return Catalog.of(whole, lost);
    }

    /// What has to stay though no image that is whole has it, because containers may run from it: all of those that
    /// are incomplete, and what one that cannot be read has or may have. That is what nobody else has, and all
    /// layers of others: only its config would tell which of them it has, too, because a layer can be packed in
    /// many ways.
    ///
    /// @param present digests of all blobs and layers
    Set<Digest> spared(Set<Digest> present) {
        Set<Digest> spared = new HashSet<>();
        if (!unread.isEmpty()) {
            spared.addAll(present);
            whole.forEach(image -> spared.removeAll(image.parts()));
            whole.forEach(image -> spared.addAll(image.trees()));
        }
        unread.forEach(remains -> spared.addAll(remains.known()));
        incomplete.forEach(image -> spared.addAll(image.parts()));
        return spared;
    }
}
