package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.FieldError;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ConflictException;
import dev.slipway.desired.store.ObjectStore;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The one door to the store, for HTTP, for watched directories and for reconcilers alike.
///
/// ```
/// create   decode -> complete, validate -> uid, generation 1, managed fields -> store
/// update   decode -> complete, validate against the stored one -> generation, managed fields -> store
/// patch    read -> patch -> as an update; again when somebody was faster
/// delete   grace period or finalizers: marked; else out of the store
/// ```
///
/// A write to `status` changes nothing but the status; a write to the object leaves the status alone. Thread-safe.
public final class ObjectApi {
    private static final int MOST_TRIES = 20;

    /// So that a generated name fits into one part of a domain name.
    private static final int LONGEST_PREFIX = 58;

    private static final GroupResource NAMESPACES = GroupResource.core("namespaces");

    /// What everything else counts on.
    private static final Set<String> IMMORTAL = Set.of("default", "kube-system", "kube-public");

    private final ObjectStore store;
    private final Kinds kinds;
    private final InstantSource clock;
    private final Supplier<String> uids;
    private final Writes writes;
    private final Deletions deletions;

    /// @param uids gives a fresh UUID at each call
    public ObjectApi(ObjectStore store, Kinds kinds, InstantSource clock, Supplier<String> uids) {
        this.store = store;
        this.kinds = kinds;
        this.clock = clock;
        this.uids = uids;
        this.writes = new Writes(store, clock, uids);
        this.deletions = new Deletions(store, clock);
    }

    public Kinds kinds() {
        return kinds;
    }

    public ObjectStore store() {
        return store;
    }

    public ApiObject get(ObjectKey key) throws ApiException {
        return store.get(key).orElseThrow(() -> ApiException.notFound(key));
    }

    /// @param namespace empty for all namespaces
    public Page list(GroupResource resource, String namespace, ListOptions options) throws ApiException {
        return Pages.of(store.list(resource, namespace), options);
    }

    /// @param namespace of the request; ignored for cluster-scoped kinds
    public Written create(Kind kind, String namespace, ObjectNode sent, WriteOptions options) throws ApiException {
        return created(kind, namespace, sent, options, null);
    }

    /// Makes an object of a stored one, as a pod of a template. What breaks a rule that is younger than the stored
    /// one does so in both, and is let be.
    public Written createOf(ApiObject origin, Kind kind, ObjectNode sent, WriteOptions options) throws ApiException {
        Kind ofOrigin = kinds.find(origin.tree().path("apiVersion").asText(), origin.kind())
                .orElseThrow();
        return created(kind, origin.namespace(), sent, options, new Admission.Origin(ofOrigin, origin));
    }

    private Written created(
            Kind kind, String namespace, ObjectNode sent, WriteOptions options, Admission.@Nullable Origin origin)
            throws ApiException {
        boolean isGenerated = sent.path("metadata").path("name").asText().isEmpty();
        for (int tries = 0; ; tries++) {
            ObjectNode named = sent.deepCopy();
            ObjectKey key = newKey(kind, namespace, named);
            Draft draft = Drafts.whole(kind, key, named, options);
            requireNamespace(kind, key);
            try {
                return writes.create(draft, options, origin);
            } catch (ApiException e) {
                if (!isGenerated || tries == MOST_TRIES || !e.reason().equals("AlreadyExists")) {
                    throw e;
                }
            }
        }
    }

    /// Replaces an object. A resource version in it must be the current one.
    public Written update(Kind kind, ObjectKey key, ObjectNode sent, WriteOptions options) throws ApiException {
        return write(key, options, before -> {
            if (before == null) {
                throw ApiException.notFound(key);
            }
            requireUid(key, before, sent);
            return Drafts.whole(kind, key, sent, options);
        });
    }

    /// Changes an object; [Patch.Apply] also makes one.
    public Written patch(Kind kind, ObjectKey key, Patch patch, WriteOptions options) throws ApiException {
        Drafts.Target target = new Drafts.Target(kind, key, options);
        return write(key, options, before -> {
            boolean mayCreate = patch instanceof Patch.Apply && !options.isStatus();
            if (before == null && !mayCreate) {
                throw ApiException.notFound(key);
            }
            if (before == null) {
                requireNamespace(kind, key);
            }
            return Drafts.patched(target, before, patch, clock.instant());
        });
    }

