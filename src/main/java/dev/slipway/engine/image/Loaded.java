package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// What a catalog file turned out to hold.
///
/// @param incomplete images of which a blob or a layer is missing
/// @param complete whether every entry could be read, so that what no image has is known
record Loaded(List<LocalImage> whole, List<LocalImage> incomplete, boolean complete) {
    private static final Logger LOG = Logger.getLogger(Loaded.class);

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
        // What joins layers may have been lost when the host went down, and can be made again from them.
        trees.join(image.layers());
        return Optional.empty();
    }

    static Loaded from(List<CatalogCodec.Entry> entries, CatalogCodec codec, Inspection inspection) {
        List<LocalImage> whole = new ArrayList<>();
        List<LocalImage> incomplete = new ArrayList<>();
        boolean complete = true;
        for (CatalogCodec.Entry entry : entries) {
            try {
                LocalImage image = codec.image(entry);
                Optional<String> missing = inspection.missing(image);
                (missing.isPresent() ? incomplete : whole).add(image);
                missing.ifPresent(
                        what -> LOG.warnf("image is incomplete digest=%s reason=%s is missing", image.digest(), what));
            } catch (IOException e) {
                complete = false;
                LOG.warnf(
                        "image cannot be read digest=%s reason=%s",
                        entry.manifest().digest(), e.getMessage());
            }
        }
        return new Loaded(whole, incomplete, complete);
    }
}
