package dev.slipway.engine.build;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.snapshot.Snapshots;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.jboss.logging.Logger;

/// Builds images, each step one layer.
///
/// ```
/// step -> selection (reads the host) -> key -> known layer, or: plan -> tree -> blob
/// all steps done -> layers, config, manifest become visible -> name
/// ```
///
/// A build is also how to find out whether an image is still what its steps say: nothing is written if it is. Safe for
/// use by many threads; two builds of the same at the same time both do the work, and the result is one.
public final class ImageBuilder {
    private static final Logger LOG = Logger.getLogger(ImageBuilder.class);

    private final Stores stores;
    private final FileFacts facts;
    private final StepCache cache;

    /// Where images, blobs and trees are.
    record Stores(Images images, ContentStore content, Snapshots snapshots) {}

    /// @param directory for what is known of earlier builds, for instance `/var/lib/slipway/builds`; made when
    ///     needed
    public ImageBuilder(Path directory, Images images, ContentStore content, Snapshots snapshots, InstantSource clock) {
        this.stores = new Stores(images, content, snapshots);
        this.facts = new FileFacts(clock);
        this.cache = new StepCache(directory, content, snapshots);
    }

    /// Builds and waits for it. An interrupt ends it.
    public BuildOutcome build(BuildRequest request, BuildProgress progress) {
        long start = System.nanoTime();
        try (Build build = new Build(stores, cache, facts, request)) {
            LocalImage image = build.run(progress);
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            if (build.layersMade() > 0) {
                LOG.infof(
                        "image built names=%s digest=%s layersMade=%d durationMs=%d",
                        request.names(), image.digest(), build.layersMade(), took.toMillis());
            }
            return new BuildOutcome.Built(image, build.layersMade(), took);
        } catch (InterruptedIOException e) {
            Thread.currentThread().interrupt();
            return new BuildOutcome.Interrupted();
        } catch (IOException e) {
            return new BuildOutcome.Failed(message(e));
        }
    }

    private static String message(IOException failure) {
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }
}
