package dev.slipway.door.apiserver;

import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.FieldSelector;
import dev.slipway.desired.meta.LabelSelector;
import dev.slipway.door.http.Query;
import dev.slipway.door.http.RefusedException;
import java.util.List;
import java.util.Map;

/// Which objects of a collection a request is about.
///
/// @spec https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/ Kubernetes: field selectors
record Selection(LabelSelector labels, FieldSelector fields) {
    private static final List<String> EVERY_KIND = List.of("metadata.name", "metadata.namespace");

    /// Fields that Kubernetes' kinds can be selected by. Own kinds can be selected by any field.
    private static final Map<String, List<String>> SELECTABLE = Map.of(
            "pods",
            List.of(
                    "spec.nodeName",
                    "spec.restartPolicy",
                    "spec.schedulerName",
                    "spec.serviceAccountName",
                    "spec.hostNetwork",
                    "status.phase",
                    "status.podIP",
                    "status.nominatedNodeName"),
            "events",
            List.of(
                    "involvedObject.kind",
                    "involvedObject.namespace",
                    "involvedObject.name",
                    "involvedObject.uid",
                    "involvedObject.apiVersion",
                    "involvedObject.resourceVersion",
                    "involvedObject.fieldPath",
                    "reason",
                    "reportingComponent",
                    "source",
                    "type"),
            "secrets",
            List.of("type"),
            "namespaces",
            List.of("status.phase"),
            "nodes",
            List.of("spec.unschedulable"));

    static Selection of(Query query, KindName kind) {
        try {
            LabelSelector labels = LabelSelector.parse(query.text("labelSelector"));
            FieldSelector fields = FieldSelector.parse(query.text("fieldSelector"));
            fields.terms().forEach(term -> requireSelectable(term.path(), kind));
            return new Selection(labels, fields);
        } catch (IllegalArgumentException e) {
            throw RefusedException.badRequest(String.valueOf(e.getMessage()));
        }
    }

    /// The one object of a name, as a collection of at most one.
    Selection named(String name) {
        return new Selection(labels, new FieldSelector(List.of(new FieldSelector.Term("metadata.name", name, true))));
    }

    boolean holds(ApiObject object) {
        return labels.matches(object.labels()) && fields.matches(object);
    }

    private static void requireSelectable(String path, KindName kind) {
        boolean isOwn = kind.group().endsWith("slipway.dev");
        if (!EVERY_KIND.contains(path)
                && !isOwn
                && !SELECTABLE.getOrDefault(kind.plural(), List.of()).contains(path)) {
            throw RefusedException.badRequest("field label not supported: " + path);
        }
    }
}
