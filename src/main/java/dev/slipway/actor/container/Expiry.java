package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.DeclaredBy;
import dev.slipway.desired.model.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/// When a Container that has finished for good is deleted. One that a watched directory declares is not: it would be
/// declared again, and run again. Pure.
final class Expiry {
    private Expiry() {}

    /// @param pod its own, if there is one
    /// @return empty while it has not finished, or when it stays for ever
    static Optional<Instant> of(ApiObject container, Optional<ApiObject> pod) {
        if (DeclaredBy.sync(container).isPresent()) {
            return Optional.empty();
        }
        Optional<Duration> stay =
                DurationText.parse(container.spec().path("ttlAfterFinished").asText());
        return stay.flatMap(length -> pod.flatMap(Expiry::finished).map(moment -> moment.plus(length)));
    }

    /// One that was evicted has no run that tells when.
    private static Optional<Instant> finished(ApiObject pod) {
        String phase = pod.status().path("phase").asText();
        if (!phase.equals("Succeeded") && !phase.equals("Failed")) {
            return Optional.empty();
        }
        JsonNode ended = pod.status().at("/containerStatuses/0/state/terminated/finishedAt");
        return time(ended).or(() -> transition(pod));
    }

    private static Optional<Instant> transition(ApiObject pod) {
        for (JsonNode condition : pod.status().path("conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return time(condition.path("lastTransitionTime"));
            }
        }
        return Optional.empty();
    }

    private static Optional<Instant> time(JsonNode text) {
        try {
            return Optional.of(Instant.parse(text.asText()));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }
}
