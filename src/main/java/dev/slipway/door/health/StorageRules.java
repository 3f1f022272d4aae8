package dev.slipway.door.health;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Reason;
import java.util.List;
import java.util.Optional;

/// Whether there is the storage that is asked for. Kubernetes gave claims and volumes a phase, and snapshots a field of
/// their own, where other kinds have conditions. Pure.
final class StorageRules {
    private static final List<String> KINDS = List.of("PersistentVolume", "PersistentVolumeClaim", "VolumeSnapshot");

    private StorageRules() {}

    static boolean areOf(ApiObject object) {
        return KINDS.contains(object.kind());
    }

    /// What is wrong; empty for a volume that is there, a claim that has one, and a snapshot that can be used.
    static Optional<Shortage> shortage(ApiObject object) {
        return object.kind().equals("VolumeSnapshot") ? ofSnapshot(object.status()) : ofPhase(object.status());
    }

    private static Optional<Shortage> ofSnapshot(JsonNode status) {
        if (status.path("readyToUse").asBoolean()) {
            return Optional.empty();
        }
        String error = status.at("/error/message").asText();
        return Optional.of(
                error.isEmpty()
                        ? new Shortage(Reason.PROGRESSING.toString(), "it is not taken yet")
                        : new Shortage(Reason.SNAPSHOT_CREATION_FAILED.toString(), error));
    }

    private static Optional<Shortage> ofPhase(JsonNode status) {
        String phase = status.path("phase").asText();
        return switch (phase) {
            case "Available", "Bound", "Released" -> Optional.empty();
            case "Lost" -> Optional.of(new Shortage(Reason.CLAIM_LOST.toString(), "its PersistentVolume is gone"));
            case "Failed" -> Optional.of(told(status));
            default ->
                Optional.of(
                        status.path("conditions").isEmpty()
                                ? new Shortage(Reason.PROGRESSING.toString(), "it is not bound yet")
                                : told(status.path("conditions").path(0)));
        };
    }

    private static Shortage told(JsonNode why) {
        return new Shortage(why.path("reason").asText(), why.path("message").asText());
    }
}
