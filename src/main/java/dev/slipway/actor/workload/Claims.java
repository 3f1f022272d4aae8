package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.LabelSelector;
import dev.slipway.desired.meta.ObjectCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Finds what belongs to an owner that selects by labels: adopts who is selected and controlled by nobody, releases who
/// is selected no more.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#how-a-replicaset-works Kubernetes:
///     ReplicaSet
final class Claims {
    private final Workloads workloads;
    private final GroupResource resource;
    private final Predicate<ApiObject> isAdoptable;

    /// @param resource of those that are claimed
    /// @param isAdoptable of one that nobody controls
    Claims(Workloads workloads, GroupResource resource, Predicate<ApiObject> isAdoptable) {
        this.workloads = workloads;
        this.resource = resource;
        this.isAdoptable = isAdoptable;
    }

    /// Those that are the owner's, after it has adopted and released. One that is being deleted adopts nobody.
    List<ApiObject> claim(ApiObject owner) throws ApiException {
        LabelSelector selector = LabelSelector.of(owner.spec().path("selector"));
        List<ApiObject> claimed = new ArrayList<>();
        for (ApiObject each : all(owner)) {
            Optional<String> controller = controller(each);
            boolean isOwn = controller.filter(owner.uid()::equals).isPresent();
            if (controller.isPresent() && !isOwn) {
                continue;
            }
            boolean isSelected = selector.matches(each.labels());
            if (isOwn && isSelected) {
                claimed.add(each);
            } else if (isOwn) {
                release(each, owner);
            } else if (isSelected && isAdoptable.test(each) && isThere(owner)) {
                adopt(each, owner).ifPresent(claimed::add);
            }
        }
        return claimed;
    }

    /// Those that are the owner's now.
    List<ApiObject> of(ApiObject owner) {
        LabelSelector selector = LabelSelector.of(owner.spec().path("selector"));
        return all(owner).stream()
                .filter(each -> controller(each).filter(owner.uid()::equals).isPresent())
                .filter(each -> selector.matches(each.labels()))
                .toList();
    }

    private List<ApiObject> all(ApiObject owner) {
        return workloads.list(resource, owner.namespace());
    }

    /// Whether the owner is there now: it may have gone, and left what it owned to nobody, since it was looked at.
    /// What it adopted then would go with it.
    private boolean isThere(ApiObject owner) {
        Kind kind = workloads
                .objects()
                .kinds()
                .find(owner.apiVersion(), owner.kind())
                .orElseThrow();
        return workloads
                .find(Kinds.key(kind, owner.namespace(), owner.name()))
                .filter(now -> now.uid().equals(owner.uid()))
                .filter(now -> now.deletionTimestamp().isEmpty())
                .isPresent();
    }

    /// The uid of who controls an object.
    static Optional<String> controller(ApiObject object) {
        return controllerReference(object).map(owner -> owner.path("uid").asText());
    }

    static Optional<JsonNode> controllerReference(ApiObject object) {
        for (JsonNode owner : object.metadata().path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return Optional.of(owner);
            }
        }
        return Optional.empty();
    }

    /// How an owner is named by what it controls.
    static ObjectNode reference(ApiObject owner) {
        return ObjectCodec.json()
                .createObjectNode()
                .put("apiVersion", owner.apiVersion())
                .put("kind", owner.kind())
                .put("name", owner.name())
                .put("uid", owner.uid())
                .put("controller", true)
                .put("blockOwnerDeletion", true);
    }

    private Optional<ApiObject> adopt(ApiObject orphan, ApiObject owner) throws ApiException {
        ArrayNode owners = ObjectCodec.json().createArrayNode();
        orphan.metadata().path("ownerReferences").forEach(owners::add);
        return own(orphan, owners.add(reference(owner)));
    }

    private void release(ApiObject owned, ApiObject owner) throws ApiException {
        ArrayNode owners = ObjectCodec.json().createArrayNode();
        owned.metadata().path("ownerReferences").forEach(reference -> {
            if (!reference.path("uid").asText().equals(owner.uid())) {
                owners.add(reference);
            }
        });
        own(owned, owners);
    }

    /// @return empty when somebody was faster: that write starts another round
    private Optional<ApiObject> own(ApiObject object, ArrayNode owners) throws ApiException {
        ObjectNode changes = ObjectCodec.json().createObjectNode();
        changes.putObject("metadata").set("ownerReferences", owners);
        try {
            return Optional.of(workloads.patchPinned(resource, object, changes));
        } catch (ApiException e) {
            if (e.code() == 409 || e.code() == 404) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
