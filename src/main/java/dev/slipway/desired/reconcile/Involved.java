package dev.slipway.desired.reconcile;

import dev.slipway.desired.meta.ApiObject;

/// The object that an event is about.
///
/// @param namespace empty for cluster-scoped objects
/// @param fieldPath the part of it, for instance `spec.containers{web}`, or empty
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-reference/ ObjectReference
public record Involved(String apiVersion, String kind, String namespace, String name, String uid, String fieldPath) {
    public static Involved of(ApiObject object) {
        return new Involved(object.apiVersion(), object.kind(), object.namespace(), object.name(), object.uid(), "");
    }

    /// A part of the same object.
    public Involved at(String path) {
        return new Involved(apiVersion, kind, namespace, name, uid, path);
    }

    /// The same object as a whole, which is what rate limits count by.
    Involved whole() {
        return fieldPath.isEmpty() ? this : at("");
    }
}
