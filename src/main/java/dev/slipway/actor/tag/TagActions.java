package dev.slipway.actor.tag;

import dev.slipway.desired.meta.Reason;
import dev.slipway.engine.oci.Digest;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Decides what is to be done for a Tag. Pure.
///
/// ```
/// move ---- all ready ------------------> stays
///      ---- deadline, image before here -> back, and the bad one is quarantined
/// ```
public final class TagActions {
    private TagActions() {}

    public static TagAction compute(TagView view, Instant now) {
        Optional<Digest> current = view.current();
        boolean isNew = view.target() instanceof TagTarget.Found found
                && !found.digest().equals(current.orElse(null))
                && !view.isQuarantined(found.digest());
        if (current.isPresent() && !isNew && hasFailed(view, current.get(), now)) {
            Optional<Digest> back = view.previous().filter(view.isPresent());
            if (back.isPresent() && view.rollsBack()) {
                return new TagAction.RollBack(back.get(), current.get(), why(view, current.get()));
            }
        }
        return switch (view.target()) {
            case TagTarget.Missing missing -> new TagAction.Await(missing.reason(), missing.message());
            case TagTarget.Refused refused -> new TagAction.Refuse(refused.reason(), refused.message());
            case TagTarget.Found found -> found(view, found, now);
        };
    }

    private static TagAction found(TagView view, TagTarget.Found found, Instant now) {
        Digest digest = found.digest();
        if (view.current().filter(digest::equals).isPresent()) {
            return new TagAction.Stay();
        }
        if (view.isQuarantined(digest) && !view.isApproved(digest)) {
            return new TagAction.Hold(
                    digest, Reason.QUARANTINED, digest + " did not get ready before", Optional.empty());
        }
        if (view.current().isEmpty() || found.explicit()) {
            return new TagAction.Move(digest, found.cause());
        }
        if (view.needsApproval(digest)) {
            return new TagAction.Hold(
                    digest,
                    Reason.AWAITING_APPROVAL,
                    "the annotation slipway.dev/approve=%s moves it there".formatted(digest),
                    Optional.empty());
        }
        Optional<MaintenanceWindow> window = view.window();
        if (window.isPresent() && !window.get().isOpen(now)) {
            Optional<Instant> opening = window.get().nextOpening(now);
            String words = opening.map(at -> "the window opens at " + at).orElse("the window does not open again");
            return new TagAction.Hold(digest, Reason.OUTSIDE_WINDOW, words, opening);
        }
        String approval = view.approval(digest);
        return new TagAction.Move(digest, approval.isEmpty() ? found.cause() : found.cause() + ", " + approval);
    }

    /// Whether the rollout of the present image is over, or somebody has given it up, and not all are ready.
    static boolean hasFailed(TagView view, Digest current, Instant now) {
        boolean isOver = !now.isBefore(view.deadline())
                || view.consumers().stream().anyMatch(each -> each.hasFailedWith(current));
        return view.isRollingOut() && isOver && !view.late(current).isEmpty();
    }

    static String why(TagView view, Digest current) {
        List<TagConsumers.Consumer> late = view.late(current);
        return "not ready in time: "
                + late.stream().map(TagConsumers.Consumer::toString).limit(3).collect(Collectors.joining(", "))
                + (late.size() > 3 ? " and %d more".formatted(late.size() - 3) : "");
    }
}
