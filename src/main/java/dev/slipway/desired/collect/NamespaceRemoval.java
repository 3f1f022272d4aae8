package dev.slipway.desired.collect;

import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ListOptions;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;

/// Empties a namespace that is being deleted, and lets it go when nothing is left in it.
///
/// @spec https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace Kubernetes: Namespaces
final class NamespaceRemoval {
    static final GroupResource NAMESPACES = GroupResource.core("namespaces");
    private static final String EVENTS = "events";

    private final ObjectApi objects;

    NamespaceRemoval(ObjectApi objects) {
        this.objects = objects;
    }

    /// What is deleted and stays for a while touches the namespace again when it goes.
    void round(ObjectKey key, ApiObject namespace) throws ApiException {
        int left = 0;
        for (Kind kind : objects.kinds().all()) {
            // Events tell of the other deletions; they go last.
            if (kind.name().isNamespaced() && !kind.name().plural().equals(EVENTS)) {
                left += empty(kind, key.name());
            }
        }
        if (left == 0) {
            left = empty(objects.kinds().find(GroupResource.core(EVENTS)).orElseThrow(), key.name());
        }
        if (left == 0) {
            objects.remove(key, namespace.uid());
        }
    }

    private int empty(Kind kind, String namespace) throws ApiException {
        int left = 0;
        for (ApiObject object :
                objects.list(kind.name().resource(), namespace, ListOptions.ALL).items()) {
            ObjectKey key = Kinds.key(kind, namespace, object.name());
            if (object.deletionTimestamp().isEmpty()) {
                deleteUnlessGone(kind, key, object);
            }
            left += objects.store().get(key).isPresent() ? 1 : 0;
        }
        return left;
    }

    private void deleteUnlessGone(Kind kind, ObjectKey key, ApiObject object) throws ApiException {
        try {
            objects.delete(kind, key, Deletion.PLAIN.of(object.uid()));
        } catch (ApiException e) {
            if (e.code() != 404) {
                throw e;
            }
        }
    }
}
