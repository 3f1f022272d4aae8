package dev.slipway.desired.collect;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Reconciler;
import dev.slipway.desired.reconcile.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// One round for one object: is it still owned, and if it is going, may it go?
///
/// @spec https://kubernetes.io/docs/concepts/architecture/garbage-collection/ Kubernetes: Garbage Collection
final class Collector implements Reconciler {
    private static final Logger LOG = Logger.getLogger(Collector.class);
    private static final String FOREGROUND = "foregroundDeletion";
    private static final String ORPHAN = "orphan";

    private final ObjectApi objects;
    private final Dependents dependents;
    private final NamespaceRemoval namespaces;

    Collector(ObjectApi objects, Dependents dependents) {
        this.objects = objects;
        this.dependents = dependents;
        this.namespaces = new NamespaceRemoval(objects);
    }

    /// Whether a round could have something to do for this object.
    static boolean concerns(ApiObject object) {
        boolean isGoing = object.deletionTimestamp().isPresent();
        boolean holds = object.finalizers().contains(FOREGROUND)
                || object.finalizers().contains(ORPHAN)
                || object.kind().equals("Namespace");
        return isGoing ? holds : !object.metadata().path("ownerReferences").isEmpty();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> object = objects.store().get(key);
        Optional<Kind> kind = objects.kinds().find(key.resource());
        if (object.isEmpty() || kind.isEmpty()) {
            return Result.SETTLED;
        }
        try {
            if (object.get().deletionTimestamp().isPresent()) {
                finish(key, object.get());
            } else {
                keepOrDelete(kind.get(), key, object.get());
            }
            return Result.SETTLED;
        } catch (ApiException e) {
            LOG.debugf("not collected object=%s: %s", key, e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    private void finish(ObjectKey key, ApiObject owner) throws ApiException {
        if (key.resource().equals(NamespaceRemoval.NAMESPACES)) {
            namespaces.round(key, owner);
        }
        if (owner.finalizers().contains(ORPHAN)) {
            orphan(owner);
            release(key, owner, ORPHAN);
        }
        if (owner.finalizers().contains(FOREGROUND) && !isAwaiting(owner)) {
            release(key, owner, FOREGROUND);
        }
    }

    /// Deletes dependents of an owner that goes in the foreground.
    ///
    /// @return whether one is left that it waits for
    private boolean isAwaiting(ApiObject owner) throws ApiException {
        boolean awaits = false;
        for (ObjectKey key : dependents.of(owner.uid())) {
            Optional<ApiObject> dependent = objects.store().get(key);
            Optional<Owner> reference = dependent.stream()
                    .flatMap(each -> Owner.of(each).stream())
                    .filter(each -> each.uid().equals(owner.uid()))
                    .findFirst();
            if (dependent.isPresent() && reference.isPresent()) {
                awaits |= reference.get().blocks();
                keepOrDelete(objects.kinds().find(key.resource()).orElseThrow(), key, dependent.get());
            }
        }
        return awaits;
    }

    private void orphan(ApiObject owner) throws ApiException {
        for (ObjectKey key : dependents.of(owner.uid())) {
            Optional<ApiObject> dependent = objects.store().get(key);
            if (dependent.isPresent()) {
                dropOwners(key, dependent.get(), List.of(owner.uid()));
            }
        }
    }

    private void keepOrDelete(Kind kind, ObjectKey key, ApiObject dependent) throws ApiException {
        List<String> gone = new ArrayList<>();
        boolean isOwned = false;
        boolean isAwaited = false;
        for (Owner owner : Owner.of(dependent)) {
            switch (state(owner, key.namespace())) {
                case THERE -> isOwned = true;
                case WAITING -> isAwaited = true;
                case GONE -> gone.add(owner.uid());
            }
        }
        if (isOwned && !gone.isEmpty()) {
            dropOwners(key, dependent, gone);
        } else if (!isOwned
                && (isAwaited || !gone.isEmpty())
                && dependent.deletionTimestamp().isEmpty()) {
            LOG.debugf("owner is gone object=%s", key);
            boolean hasOwn = !dependents.of(dependent.uid()).isEmpty();
            Deletion.Propagation how =
                    isAwaited && hasOwn ? Deletion.Propagation.FOREGROUND : Deletion.Propagation.BACKGROUND;
            delete(kind, key, new Deletion(Optional.empty(), dependent.uid(), "", how, false));
        }
    }

    private enum State {
        THERE,
        /// Going in the foreground: it waits for this dependent.
        WAITING,
        GONE
    }

    private State state(Owner owner, String namespace) {
        Optional<Kind> kind = objects.kinds().find(owner.apiVersion(), owner.kind());
        boolean isReachable = kind.isPresent() && !(kind.get().name().isNamespaced() && namespace.isEmpty());
        if (!isReachable || owner.name().isEmpty()) {
            return State.THERE;
        }
        return objects.store()
                .get(Kinds.key(kind.get(), namespace, owner.name()))
                .filter(found -> found.uid().equals(owner.uid()))
                .map(found -> found.finalizers().contains(FOREGROUND)
                                && found.deletionTimestamp().isPresent()
                        ? State.WAITING
                        : State.THERE)
                .orElse(State.GONE);
    }

    private void delete(Kind kind, ObjectKey key, Deletion deletion) throws ApiException {
        try {
            objects.delete(kind, key, deletion);
        } catch (ApiException e) {
            if (e.code() != 404) {
                throw e;
            }
        }
    }

    private void dropOwners(ObjectKey key, ApiObject dependent, List<String> uids) throws ApiException {
        ObjectNode metadata = pinned(dependent);
        ArrayNode kept = metadata.putArray("ownerReferences");
        dependent.metadata().path("ownerReferences").forEach(reference -> {
            if (!uids.contains(reference.path("uid").asText())) {
                kept.add(reference);
            }
        });
        patch(key, metadata);
    }

    private void release(ObjectKey key, ApiObject owner, String finalizer) throws ApiException {
        Optional<ApiObject> now =
                objects.store().get(key).filter(each -> each.uid().equals(owner.uid()));
        if (now.isPresent()) {
            ObjectNode metadata = pinned(now.get());
            ArrayNode kept = metadata.putArray("finalizers");
            now.get().finalizers().stream()
                    .filter(each -> !each.equals(finalizer))
                    .forEach(kept::add);
            LOG.debugf("released object=%s finalizer=%s", key, finalizer);
            patch(key, metadata);
        }
    }

    /// A patch of the metadata of this very version; another one gets another round.
    private static ObjectNode pinned(ApiObject object) {
        return ObjectCodec.json().createObjectNode().put("resourceVersion", "" + object.resourceVersion());
    }

    private void patch(ObjectKey key, ObjectNode metadata) throws ApiException {
        ObjectNode changes = ObjectCodec.json().createObjectNode();
        changes.set("metadata", metadata);
        Kind kind = objects.kinds().find(key.resource()).orElseThrow();
        objects.patch(kind, key, new Patch.Merge(changes), WriteOptions.by(""));
    }
}
