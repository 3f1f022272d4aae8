package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.store.ConflictException;
import dev.slipway.desired.store.ObjectStore;
import java.io.IOException;
import java.time.InstantSource;

/// Deletes objects: those that somebody still has to clean up for are marked and wait, the others go at once.
///
/// @spec https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/ Kubernetes: Finalizers
final class Deletions {
    private static final String FOREGROUND = "foregroundDeletion";
    private static final String ORPHAN = "orphan";

    private final ObjectStore store;
    private final InstantSource clock;

    Deletions(ObjectStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    ApiObject delete(Kind kind, ObjectKey key, ApiObject before, Deletion deletion)
            throws IOException, ConflictException {
        long grace = kind.name().kind().equals("Pod") ? graceOfPod(before, deletion) : 0;
        ObjectNode marked = marked(before, grace, deletion);
        boolean waits = grace > 0
                || !ApiObject.of(marked).finalizers().isEmpty()
                || kind.name().kind().equals("Namespace");
        if (deletion.dryRun()) {
            return before;
        }
        return waits
                ? store.update(key, ApiObject.of(marked), before.resourceVersion())
                : store.delete(key, before.resourceVersion());
    }

    /// Takes a pod that has ended out of the store, or, when somebody else still has to clean up for it, notes that
    /// it has ended.
    void ended(ObjectKey key, ApiObject pod) throws IOException, ConflictException {
        if (pod.finalizers().isEmpty()) {
            store.delete(key, pod.resourceVersion());
            return;
        }
        ObjectNode object = pod.copyTree();
        ObjectNode metadata = (ObjectNode) object.path("metadata");
        if (pod.deletionTimestamp().isEmpty()) {
            metadata.put("deletionTimestamp", Timestamps.seconds(clock.instant()));
        }
        metadata.put("deletionGracePeriodSeconds", 0);
        store.update(key, ApiObject.of(object), pod.resourceVersion());
    }

    /// What the deletion says, else the pod; a second deletion may only shorten it.
    private static long graceOfPod(ApiObject pod, Deletion deletion) {
        long own = pod.spec().path("terminationGracePeriodSeconds").asLong(30);
        long wanted = Math.max(0, deletion.graceSeconds().orElse(own));
        if (pod.deletionTimestamp().isPresent()) {
            return Math.min(
                    wanted, pod.metadata().path("deletionGracePeriodSeconds").asLong(own));
        }
        // A grace of none still lets the node end the processes first; only an explicit zero is a forced removal.
        return deletion.graceSeconds().isPresent() ? wanted : Math.max(1, wanted);
    }

    private ObjectNode marked(ApiObject before, long grace, Deletion deletion) {
        ObjectNode object = before.copyTree();
        ObjectNode metadata = (ObjectNode) object.path("metadata");
        boolean first = before.deletionTimestamp().isEmpty();
        if (first || grace < metadata.path("deletionGracePeriodSeconds").asLong()) {
            metadata.put("deletionTimestamp", Timestamps.seconds(clock.instant().plusSeconds(grace)));
            metadata.put("deletionGracePeriodSeconds", grace);
        }
        if (first) {
            switch (deletion.propagation()) {
                case FOREGROUND -> metadata.withArray("/finalizers").add(FOREGROUND);
                case ORPHAN -> metadata.withArray("/finalizers").add(ORPHAN);
                case BACKGROUND -> {}
            }
        }
        if (before.kind().equals("Namespace")) {
            object.withObject("/status").put("phase", "Terminating");
        }
        return object;
    }
}
