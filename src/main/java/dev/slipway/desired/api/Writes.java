package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.merge.ManagedFields;
import dev.slipway.desired.merge.ManagedFields.Operation;
import dev.slipway.desired.merge.Ownership;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.AlreadyExistsException;
import dev.slipway.desired.store.ConflictException;
import dev.slipway.desired.store.ObjectStore;
import java.io.IOException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;

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

    Written create(Draft draft, WriteOptions options) throws ApiException {
        ObjectNode object = draft.object();
        Kind kind = draft.kind();
        Admission.dropServerFields(object);
        if (kind.hasStatus()) {
            object.remove("status");
        }
        draft.warnings().addAll(Admission.admit(kind, object, null));
        ObjectNode metadata = (ObjectNode) object.path("metadata");
        metadata.put("uid", uids.get());
        metadata.put(
                "creationTimestamp",
                clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
        if (!kind.contentFields().isEmpty()) {
            metadata.put("generation", 1);
        }
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
        ObjectNode object = options.isStatus() ? onlyStatus(draft.object(), before) : draft.object();
        Admission.keepServerFields(object, before);
        if (!options.isStatus() && kind.hasStatus()) {
            set(object, "status", before.tree().path("status"));
        }
        if (!options.manager().isEmpty() || !options.isStatus()) {
            draft.warnings().addAll(Admission.admit(kind, object, before));
        }
        if (!kind.contentFields().stream()
                .allMatch(field -> object.path(field).equals(before.tree().path(field)))) {
            ((ObjectNode) object.path("metadata")).put("generation", before.generation() + 1);
        }
        ApiObject marked = ApiObject.of(marked(draft, before.tree(), object, options));
        if (options.dryRun()) {
            return new Written(marked, false, draft.warnings());
        }
        try {
            return new Written(stored(draft.key(), marked, before), false, draft.warnings());
        } catch (IOException e) {
            throw ApiException.internal(draft.key(), e);
        }
    }

    /// Stores the object, or takes it out when it was being deleted and this write removed its last finalizer.
    private ApiObject stored(ObjectKey key, ApiObject object, ApiObject before) throws IOException, ConflictException {
        boolean released = before.deletionTimestamp().isPresent()
                && !before.finalizers().isEmpty()
                && object.finalizers().isEmpty();
        return released
                ? store.delete(key, before.resourceVersion())
                : store.update(key, object, before.resourceVersion());
    }

    /// The object with managed fields that say who changed what; without a difference, the object as it was.
    ///
    /// A writer may say itself who owns what, as kubectl does when it moves an object from client-side to server-side
    /// apply; what it changes beside that is its own all the same.
    private ObjectNode marked(Draft draft, ObjectNode before, ObjectNode object, WriteOptions options) {
        if (draft.owned() || options.manager().isEmpty()) {
            return object;
        }
        JsonNode sent = object.path("metadata").path("managedFields");
        ObjectNode known = before;
        if (!sent.isEmpty() && before.path("metadata").has("managedFields")) {
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
        return Ownership.updated(known, object, writer(draft.kind(), options, Operation.UPDATE), clock.instant());
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
