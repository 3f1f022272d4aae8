package dev.slipway.engine.image;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
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
        return Optional.empty();
    }

    /// Blobs and layers that the incomplete ones have.
    Set<Digest> partsOfIncomplete() {
        return incomplete.stream().flatMap(image -> image.parts().stream()).collect(Collectors.toSet());
    }

    /// Images whose layers are here, and could not be joined yet: a full disk is no reason to lose an image. Until
    /// they are joined no container starts from them. Whoever looks for one tries again, every few seconds at most.
    /// Thread-safe.
    static final class Unjoined {
        private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

        private final LayerTrees trees;
        private final Map<Digest, Failure> failures = new ConcurrentHashMap<>();

        Unjoined(LayerTrees trees) {
            this.trees = trees;
        }

        /// @param due when it is tried again, as by [System#nanoTime]
        private record Failure(String reason, long due) {}

        /// What joins layers may have been lost when the host went down, and can be made again from them.
        ///
        /// @throws CorruptContentException when they cannot be joined at all
        void join(LocalImage image) throws CorruptContentException {
            join(image, 0);
        }

        /// The same image, after another try where one is due.
        Optional<LocalImage> joined(Optional<LocalImage> image) {
            if (image.isPresent() && isTurn(image.get().digest())) {
                try {
                    join(image.get(), PAUSE_NANOS);
                } catch (CorruptContentException e) {
                    failures.remove(image.get().digest());
                    LOG.warnf(
                            "image cannot be used digest=%s reason=%s",
                            image.get().digest(), e.getMessage());
                }
            }
            return image;
        }

        private void join(LocalImage image, long pause) throws CorruptContentException {
            try {
                trees.join(image.layers());
                failures.remove(image.digest());
            } catch (CorruptContentException e) {
                throw e;
            } catch (IOException e) {
                String reason = String.valueOf(e.getMessage());
                Failure before = failures.put(image.digest(), new Failure(reason, System.nanoTime() + pause));
                if (before == null || !before.reason().equals(reason)) {
                    LOG.warnf("layers of an image are not joined yet digest=%s reason=%s", image.digest(), reason);
                }
            }
        }

        /// Of all who look at once, one tries.
        private boolean isTurn(Digest image) {
            Failure failure = failures.get(image);
            long now = System.nanoTime();
            return failure != null
                    && now - failure.due() >= 0
                    && failures.replace(image, failure, new Failure(failure.reason(), now + PAUSE_NANOS));
        }
    }

    static Loaded from(List<CatalogCodec.Entry> entries, CatalogCodec codec, Inspection inspection, Unjoined unjoined) {
        List<LocalImage> whole = new ArrayList<>();
        List<LocalImage> incomplete = new ArrayList<>();
        boolean complete = true;
        for (CatalogCodec.Entry entry : entries) {
            try {
                LocalImage image = codec.image(entry);
                Optional<String> missing = inspection.missing(image);
                if (missing.isEmpty()) {
                    unjoined.join(image);
                }
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
