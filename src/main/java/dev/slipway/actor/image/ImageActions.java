package dev.slipway.actor.image;

import dev.slipway.actor.image.ImageErrands.Errand;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Reference;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Decides what is to be done for an Image. Pure.
final class ImageActions {
    private ImageActions() {}

    static ImageAction compute(ImageView view, Instant now) {
        if (view.object().deletionTimestamp().isPresent()) {
            // Another object keeps the content; then nobody who runs from it loses anything.
            return view.users().isEmpty() || view.claimed()
                    ? new ImageAction.Release()
                    : new ImageAction.InUse(view.users());
        }
        if (!view.keep().isNeeded() && view.keep().due() != null) {
            return new ImageAction.Collect(view.keep().due());
        }
        if (!view.keep().isNeeded() && view.keep().isCollected()) {
            return new ImageAction.Rest();
        }
        if (view.isIdle()) {
            return new ImageAction.Retire();
        }
        return switch (view.source()) {
            case ImageView.Source.Unreadable unreadable -> new ImageAction.Refuse(unreadable.message());
            case ImageView.Source.Superseded superseded -> new ImageAction.Retire();
            case ImageView.Source.Implicit implicit ->
                implicit.here() != null
                        ? new ImageAction.Show(implicit.here())
                        : new ImageAction.AwaitPods(implicit.trouble());
            case ImageView.Source.Pulled pulled -> pulled(view, pulled.reference(), pulled.here(), now);
            case ImageView.Source.Built built -> built(view, built.recipe(), now);
            case ImageView.Source.Taken taken ->
                view.isFulfilled() && view.byDigest() != null
                        ? new ImageAction.Show(view.byDigest())
                        : errand(view, new ImageAction.Take(view.purpose()), now);
        };
    }

    /// What was pulled for this spec stays, also when the name points elsewhere by now.
    private static ImageAction pulled(ImageView view, Reference reference, @Nullable LocalImage here, Instant now) {
        LocalImage kept = view.isFulfilled() && view.byDigest() != null ? view.byDigest() : here;
        return kept != null
                ? new ImageAction.Show(kept)
                : errand(view, new ImageAction.Pull(view.purpose(), reference), now);
    }

    private static ImageAction built(ImageView view, ImageView.Recipe recipe, Instant now) {
        return switch (recipe) {
            case ImageView.Recipe.Awaited awaited -> new ImageAction.AwaitBase(awaited.message());
            case ImageView.Recipe.Wrong wrong -> new ImageAction.Refuse(wrong.message());
            case ImageView.Recipe.Known known -> errand(view, new ImageAction.Build(view.purpose(), known), now);
        };
    }

    /// Waits for the errand of this purpose, goes by how it ended, or starts it.
    private static ImageAction errand(ImageView view, ImageAction start, Instant now) {
        return switch (view.currentErrand().orElse(null)) {
            case null -> start;
            case Errand.Running running -> new ImageAction.Await(running.doing());
            case Errand.Failed failed
            when !failed.pause().isOver(now) ->
                new ImageAction.BackOff(failed.message(), failed.pause().end());
            case Errand.Failed failed -> start;
            case Errand.Done done -> new ImageAction.Show(done.image());
        };
    }
}
