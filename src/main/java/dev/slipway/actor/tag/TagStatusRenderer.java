package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.engine.oci.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Writes the status of a Tag after an action was done. Pure.
public final class TagStatusRenderer {
    private static final int HISTORY_LIMIT = 10;
    private static final int MOST_QUARANTINED = 20;
    private static final String SUPERSEDED = "Superseded";
    private static final String ROLLED_BACK = "RolledBack";
    private static final String FAILED = "Failed";

    private TagStatusRenderer() {}

    /// @param sighting of what it follows; null where it follows nothing, or was not seen yet
    public static ObjectNode render(TagView view, TagAction action, @Nullable Sighting sighting, Instant now) {
        ObjectNode status = view.tag().status() instanceof ObjectNode before
                ? before.deepCopy()
                : ObjectCodec.json().createObjectNode();
        if (!view.isObserved()) {
            status.remove("quarantined");
        }
        status.remove("pendingDigest");
        switch (action) {
            case TagAction.Move move -> move(view, status, move, now);
            case TagAction.RollBack back -> rollBack(view, status, back, now);
            case TagAction.Hold hold ->
                status.put("pendingDigest", hold.pending().value());
            case TagAction.Stay stay -> trim(view, status, now);
            case TagAction.Await await -> {}
            case TagAction.Refuse refuse -> {}
        }
        settle(view, status, now);
        consumers(status, view.consumers());
        if (sighting != null) {
            status.put("lastChecked", Timestamps.seconds(sighting.at()));
        }
        status.put("observedGeneration", view.tag().generation());
        conditions(view, action, sighting, status)
                .forEach(condition ->
                        Conditions.set(status, condition, view.tag().generation(), now));
        return status;
    }

    private static int limit(TagView view) {
        return view.tag().spec().path("historyLimit").asInt(HISTORY_LIMIT);
    }

    private static void trim(TagView view, ObjectNode status, Instant now) {
        view.current().ifPresent(digest -> TagHistory.note(status, digest, "", limit(view), now));
    }

    private static void move(TagView view, ObjectNode status, TagAction.Move move, Instant now) {
        if (status.at("/history/0/result").asText().equals(TagView.PROGRESSING)) {
            TagHistory.result(status, SUPERSEDED);
        }
        TagHistory.note(status, move.digest(), move.cause(), limit(view), now);
        TagHistory.result(status, view.rolls() ? TagView.PROGRESSING : TagView.SUCCEEDED);
    }

    private static void rollBack(TagView view, ObjectNode status, TagAction.RollBack back, Instant now) {
        TagHistory.result(status, ROLLED_BACK);
        ArrayNode quarantined = status.withArray("/quarantined");
        quarantined
                .insertObject(0)
                .put("digest", back.bad().value())
                .put("reason", back.why())
                .put("time", Timestamps.seconds(now));
        while (quarantined.size() > MOST_QUARANTINED) {
            quarantined.remove(quarantined.size() - 1);
        }
        TagHistory.note(status, back.digest(), "rolled back from " + back.bad() + ": " + back.why(), limit(view), now);
        TagHistory.result(status, TagView.SUCCEEDED);
    }

    /// Says what has come of the rollout meanwhile.
    private static void settle(TagView view, ObjectNode status, Instant now) {
        Optional<Digest> digest = Digest.parse(status.path("digest").asText());
        boolean isOpen = status.at("/history/0/result").asText().equals(TagView.PROGRESSING);
        if (!isOpen || digest.isEmpty()) {
            return;
        }
        boolean all = view.late(digest.get()).isEmpty() && !now.isBefore(view.settled());
        if (!view.rolls() || all) {
            TagHistory.result(status, TagView.SUCCEEDED);
        } else if (digest.equals(view.current()) && TagActions.hasFailed(view, digest.get(), now)) {
            TagHistory.result(status, FAILED);
        }
    }

    /// When to look at the rollout that `status` tells of again; empty if none goes on.
    public static Optional<Instant> nextLook(TagView view, ObjectNode status, Instant now) {
        Optional<Digest> digest = Digest.parse(status.path("digest").asText());
        if (digest.isEmpty() || !status.at("/history/0/result").asText().equals(TagView.PROGRESSING)) {
            return Optional.empty();
        }
        Instant deadline = Instant.parse(status.at("/history/0/from").asText()).plus(view.progressDeadline());
        boolean waits = view.late(digest.get()).isEmpty() || !now.isBefore(deadline);
        return Optional.of(waits ? view.settled() : deadline);
    }

