package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.resolve.Dependencies;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.DeclaredBy;
import dev.slipway.desired.model.DurationText;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// When a Container that has finished for good is deleted. One that a watched directory declares is not: it would be
/// declared again, and run again. Neither is one that another Container or a Pod depends on. Pure.
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

    /// Whether it has a time at all.
    static boolean isSet(ApiObject container) {
        return !container.spec().path("ttlAfterFinished").asText().isEmpty();
    }

    /// Whether it stays because of another Container or a Pod, which would wait for ever for what does not exist:
    /// as long as that Container is there, or until that Pod is over.
    static boolean isHeldBack(ApiObject container, ApiObject other) {
        return isSet(container)
                && other.deletionTimestamp().isEmpty()
                && !(isPod(other) && hasFinished(other))
                && dependencies(other).contains(container.name());
    }

    /// Names of the Containers that a Container or a Pod waits for before it begins.
    static Set<String> dependencies(ApiObject waiting) {
        if (isPod(waiting)) {
            return Dependencies.names(waiting);
        }
        Set<String> names = new HashSet<>();
        waiting.spec()
                .path("dependsOn")
                .forEach(each -> names.add(each.path("name").asText()));
        return names;
    }

    /// One that was evicted has no run that tells when.
    private static Optional<Instant> finished(ApiObject pod) {
        if (!hasFinished(pod)) {
            return Optional.empty();
        }
        JsonNode ended = pod.status().at("/containerStatuses/0/state/terminated/finishedAt");
        return time(ended).or(() -> transition(pod));
    }

    /// Whether a pod is over; one that is never begins again.
    private static boolean hasFinished(ApiObject pod) {
        String phase = pod.status().path("phase").asText();
        return phase.equals("Succeeded") || phase.equals("Failed");
    }

    private static boolean isPod(ApiObject object) {
        return object.kind().equals("Pod");
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
