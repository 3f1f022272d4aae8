package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.merge.ManagedFields;
import dev.slipway.desired.merge.ManagedFields.Operation;
import dev.slipway.desired.merge.Ownership;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.store.AlreadyExistsException;
import dev.slipway.desired.store.ConflictException;
import dev.slipway.desired.store.ObjectStore;
import java.io.IOException;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Brings drafts into the store: admits them, keeps what only the server says, counts generations, notes who wrote
/// what.
final class Writes {
    private final ObjectStore store;
    private final InstantSource clock;
    private final Supplier<String> uids;

    Writes(ObjectStore store, InstantSource clock, Supplier<String> uids) {
        this.store = store;
        this.clock = clock;
        this.uids = uids;
    }

    /// @param origin what it is made of; null for nothing
    Written create(Draft draft, WriteOptions options, Admission.@Nullable Origin origin) throws ApiException {
        ObjectNode object = draft.object();
        Kind kind = draft.kind();
        Admission.dropServerFields(object);
        if (kind.hasStatus()) {
            object.remove("status");
        }
        Authors.note(kind, object, null, options.user());
        Admission.admitNew(kind, object, origin);
        ObjectNode metadata = (ObjectNode) object.path("metadata");
        metadata.put("uid", uids.get());
        metadata.put("creationTimestamp", Timestamps.seconds(clock.instant()));
        if (!kind.contentFields().isEmpty()) {
            metadata.put("generation", 1);
        }
        draft.warnings().addAll(IgnoredFields.note(kind, object, clock.instant()));
        draft.warnings().addAll(Warnings.of(kind, object));
        kind.finalizers().forEach(finalizer -> addFinalizer(metadata, finalizer));
        ObjectNode nothing = ObjectCodec.json().createObjectNode();
        ApiObject marked = ApiObject.of(marked(draft, nothing, object, options));
        ObjectKey key = draft.key();
        if (options.dryRun()) {
            if (store.get(key).isPresent()) {
                throw ApiException.alreadyExists(key);
            }
            return new Written(marked, true, draft.warnings());
        }
        try {
            return new Written(store.create(key, marked), true, draft.warnings());
        } catch (AlreadyExistsException e) {
            throw ApiException.alreadyExists(key);
        } catch (IOException e) {
            throw ApiException.internal(key, e);
        }
    }

    /// @throws ConflictException when somebody was faster
    Written replace(Draft draft, ApiObject before, WriteOptions options) throws ApiException, ConflictException {
        Kind kind = draft.kind();
        ObjectNode object =
                switch (options.subresource()) {
                    case "status" -> onlyStatus(draft.object(), before);
                    case "resize" -> ResizeScope.of(draft.object(), before);
                    case "ephemeralcontainers" -> EphemeralScope.of(draft.object(), before);
                    default -> EphemeralScope.unchanged(draft, before);
                };
        Admission.keepServerFields(object, before);
        Authors.note(kind, object, before, options.user());
        if (!options.isStatus() && kind.hasStatus()) {
            set(object, "status", before.tree().path("status"));
        }
        if (!options.manager().isEmpty() || !options.isStatus()) {
            Admission.admit(kind, object, before);
        }
        if (!kind.contentFields().stream()
                .allMatch(field -> object.path(field).equals(before.tree().path(field)))) {
            ((ObjectNode) object.path("metadata")).put("generation", before.generation() + 1);
        }
        if (options.isStatus()) {
            IgnoredFields.keep(object, before);
        } else {
            draft.warnings().addAll(IgnoredFields.note(kind, object, clock.instant()));
            draft.warnings().addAll(Warnings.of(kind, object));
        }
        ApiObject marked = ApiObject.of(marked(draft, before.tree(), object, options));
        if (options.dryRun()) {
            return new Written(marked, false, draft.warnings());
        }
        try {
            return new Written(stored(kind, marked, before), false, draft.warnings());
        } catch (IOException e) {
            throw ApiException.internal(draft.key(), e);
        }
    }

    /// Stores the object, or takes it out when it was being deleted and this write removed its last finalizer. A
    /// pod also has to have ended, a namespace to be empty; those who see to that take them out.
    private ApiObject stored(Kind kind, ApiObject marked, ApiObject before) throws IOException, ConflictException {
        if (marked.equals(before)) {
            return before;
        }
        ObjectKey key = Kinds.key(kind, marked.namespace(), marked.name());
        boolean released = before.deletionTimestamp().isPresent()
                && !before.finalizers().isEmpty()
                && marked.finalizers().isEmpty()
                && before.metadata().path("deletionGracePeriodSeconds").asLong() == 0
                && !kind.name().kind().equals("Namespace");
        return released
                ? store.delete(key, before.resourceVersion())
                : store.update(key, marked, before.resourceVersion());
    }

    /// The object with managed fields that say who changed what; without a difference, the object as it was.
    ///
    /// A writer may say itself who owns what, as kubectl does when it moves an object from client-side to
    /// server-side apply; what it changes beside that is its own all the same.
    private ObjectNode marked(Draft draft, ObjectNode before, ObjectNode object, WriteOptions options) {
        if (draft.owned() || options.manager().isEmpty()) {
            return object;
        }
        JsonNode sent = object.path("metadata").path("managedFields");
        ObjectNode known = before;
        if (!sent.isEmpty() && before.path("metadata").isObject()) {
            known = before.deepCopy();
            set((ObjectNode) known.path("metadata"), "managedFields", sent);
        }
        ObjectNode unmarked = object.deepCopy();
        set(
                (ObjectNode) unmarked.path("metadata"),
                "managedFields",
                known.path("metadata").path("managedFields"));
        if (unmarked.equals(before)) {
            return before;
        }
        ObjectNode owned = Ownership.updated(
                WriteScope.of(draft.kind(), known, options),
                WriteScope.of(draft.kind(), object, options),
                writer(draft.kind(), options, Operation.UPDATE),
                clock.instant());
        ObjectNode marked = object.deepCopy();
        set(
                (ObjectNode) marked.path("metadata"),
                "managedFields",
                owned.path("metadata").path("managedFields"));
        return marked;
    }

    static ManagedFields.Writer writer(Kind kind, WriteOptions options, Operation operation) {
        return new ManagedFields.Writer(
                options.manager(), operation, kind.name().apiVersion(), options.subresource());
    }

    private static ObjectNode onlyStatus(ObjectNode sent, ApiObject before) {
        ObjectNode object = before.copyTree();
        set(object, "status", sent.path("status"));
        set(
                (ObjectNode) object.path("metadata"),
                "managedFields",
                sent.path("metadata").path("managedFields"));
        return object;
    }

    private static void set(ObjectNode parent, String field, JsonNode value) {
        if (value.isMissingNode()) {
            parent.remove(field);
        } else {
            parent.set(field, value);
        }
    }

    private static void addFinalizer(ObjectNode metadata, String finalizer) {
        for (JsonNode known : metadata.path("finalizers")) {
            if (known.asText().equals(finalizer)) {
                return;
            }
        }
        metadata.withArray("/finalizers").add(finalizer);
    }
}