    private static void consumers(ObjectNode status, List<TagConsumers.Consumer> consumers) {
        ArrayNode list = ObjectCodec.json().createArrayNode();
        consumers.forEach(each -> list.addObject()
                .put("kind", each.kind())
                .put("namespace", each.namespace())
                .put("name", each.name()));
        status.set("consumers", list);
    }

    private static List<Condition> conditions(
            TagView view, TagAction action, @Nullable Sighting sighting, ObjectNode status) {
        List<Condition> conditions = new ArrayList<>();
        String result = status.at("/history/0/result").asText();
        boolean rolling = result.equals(TagView.PROGRESSING);
        switch (action) {
            case TagAction.Refuse refuse -> {
                conditions.add(Condition.no("Ready", refuse.reason(), refuse.message()));
                conditions.add(Condition.no("Reconciling", refuse.reason(), ""));
                conditions.add(Condition.yes("Stalled", refuse.reason(), refuse.message()));
            }
            case TagAction.Await await -> {
                conditions.add(Condition.no("Ready", await.reason(), await.message()));
                conditions.add(Condition.yes("Reconciling", await.reason(), await.message()));
                conditions.add(Condition.no("Stalled", Reason.PROGRESSING, ""));
            }
            case TagAction.Move move -> conditions.addAll(ready(rolling));
            case TagAction.RollBack back -> conditions.addAll(ready(rolling));
            case TagAction.Hold hold -> conditions.addAll(ready(rolling));
            case TagAction.Stay stay -> conditions.addAll(ready(rolling));
        }
        conditions.add(resolved(action, sighting));
        conditions.add(update(action));
        conditions.add(rolledOut(view, action, status, result));
        return conditions;
    }

    /// A tag that points at an image is ready; those that use it may still be on their way.
    private static List<Condition> ready(boolean rolling) {
        return List.of(
                Condition.yes("Ready", Reason.SUCCEEDED, ""),
                rolling
                        ? Condition.yes("Reconciling", Reason.PROGRESSING, "consumers are getting ready")
                        : Condition.no("Reconciling", Reason.SUCCEEDED, ""),
                Condition.no("Stalled", Reason.SUCCEEDED, ""));
    }

    private static Condition resolved(TagAction action, @Nullable Sighting sighting) {
        if (sighting != null && !sighting.failure().isEmpty()) {
            return Condition.no("Resolved", Reason.FAILED, sighting.failure());
        }
        return switch (action) {
            case TagAction.Await await -> Condition.no("Resolved", await.reason(), await.message());
            case TagAction.Refuse refuse -> Condition.no("Resolved", refuse.reason(), refuse.message());
            case TagAction.Move move -> Condition.yes("Resolved", Reason.SUCCEEDED, "");
            case TagAction.RollBack back -> Condition.yes("Resolved", Reason.SUCCEEDED, "");
            case TagAction.Hold hold -> Condition.yes("Resolved", Reason.SUCCEEDED, "");
            case TagAction.Stay stay -> Condition.yes("Resolved", Reason.SUCCEEDED, "");
        };
    }

    private static Condition update(TagAction action) {
        return action instanceof TagAction.Hold hold
                ? Condition.yes("UpdateAvailable", hold.reason(), hold.message())
                : Condition.no("UpdateAvailable", Reason.UP_TO_DATE, "");
    }

    private static Condition rolledOut(TagView view, TagAction action, ObjectNode status, String result) {
        JsonNode bad = status.at("/quarantined/0");
        if (action instanceof TagAction.RollBack
                || action instanceof TagAction.Hold hold && hold.reason() == Reason.QUARANTINED) {
            return Condition.no(
                    "RolledOut",
                    Reason.ROLLED_BACK,
                    bad.path("digest").asText() + ": " + bad.path("reason").asText());
        }
        return switch (result) {
            case TagView.PROGRESSING ->
                Condition.unknown("RolledOut", Reason.PROGRESSING, "consumers are getting ready");
            case FAILED ->
                Condition.no(
                        "RolledOut",
                        Reason.PROGRESS_DEADLINE_EXCEEDED,
                        view.current()
                                .map(digest -> TagActions.why(view, digest))
                                .orElse(""));
            default -> Condition.yes("RolledOut", Reason.SUCCEEDED, "");
        };
    }
}
