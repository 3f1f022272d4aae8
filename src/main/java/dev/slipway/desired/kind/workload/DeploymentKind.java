package dev.slipway.desired.kind.workload;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.kubernetes.PodAnnotationRules;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `Deployment`: so many equal pods, and a way from one version of them to the next.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/ Kubernetes: Deployment
public final class DeploymentKind implements Kind {
    private static final KindName NAME =
            new KindName("apps", "v1", "Deployment", "deployments", List.of("deploy"), Scope.NAMESPACED);
    private static final String ROLLING = "RollingUpdate";
    private static final String HASH = "pod-template-hash";
    private static final String PERCENT = "\\d{1,9}%";

    @Override
    public KindName name() {
        return NAME;
    }

    @Override
    public Class<?> model() {
        return Deployment.class;
    }

    @Override
    public List<String> categories() {
        return List.of("all");
    }

    @Override
    public List<Column> columns() {
        return Stream.concat(
                        Stream.of(
                                Column.computed(
                                        "Ready",
                                        "Pods that are ready, of those that shall be, unless they shall rest.",
                                        (object, now) -> ready(object)),
                                WorkloadRules.count(
                                        "Up-to-date", "Pods of the newest template.", "/status/updatedReplicas"),
                                WorkloadRules.count(
                                        "Available",
                                        "Pods that were ready for long enough.",
                                        "/status/availableReplicas"),
                                Column.AGE),
                        WorkloadRules.wideColumns().stream())
                .toList();
    }

    /// `2/3`, or `0/3 (Paused)`.
    private static String ready(ApiObject object) {
        String state = object.annotations().getOrDefault(PodAnnotations.DESIRED_STATE, "Running");
        return "%d/%d%s"
                .formatted(
                        object.status().path("readyReplicas").asInt(),
                        object.spec().path("replicas").asInt(),
                        state.equals("Running") ? "" : " (" + state + ")");
    }

    @Override
    public void complete(ObjectNode object) {
        ObjectNode spec = object.withObject("/spec");
        WorkloadRules.complete(spec);
        put(spec, "revisionHistoryLimit", 10);
        put(spec, "progressDeadlineSeconds", 600);
        ObjectNode strategy = spec.withObject("/strategy");
        if (strategy.path("type").asText().isEmpty()) {
            strategy.put("type", ROLLING);
        }
        if (strategy.path("type").asText().equals(ROLLING)) {
            ObjectNode rolling = strategy.withObject("/rollingUpdate");
            put(rolling, "maxUnavailable", "25%");
            put(rolling, "maxSurge", "25%");
        }
    }

    private static void put(ObjectNode node, String field, int value) {
        if (!node.hasNonNull(field)) {
            node.put(field, value);
        }
    }

    private static void put(ObjectNode node, String field, String value) {
        if (!node.hasNonNull(field)) {
            node.put(field, value);
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        Place spec = Place.of(object, "spec", findings);
        PodAnnotationRules.state(
                Place.of(object, "metadata", findings).at("annotations"), PodAnnotationRules.earlier(before));
        WorkloadRules.validate(spec, before);
        selector(spec.at("selector"));
        spec.at("revisionHistoryLimit").notNegative();
        Place deadline = spec.at("progressDeadlineSeconds");
        deadline.notNegative();
        deadline.holds(
                deadline.value().asLong() > spec.value().path("minReadySeconds").asLong(),
                "must be greater than minReadySeconds");
        strategy(spec.at("strategy"));
    }

    /// A ReplicaSet that the selector does not match would never be found again.
    private static void selector(Place selector) {
        boolean isThere = selector.at("matchLabels").at(HASH).isThere()
                || selector.at("matchExpressions").items().stream()
                        .anyMatch(each -> each.at("key").text().equals(HASH));
        if (isThere) {
            selector.invalid("must not select by %s, by which versions are told apart".formatted(HASH));
        }
    }

    private static void strategy(Place strategy) {
        strategy.at("type").oneOf(List.of("Recreate", ROLLING));
        Place rolling = strategy.at("rollingUpdate");
        if (!strategy.at("type").text().equals(ROLLING)) {
            if (!rolling.isEmpty()) {
                rolling.forbidden("may not be specified when strategy `type` is 'Recreate'");
            }
            return;
        }
        Place unavailable = rolling.at("maxUnavailable");
        Place surge = rolling.at("maxSurge");
        share(unavailable);
        share(surge);
        unavailable.holds(!isZero(unavailable.value()) || !isZero(surge.value()), "may not be 0 when `maxSurge` is 0");
        unavailable.holds(
                !unavailable.text().endsWith("%") || percent(unavailable.value()) <= 100,
                "must not be greater than 100%");
    }

    private static void share(Place share) {
        if (share.value().isTextual()) {
            share.holds(
                    share.text().matches(PERCENT),
                    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%')");
        } else {
            share.notNegative();
        }
    }

    private static boolean isZero(JsonNode share) {
        return share.isTextual() ? share.asText().matches("0+%") : share.asLong() == 0;
    }

    private static long percent(JsonNode share) {
        String text = share.asText();
        return text.matches(PERCENT) ? Long.parseLong(text.substring(0, text.length() - 1)) : 0;
    }

    @Override
    public List<String> ignoredFields(ApiObject object) {
        return WorkloadRules.ignoredFields(object);
    }
}
