package dev.slipway.door.gitops;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.AlreadyExistsException;
import dev.slipway.desired.store.ConflictException;
import dev.slipway.desired.store.ObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Applies to a store with simple rules: the declaration is merged into the object, the namespace has to exist, a field
/// `spec.invalid` is refused, and the kind `Unknown` is not known.
final class FakeApplier implements Applier {
    private final ObjectStore store;
    private final List<String> applied = Collections.synchronizedList(new ArrayList<>());

    FakeApplier(ObjectStore store) {
        this.store = store;
    }

    /// Names of objects in the order in which they were given here.
    List<String> applied() {
        return List.copyOf(applied);
    }

    @Override
    public Optional<ObjectKey> keyOf(ApiObject declared) {
        if (declared.kind().equals("Unknown")) {
            return Optional.empty();
        }
        GroupResource resource =
                new GroupResource(declared.group(), declared.kind().toLowerCase(Locale.ROOT) + "s");
        String namespace = declared.namespace().isEmpty() ? "default" : declared.namespace();
        return Optional.of(new ObjectKey(resource, isNamespace(declared) ? "" : namespace, declared.name()));
    }

    @Override
    public Optional<String> meant(String kind) {
        return Optional.empty();
    }

    @Override
    public ApplyOutcome apply(ApiObject declared, String manager) {
        ObjectKey key = keyOf(declared).orElseThrow();
        applied.add(declared.name());
        if (declared.spec().has("invalid")) {
            return new ApplyOutcome.Refused("spec.invalid: Invalid value: no", "spec.invalid");
        }
        if (isMissing(key.namespace())) {
            return new ApplyOutcome.Failed("namespaces \"" + key.namespace() + "\" not found");
        }
        try {
            Optional<ApiObject> current = store.get(key);
            ObjectNode tree = current.map(ApiObject::copyTree)
                    .orElseGet(() -> ObjectCodec.json().createObjectNode());
            ObjectNode content = declared.copyTree();
            content.remove("metadata");
            tree.setAll(content);
            tree.withObject("/metadata").put("name", key.name()).put("namespace", key.namespace());
            ArrayNode managers = tree.withObject("/metadata").withArray("managedFields");
            if (managers.findValuesAsText("manager").stream().noneMatch(manager::equals)) {
                managers.addObject().put("manager", manager);
            }
            ApiObject wanted = ApiObject.of(tree);
            ApiObject stored = current.isEmpty()
                    ? store.create(key, wanted)
                    : store.update(key, wanted, current.get().resourceVersion());
            return new ApplyOutcome.Applied(
                    stored, current.isEmpty() || !current.get().equals(stored), List.of());
        } catch (AlreadyExistsException | ConflictException e) {
            return new ApplyOutcome.Failed(e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public DeleteOutcome delete(ObjectKey key) {
        try {
            Optional<ApiObject> current = store.get(key);
            if (current.isPresent()) {
                store.delete(key, current.get().resourceVersion());
            }
            return new DeleteOutcome.Deleted();
        } catch (ConflictException e) {
            return new DeleteOutcome.Failed(e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isMissing(String namespace) {
        return !namespace.isEmpty()
                && !namespace.equals("default")
                && store.get(new ObjectKey(GroupResource.core("namespaces"), "", namespace))
                        .isEmpty();
    }

    private static boolean isNamespace(ApiObject object) {
        return object.kind().equals("Namespace");
    }
}
