package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.QosClass;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.model.OwnResources;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What of a pod's spec may change later: images, cpu and memory, the deadline, further tolerations, further ephemeral
/// containers; all else needs another pod. So does another class of service, because the kernel was told of it when the
/// processes started; but a Container is promised none, and has its first limit in place, as `docker update` gives it.
///
/// @spec https://kubernetes.io/docs/concepts/workloads/pods/#pod-update-and-replacement Kubernetes: Pod update
final class PodUpdateRules {
    private static final List<String> LISTS = List.of("initContainers", "containers");

    private PodUpdateRules() {}

    static void validate(Place spec, ApiObject pod) {
        JsonNode before = pod.spec();
        Set<String> changed = new TreeSet<>();
        differences(frozen(before), frozen(spec.value()), "spec", changed);
        if (!before.path("nodeName").asText().isEmpty()
                && !before.path("nodeName").equals(spec.value().path("nodeName"))) {
            changed.add("spec.nodeName");
        }
        if (!changed.isEmpty()) {
            spec.forbidden("pod updates may not change fields other than `spec.containers[*].image`,"
                    + "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions"
                    + " to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it"
                    + " was previously negative); this one changes " + String.join(", ", changed));
        }
        for (String list : LISTS) {
            for (Place container : spec.at(list).items()) {
                container.at("image").require();
                ContainerRules.resources(container);
            }
        }
        QosClass qos = QosClass.of(before);
        if (QosClass.of(spec.value()) != qos && !isOfContainer(pod)) {
            spec.findings().invalid(spec.path(), qos, "Pod QOS Class may not change as a result of resizing");
        }
        Ephemeral.validate(spec, before);
        deadline(spec.at("activeDeadlineSeconds"), before.path("activeDeadlineSeconds"));
        tolerations(spec.at("tolerations"), before.path("tolerations"));
    }

    private static boolean isOfContainer(ApiObject pod) {
        for (JsonNode owner : pod.metadata().path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return owner.path("apiVersion").asText().equals(OwnGroup.API_VERSION)
                        && owner.path("kind").asText().equals("Container");
            }
        }
        return false;
    }

    private static void deadline(Place now, JsonNode before) {
        now.between(1, Integer.MAX_VALUE);
        if (before.isNumber()) {
            if (!now.isThere()) {
                now.required("must not be removed once it is set");
            }
            now.holds(now.value().asLong() <= before.asLong(), "must be less than or equal to previous value");
        }
    }

    private static void tolerations(Place now, JsonNode before) {
        List<JsonNode> kept = new ArrayList<>();
        now.value().forEach(kept::add);
        for (JsonNode toleration : before) {
            if (!kept.contains(toleration)) {
                now.forbidden("existing toleration can not be modified except its tolerationSeconds");
                return;
            }
        }
    }

    private static JsonNode frozen(JsonNode spec) {
        if (!(spec instanceof ObjectNode object)) {
            return spec;
        }
        ObjectNode copy = object.deepCopy();
        copy.remove(List.of("activeDeadlineSeconds", "tolerations", "nodeName", "ephemeralContainers"));
        for (String list : LISTS) {
            for (JsonNode container : copy.path(list)) {
                ((ObjectNode) container).remove(List.of("image", "resizePolicy"));
                if (container.path("resources") instanceof ObjectNode resources) {
                    freeze(resources);
                }
            }
        }
        return copy;
    }

    /// Cpu, memory and the engine's own resources may change in place, others may not.
    private static void freeze(ObjectNode resources) {
        for (String amounts : List.of("limits", "requests")) {
            if (resources.path(amounts) instanceof ObjectNode named) {
                named.remove(List.of("cpu", "memory", OwnResources.PIDS, OwnResources.SWAP, OwnResources.IO_WEIGHT));
                if (named.isEmpty()) {
                    resources.remove(amounts);
                }
            }
        }
    }

    /// Collects the deepest paths at which two trees differ.
    private static void differences(JsonNode before, JsonNode now, String path, Set<String> paths) {
        if (before.equals(now)) {
            return;
        }
        if (before.isObject() && now.isObject()) {
            Set<String> fields = new TreeSet<>();
            before.fieldNames().forEachRemaining(fields::add);
            now.fieldNames().forEachRemaining(fields::add);
            fields.forEach(field -> differences(before.path(field), now.path(field), path + "." + field, paths));
        } else if (before.isArray() && now.isArray() && before.size() == now.size()) {
            for (int i = 0; i < now.size(); i++) {
                differences(before.get(i), now.get(i), path + "[" + i + "]", paths);
            }
        } else {
            paths.add(path);
        }
    }

    /// What ephemeral containers must be: they are added to a pod that is there, and never changed or taken away.
    ///
    /// @spec https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/ Kubernetes: Ephemeral
    ///     Containers
    private static final class Ephemeral {
        private static final List<String> NOT_THEIRS =
                List.of("ports", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe", "resizePolicy");

        private Ephemeral() {}

        static void validate(Place spec, JsonNode before) {
            Place list = spec.at("ephemeralContainers");
            keepsAll(list, before.path("ephemeralContainers"));
            Set<String> targets = new HashSet<>();
            for (String others : List.of("initContainers", "containers")) {
                spec.at(others)
                        .items()
                        .forEach(each -> targets.add(each.at("name").value().asText()));
            }
            Set<String> names = new HashSet<>(targets);
            Set<String> volumes = new HashSet<>();
            spec.at("volumes")
                    .items()
                    .forEach(each -> volumes.add(each.at("name").value().asText()));
            boolean hostUsers = spec.at("hostUsers").value().asBoolean(true);
            List<Place> containers = list.items();
            for (int i = 0; i < containers.size(); i++) {
                Place container = containers.get(i);
                container.at("name").requireReads(Names::label);
                container.at("name").unique(names);
                if (i >= before.path("ephemeralContainers").size()) {
                    added(container, targets, volumes, hostUsers);
                }
            }
        }

        private static void keepsAll(Place list, JsonNode before) {
            JsonNode now = list.value();
            for (JsonNode known : before) {
                boolean isKept = false;
                for (JsonNode each : now) {
                    isKept |= each.equals(known);
                }
                if (!isKept) {
                    list.forbidden("existing ephemeral containers \"%s\" may not be removed or changed"
                            .formatted(known.path("name").asText()));
                }
            }
        }

        private static void added(Place container, Set<String> targets, Set<String> volumes, boolean hostUsers) {
            container.at("image").require();
            ContainerRules.validate(container, volumes, hostUsers);
            container.present(NOT_THEIRS).forEach(each -> each.forbidden("cannot be set for an Ephemeral Container"));
            if (!container.at("resources").isEmpty()) {
                container.at("resources").forbidden("cannot be set for an Ephemeral Container");
            }
            container.at("volumeMounts").items().forEach(mount -> mount.present(List.of("subPath", "subPathExpr"))
                    .forEach(each -> each.forbidden("cannot be set for an Ephemeral Container")));
            Place target = container.at("targetContainerName");
            if (!target.isEmpty()) {
                target.holds(targets.contains(target.value().asText()), "must name one of the pod's containers");
            }
        }
    }
}
