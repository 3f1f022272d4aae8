package dev.slipway.door.gitops;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.store.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Deletes what no file declares any more, once it was missing for a second: an editor may delete a file before it
/// writes it anew, and a checkout replaces files one by one. Used by one thread.
///
/// Only what the source really applied is deleted; an object that another source declares too, or that was made by hand
/// under the same name, is let go.
final class Pruning {
    static final Duration PATIENCE = Duration.ofSeconds(1);

    private final ObjectStore store;
    private final Applier applier;
    private final SyncRecord record;
    private final String manager;
    private final Map<ObjectKey, Instant> missingSince = new HashMap<>();

    Pruning(ObjectStore store, Applier applier, SyncRecord record, String manager) {
        this.store = store;
        this.applier = applier;
        this.record = record;
        this.manager = manager;
    }

    /// How pruning went.
    ///
    /// @param inventory what is left
    /// @param waiting how many objects have not been missing for long enough
    record Outcome(Inventory inventory, int waiting, List<SourceProblem> problems) {}

    /// @param missing in the order in which they are to be deleted
    Outcome prune(List<ObjectKey> missing, Inventory inventory, Instant now, SourceJournal journal) {
        missingSince.keySet().retainAll(missing);
        Inventory left = inventory;
        int waiting = 0;
        List<SourceProblem> problems = new ArrayList<>();
        for (ObjectKey key : missing) {
            Instant since = missingSince.computeIfAbsent(key, each -> now);
            if (now.isBefore(since.plus(PATIENCE))) {
                waiting++;
                continue;
            }
            String file = inventory.files().getOrDefault(key, "");
            if (!isOurs(key)) {
                left = left.without(key);
                continue;
            }
            switch (applier.delete(key)) {
                case DeleteOutcome.Deleted outcome -> {
                    left = left.without(key);
                    journal.pruned(key, file);
                }
                case DeleteOutcome.Failed outcome ->
                    problems.add(new SourceProblem(
                            file, 0, Reason.PRUNE_FAILED, "delete %s: %s".formatted(key, outcome.message()), false));
            }
        }
        return new Outcome(left, waiting, problems);
    }

    private boolean isOurs(ObjectKey key) {
        return store.get(key).filter(this::isManaged).isPresent() && !record.isClaimedByAnother(key);
    }

    private boolean isManaged(ApiObject object) {
        for (JsonNode entry : object.metadata().path("managedFields")) {
            if (entry.path("manager").asText().equals(manager)) {
                return true;
            }
        }
        return false;
    }
}
