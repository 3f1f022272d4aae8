package dev.slipway.actor.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.tag.TagConsumers;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.LabelSelector;
import dev.slipway.desired.meta.ObjectKey;
import java.util.List;
import java.util.Optional;

/// The objects of this room in the store: Deployments, their ReplicaSets, the pods of those. Thread-safe.
record Workloads(ObjectApi objects) {
    static final GroupResource DEPLOYMENTS = new GroupResource("apps", "deployments");
    static final GroupResource REPLICA_SETS = new GroupResource("apps", "replicasets");
    static final GroupResource PODS = GroupResource.core("pods");

    private static final WriteOptions ENGINE = WriteOptions.by("");

    Optional<ApiObject> find(ObjectKey key) {
        return objects.store().get(key);
    }

    List<ApiObject> list(GroupResource resource, String namespace) {
        return objects.store().list(resource, namespace).items();
    }

    /// The Tag that has an image's name.
    Optional<ApiObject> tag(String image) {
        return TagConsumers.named(objects.store(), image);
    }

    /// @param origin whose template it is made of
    ApiObject create(GroupResource resource, ApiObject origin, ObjectNode object) throws ApiException {
        return objects.createOf(origin, kind(resource), object, ENGINE).object();
    }

    ApiObject patch(GroupResource resource, ApiObject object, ObjectNode changes) throws ApiException {
        return objects.patch(kind(resource), key(resource, object), new Patch.Merge(changes), ENGINE)
                .object();
    }

    /// Changes this version of an object and no other.
    ///
    /// @throws ApiException also when somebody was faster (409); their write starts the next round
    ApiObject patchPinned(GroupResource resource, ApiObject object, ObjectNode changes) throws ApiException {
        ObjectNode pinned = changes.deepCopy();
        pinned.withObject("/metadata").put("resourceVersion", "" + object.resourceVersion());
        return patch(resource, object, pinned);
    }

    void delete(GroupResource resource, ApiObject object) throws ApiException {
        objects.delete(kind(resource), key(resource, object), Deletion.PLAIN.of(object.uid()));
    }

    void report(GroupResource resource, ApiObject seen, ObjectNode status) throws ApiException {
        objects.report(kind(resource), seen, status);
    }

    /// Whom an object may concern: who controls it; when nobody does, those that select it and could adopt it.
    List<ObjectKey> owners(ApiObject owned, GroupResource resource) {
        Optional<JsonNode> controller = Claims.controllerReference(owned);
        if (controller.isPresent()) {
            String kind = controller.get().path("kind").asText();
            String name = controller.get().path("name").asText();
            return kind.equals(kind(resource).name().kind())
                    ? List.of(new ObjectKey(resource, owned.namespace(), name))
                    : List.of();
        }
        return list(resource, owned.namespace()).stream()
                .filter(each -> LabelSelector.of(each.spec().path("selector")).matches(owned.labels()))
                .map(each -> key(resource, each))
                .toList();
    }

    Kind kind(GroupResource resource) {
        return objects.kinds().find(resource).orElseThrow();
    }

    private ObjectKey key(GroupResource resource, ApiObject object) {
        return Kinds.key(kind(resource), object.namespace(), object.name());
    }
}