    /// Decides on what is stored now, and again when somebody was faster, unless the writer insisted on a version.
    private Written write(ObjectKey key, WriteOptions options, Decision decision) throws ApiException {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            ApiObject before = store.get(key).orElse(null);
            Draft draft = decision.on(before);
            if (before != null && !draft.pinned().isEmpty() && !draft.pinned().equals("" + before.resourceVersion())) {
                throw ApiException.changedMeanwhile(key);
            }
            try {
                return before == null ? writes.create(draft, options, null) : writes.replace(draft, before, options);
            } catch (ConflictException e) {
                if (!draft.pinned().isEmpty()) {
                    throw ApiException.changedMeanwhile(key);
                }
            } catch (ApiException e) {
                if (before != null || !e.reason().equals("AlreadyExists")) {
                    throw e;
                }
            }
        }
        throw ApiException.changedMeanwhile(key);
    }

    /// What to write, given what is there.
    @FunctionalInterface
    private interface Decision {
        Draft on(@Nullable ApiObject before) throws ApiException;
    }

    /// @return the object as it is now: marked as being deleted, or as it was last
    public ApiObject delete(Kind kind, ObjectKey key, Deletion deletion) throws ApiException {
        if (key.resource().equals(NAMESPACES) && IMMORTAL.contains(key.name())) {
            throw ApiException.forbidden(key, "this namespace may not be deleted");
        }
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            ApiObject before = get(key);
            if (!deletion.resourceVersion().isEmpty()
                    && !deletion.resourceVersion().equals("" + before.resourceVersion())) {
                throw ApiException.changedMeanwhile(key);
            }
            if (!deletion.uid().isEmpty() && !deletion.uid().equals(before.uid())) {
                throw ApiException.conflict(
                        key,
                        "Precondition failed: UID in precondition: %s, UID in object meta: %s"
                                .formatted(deletion.uid(), before.uid()));
            }
            try {
                return deletions.delete(kind, key, before, deletion);
            } catch (ConflictException e) {
                // Somebody was faster: decide again on what is there now.
                continue;
            } catch (IOException e) {
                throw ApiException.internal(key, e);
            }
        }
        throw ApiException.changedMeanwhile(key);
    }

    /// Replaces the status of an object that a reconciler has looked at, and writes nothing when nothing differs.
    /// An object that went meanwhile, or is another one of the same name by now, is left alone.
    public void report(Kind kind, ApiObject seen, ObjectNode status) throws ApiException {
        if (status.equals(seen.status())) {
            return;
        }
        ObjectKey key = Kinds.key(kind, seen.namespace(), seen.name());
        WriteOptions options = WriteOptions.ownStatus();
        try {
            write(key, options, before -> {
                if (before == null || !before.uid().equals(seen.uid())) {
                    throw ApiException.notFound(key);
                }
                ObjectNode object = before.copyTree();
                object.set("status", status);
                return new Draft(kind, key, object, false, "", new ArrayList<>());
            });
        } catch (ApiException e) {
            if (e.code() != 404) {
                throw e;
            }
        }
    }

    /// Takes a pod that has ended out of the store; the node's word that nothing of it is left.
    ///
    /// @param uid of the pod that ended; another one of the same name stays
    public void remove(ObjectKey key, String uid) throws ApiException {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            ApiObject before = store.get(key).orElse(null);
            if (before == null || !before.uid().equals(uid)) {
                return;
            }
            try {
                deletions.ended(key, before);
                return;
            } catch (ConflictException e) {
                // Its status was written meanwhile.
                continue;
            } catch (IOException e) {
                throw ApiException.internal(key, e);
            }
        }
        throw ApiException.changedMeanwhile(key);
    }

    private ObjectKey newKey(Kind kind, String namespace, ObjectNode object) throws ApiException {
        ObjectNode metadata = object.withObject("/metadata");
        String name = metadata.path("name").asText();
        if (name.isEmpty()) {
            String prefix = metadata.path("generateName").asText();
            if (prefix.isEmpty()) {
                throw ApiException.invalid(
                        kind.name(),
                        "",
                        List.of(new FieldError(
                                "metadata.name",
                                "FieldValueRequired",
                                "Required value: name or generateName is required")));
            }
            name = prefix.substring(0, Math.min(prefix.length(), LONGEST_PREFIX))
                    + uids.get().replace("-", "").substring(0, 5);
            metadata.put("name", name);
        }
        return Kinds.key(kind, namespace, name);
    }

    private void requireNamespace(Kind kind, ObjectKey key) throws ApiException {
        if (!kind.name().isNamespaced()) {
            return;
        }
        ObjectKey namespaceKey = new ObjectKey(NAMESPACES, "", key.namespace());
        ApiObject namespace = get(namespaceKey);
        if (namespace.deletionTimestamp().isPresent()) {
            throw ApiException.forbidden(
                    key,
                    "unable to create new content in namespace %s because it is being terminated"
                            .formatted(key.namespace()));
        }
    }

    private static void requireUid(ObjectKey key, ApiObject before, ObjectNode sent) throws ApiException {
        String uid = sent.path("metadata").path("uid").asText();
        if (!uid.isEmpty() && !uid.equals(before.uid())) {
            throw ApiException.conflict(
                    key,
                    "Precondition failed: UID in precondition: %s, UID in object meta: %s"
                            .formatted(uid, before.uid()));
        }
    }
}
