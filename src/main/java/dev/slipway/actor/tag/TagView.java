package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.DurationText;
import dev.slipway.desired.model.TagSpec;
import dev.slipway.engine.oci.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// A Tag and all that a round decides by.
///
/// @param isPresent whether an image is on this host
public record TagView(
        ApiObject tag, TagTarget target, List<TagConsumers.Consumer> consumers, Predicate<Digest> isPresent) {
    static final String PROGRESSING = "Progressing";
    static final String SUCCEEDED = "Succeeded";
    private static final Duration DEADLINE = Duration.ofMinutes(5);

    /// Who is ready for so long stays so.
    private static final Duration SETTLING = Duration.ofSeconds(5);

    public TagView {
        consumers = List.copyOf(consumers);
    }

    Optional<Digest> current() {
        return Digest.parse(tag.status().path("digest").asText());
    }

    /// Where to go back to: the last image whose rollout has succeeded, else the one before.
    Optional<Digest> previous() {
        JsonNode history = tag.status().path("history");
        for (int i = 1; i < history.size(); i++) {
            Optional<Digest> digest = Digest.parse(history.get(i).path("digest").asText());
            boolean isGood = history.get(i).path("result").asText().equals(SUCCEEDED);
            if (isGood && digest.filter(isPresent).isPresent() && !digest.equals(current())) {
                return digest;
            }
        }
        return Digest.parse(tag.status().path("previousDigest").asText());
    }

    boolean needsApproval(Digest digest) {
        return tag.spec().path("approval").asText().equals("Manual") && !isApproved(digest);
    }

    boolean isApproved(Digest digest) {
        return digest.value().equals(tag.annotations().get(TagSpec.APPROVE));
    }

    /// Who has approved the move to `digest`, in words; empty where nobody had to, or nobody is noted.
    String approval(Digest digest) {
        boolean wasAsked = tag.spec().path("approval").asText().equals("Manual") || isQuarantined(digest);
        return wasAsked && isApproved(digest)
                ? TagAuthor.ofApproval(tag).map(who -> "approved by " + who).orElse("")
                : "";
    }

    Optional<MaintenanceWindow> window() {
        return MaintenanceWindow.of(tag.spec().path("window"));
    }

    /// Whether the status speaks of the spec as it is now.
    boolean isObserved() {
        return tag.status().path("observedGeneration").asLong() == tag.generation();
    }

    boolean isQuarantined(Digest digest) {
        for (JsonNode each : tag.status().path("quarantined")) {
            if (each.path("digest").asText().equals(digest.value())) {
                return isObserved();
            }
        }
        return false;
    }

    boolean rolls() {
        return !tag.spec().at("/rollout/mode").asText().equals("Never");
    }

    boolean rollsBack() {
        return tag.spec().at("/rollout/rollbackOnFailure").asBoolean(true);
    }

    /// Whether consumers are still getting ready after the last move.
    boolean isRollingOut() {
        return rolls() && tag.status().at("/history/0/result").asText().equals(PROGRESSING);
    }

    /// When they must be.
    Instant deadline() {
        String from = tag.status().at("/history/0/from").asText();
        return (from.isEmpty() ? Instant.EPOCH : Instant.parse(from)).plus(progressDeadline());
    }

    Duration progressDeadline() {
        return DurationText.parse(tag.spec().at("/rollout/progressDeadline").asText())
                .orElse(DEADLINE);
    }

    /// Consumers that a rollout waits for and that do not run `digest` now.
    List<TagConsumers.Consumer> late(Digest digest) {
        return consumers.stream()
                .filter(each -> each.counts() && !each.runs(digest))
                .toList();
    }

    /// When all that run `digest` will have been ready for long enough.
    Instant settled() {
        Duration half = progressDeadline().dividedBy(2);
        return consumers.stream()
                .filter(TagConsumers.Consumer::counts)
                .map(TagConsumers.Consumer::readySince)
                .max(Instant::compareTo)
                .orElse(Instant.EPOCH)
                .plus(half.compareTo(SETTLING) < 0 ? half : SETTLING);
    }
}
