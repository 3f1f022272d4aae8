package dev.slipway.engine.image;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MalformedDocumentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// What a catalog file turned out to hold.
///
/// @param incomplete images of which a blob or a layer is missing, or cannot be used
/// @param unread what is known of images whose documents cannot be read
/// @param kept what was here when a catalog could not be read: nobody knows whose it is
record Loaded(
        List<LocalImage> whole, List<LocalImage> incomplete, List<CatalogCodec.Remains> unread, Set<Digest> kept) {
    private static final Logger LOG = Logger.getLogger(Loaded.class);

    Loaded {
        whole = List.copyOf(whole);
        incomplete = List.copyOf(incomplete);
        unread = List.copyOf(unread);
        kept = Set.copyOf(kept);
    }

    /// Digests of all blobs and layers that are here.
    interface Presence {
        Set<Digest> list() throws IOException;
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

    /// Reads the catalog; empty where there is none yet. One that is no catalog is put aside, with a note of all
    /// that is here: as long as that lies there, it stays.
    static Optional<Loaded> read(
            Path file, CatalogCodec codec, Inspection inspection, UnjoinedImages unjoined, Presence present)
            throws IOException {
        Path note = file.resolveSibling(file.getFileName() + ".kept");
        Set<Digest> kept = kept(note);
        try {
            List<CatalogCodec.Entry> entries = CatalogCodec.read(Files.readAllBytes(file));
            return Optional.of(from(entries, codec, inspection, unjoined, kept));
        } catch (NoSuchFileException e) {
            LOG.debugf("no catalog of images yet file=%s", file);
            return kept.isEmpty() ? Optional.empty() : Optional.of(from(List.of(), codec, inspection, unjoined, kept));
        } catch (MalformedDocumentException e) {
            kept.addAll(present.list());
            String lines = kept.stream().map(Digest::value).collect(Collectors.joining("\n", "", "\n"));
            AtomicFile.write(note, lines.getBytes(StandardCharsets.UTF_8));
            Path aside = file.resolveSibling(file.getFileName() + ".unreadable");
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.errorf("catalog of images is unreadable and was put aside file=%s reason=%s", aside, e.getMessage());
            return Optional.of(from(List.of(), codec, inspection, unjoined, kept));
        }
    }

    private static Set<Digest> kept(Path note) throws IOException {
        Set<Digest> kept = new TreeSet<>(Comparator.comparing(Digest::value));
        if (Files.exists(note)) {
            Files.readAllLines(note).stream()
                    .map(Digest::parse)
                    .flatMap(Optional::stream)
                    .forEach(kept::add);
            LOG.warnf(
                    "content of images from before a damage is not freed count=%d; remove the file when no container is"
                            + " left from then file=%s",
                    kept.size(), note);
        }
        return kept;
    }

    private static Loaded from(
            List<CatalogCodec.Entry> entries,
            CatalogCodec codec,
            Inspection inspection,
            UnjoinedImages unjoined,
            Set<Digest> kept) {
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
        return new Loaded(whole, incomplete, unread, kept);
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

    /// Has `holds` keep what has to stay though no image that is whole has it, because containers may run from
    /// it: what is kept from before a damage, all of those that are incomplete, and what one that cannot be
    /// read has or may have. That is what nobody else has, and all layers of others: only its config would tell
    /// which of them it has, too, because a layer can be packed in many ways.
    ///
    /// @param present digests of all blobs and layers
    /// @return for how many images
    int spare(Holds holds, Set<Digest> present) {
        holds.keep(kept);
        incomplete.forEach(image -> holds.spare(image.digest(), List.of(image.parts())));
        if (!unread.isEmpty()) {
            Set<Digest> unknown = new HashSet<>(present);
            whole.forEach(image -> unknown.removeAll(image.parts()));
            whole.forEach(image -> unknown.addAll(image.trees()));
            unread.forEach(
                    remains -> holds.spare(remains.entry().manifest().digest(), List.of(remains.known(), unknown)));
        }
        return incomplete.size() + unread.size();
    }
}
