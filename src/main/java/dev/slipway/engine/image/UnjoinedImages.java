package dev.slipway.engine.image;

import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.oci.Digest;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// Images whose layers are here, and could not be joined yet: a full disk is no reason to lose an image. Until
/// they are joined no container starts from them. Whoever looks for one tries again, every few seconds at most.
/// Thread-safe.
final class UnjoinedImages {
    private static final Logger LOG = Logger.getLogger(UnjoinedImages.class);
    private static final long PAUSE_NANOS = Duration.ofSeconds(5).toNanos();

    private final LayerTrees trees;
    private final Consumer<LocalImage> damaged;
    private final Map<Digest, Failure> failures = new ConcurrentHashMap<>();

    /// @param damaged is told of an image that turns out not to be joinable at all
    UnjoinedImages(LayerTrees trees, Consumer<LocalImage> damaged) {
        this.trees = trees;
        this.damaged = damaged;
    }

    /// @param due when it is tried again, as by [System#nanoTime]
    private record Failure(String reason, long due) {}

    /// What joins layers may have been lost when the host went down, and can be made again from them.
    ///
    /// @throws CorruptContentException when they cannot be joined at all
    void join(LocalImage image) throws CorruptContentException {
        join(image, 0);
    }

    /// The same image, after another try where one is due; empty when that shows that it is damaged.
    Optional<LocalImage> joined(Optional<LocalImage> image) {
        return image.filter(each -> !isTurn(each.digest()) || isUsable(each));
    }

    /// What is damaged stays due: who finds it all the same, tries again.
    private boolean isUsable(LocalImage image) {
        try {
            join(image, PAUSE_NANOS);
            return true;
        } catch (CorruptContentException e) {
            LOG.warnf("image cannot be used digest=%s reason=%s", image.digest(), e.getMessage());
            damaged.accept(image);
            return false;
        }
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
