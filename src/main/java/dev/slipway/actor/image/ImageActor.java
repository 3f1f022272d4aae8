package dev.slipway.actor.image;

import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.build.ImageBuilder;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.registry.RegistryClient;
import java.util.List;
import java.util.function.Consumer;

/// This room as `app` sees it: its controllers, and where pods ask for their images.
///
/// ```
/// new ImageActor(parts, controllers::touch) -> controllers() into Controllers -> ... -> close()
/// ```
///
/// Nothing happens before the first round or question.
public final class ImageActor implements AutoCloseable {
    /// What it works with.
    ///
    /// @param registry gets the settings that `Registry` objects say
    public record Parts(
            ObjectApi objects,
            EventRecorder events,
            Schedule schedule,
            Images images,
            ImageBuilder builder,
            RegistryClient registry) {}

    /// @param touched called with the key of a Pod, Image, Tag or Registry of which something has changed that the
    ///     store does not know
    public ImageActor(Parts parts, Consumer<ObjectKey> touched) {}

    /// The controllers of Images, Tags, Registries, and of the Secrets that pulls use.
    public List<Controller> controllers() {
        return List.of();
    }

    public PodImages podImages() {
        return new PodImages() {
            @Override
            public Answer ask(Question question) {
                return new Answer.Pulling();
            }

            @Override
            public void forget(String podUid) {}
        };
    }

    /// Ends pulls and builds that run; what they brought is not visible.
    @Override
    public void close() {}
}
