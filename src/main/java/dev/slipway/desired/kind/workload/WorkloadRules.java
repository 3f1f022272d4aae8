package dev.slipway.desired.kind.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.CommonRules;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.kubernetes.IgnoredPodFields;
import dev.slipway.desired.kind.kubernetes.PodAnnotationRules;
import dev.slipway.desired.kind.kubernetes.PodDefaults;
import dev.slipway.desired.kind.kubernetes.PodRules;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.LabelSelector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What kinds have in common that keep a number of equal pods: replicas, a selector, a template.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replica-set-v1/#ReplicaSetSpec
///     Kubernetes: ReplicaSetSpec
final class WorkloadRules {
    private static final List<String> WITH_VALUES = List.of("In", "NotIn");
    private static final List<String> WITHOUT_VALUES = List.of("Exists", "DoesNotExist");

    private WorkloadRules() {}

    static void complete(ObjectNode spec) {
        if (!spec.hasNonNull("replicas")) {
            spec.put("replicas", 1);
        }
        if (spec.path("template").path("metadata") instanceof ObjectNode metadata
                && metadata.path("creationTimestamp").isNull()) {
            metadata.remove("creationTimestamp");
        }
        PodDefaults.dropEmpty(spec.path("template").path("metadata"));
        if (spec.path("template").path("spec") instanceof ObjectNode pod) {
            PodDefaults.complete(pod);
        }
    }

    static void validate(Place spec, @Nullable ApiObject before) {
        spec.at("replicas").notNegative();
        spec.at("minReadySeconds").notNegative();
        Place selector = spec.at("selector");
        if (selector(selector)
                && before != null
                && !selector.value().equals(before.spec().path("selector"))) {
            selector.invalid("field is immutable");
        }
        JsonNode earlier =
                before == null ? MissingNode.getInstance() : before.spec().at("/template/metadata/annotations");
        template(spec.at("template"), selector, earlier);
    }

    /// @return whether there is one
    private static boolean selector(Place selector) {
        Place labels = selector.at("matchLabels");
        Place expressions = selector.at("matchExpressions");
        if (labels.isEmpty() && expressions.isEmpty()) {
            selector.required(selector.isThere() ? "empty selector is invalid" : "");
            return false;
        }
        CommonRules.labels(labels);
        for (Place expression : expressions.items()) {
            expression.at("key").requireReads(Names::qualified);
            Place operator = expression.at("operator");
            List<String> all = new ArrayList<>(WITH_VALUES);
            all.addAll(WITHOUT_VALUES);
            operator.oneOf(all);
            Place values = expression.at("values");
            if (WITH_VALUES.contains(operator.text()) && values.isEmpty()) {
                values.required("must be specified when `operator` is 'In' or 'NotIn'");
            } else if (WITHOUT_VALUES.contains(operator.text()) && !values.isEmpty()) {
                values.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
            }
            values.items().forEach(value -> value.reads(Names::labelValue));
        }
        return true;
    }

    /// @param earlier the annotations of the template in the store; missing when it is new
    private static void template(Place template, Place selector, JsonNode earlier) {
        if (!template.require()) {
            return;
        }
        Place metadata = template.at("metadata");
        CommonRules.template(metadata);
        Map<String, String> labels = new LinkedHashMap<>();
        metadata.at("labels").entries().forEach(label -> labels.put(label.name(), label.text()));
        if (!selector.isEmpty() && !LabelSelector.of(selector.value()).matches(labels)) {
            metadata.at("labels")
                    .findings()
                    .invalid(
                            metadata.at("labels").path(),
                            labels.toString(),
                            "`selector` does not match template `labels`");
        }
        Place spec = template.at("spec");
        PodAnnotationRules.validate(metadata.at("annotations"), earlier, spec.value());
        PodRules.validate(spec);
        spec.at("restartPolicy").oneOf(List.of("Always"));
        if (spec.at("activeDeadlineSeconds").isThere()) {
            spec.at("activeDeadlineSeconds").forbidden("activeDeadlineSeconds in a template is not supported");
        }
    }

    static List<String> ignoredFields(ApiObject object) {
        return IgnoredPodFields.of(object.spec().path("template").path("spec"), "spec.template.spec");
    }

    /// What `-o wide` adds.
    static List<Column> wideColumns() {
        return List.of(
                Column.computed(
                                "Containers",
                                "Names of each container in the template.",
                                (object, now) -> each(object, "name"))
                        .wide(),
                Column.computed(
                                "Images",
                                "Images referenced by each container in the template.",
                                (object, now) -> each(object, "image"))
                        .wide(),
                Column.computed("Selector", "What its pods have to be labelled.", (object, now) -> LabelSelector.of(
                                        object.spec().path("selector"))
                                .toString())
                        .wide());
    }

    static Column count(String name, String description, String pointer) {
        return Column.number(name, description, (object, now) -> object.tree()
                        .at(pointer)
                        .asInt())
                .from(pointer.replace('/', '.'));
    }

    private static String each(ApiObject object, String field) {
        List<String> found = new ArrayList<>();
        for (JsonNode container : object.spec().at("/template/spec/containers")) {
            found.add(container.path(field).asText());
        }
        return String.join(",", found);
    }
}
