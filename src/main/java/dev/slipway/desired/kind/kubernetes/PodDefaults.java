package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.ResourceRequests;
import java.util.List;
import java.util.Set;

/// The defaults of a pod's spec, as the Kubernetes API server writes them.
///
/// @spec https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ Kubernetes: Pod
public final class PodDefaults {
    private static final int FILE_MODE = 0644;
    /// Fields that hold what users name; of other objects, an empty one says something (`emptyDir: {}`).
    private static final Set<String> MAPS =
            Set.of("annotations", "labels", "limits", "matchLabels", "nodeSelector", "overhead", "requests");

    private static final List<String> CONTAINERS = List.of("initContainers", "containers", "ephemeralContainers");

    private PodDefaults() {}

    /// The defaults of a pod itself.
    static void completePod(ObjectNode spec) {
        complete(spec);
        for (String list : CONTAINERS) {
            spec.path(list).forEach(ResourceRequests::complete);
        }
    }

    /// The defaults of a pod's spec, also of one that pods are made of.
    public static void complete(ObjectNode spec) {
        dropEmpty(spec);
        put(spec, "restartPolicy", "Always");
        put(spec, "dnsPolicy", "ClusterFirst");
        put(spec, "schedulerName", "default-scheduler");
        put(spec, "terminationGracePeriodSeconds", 30);
        put(spec, "enableServiceLinks", true);
        if (!spec.has("securityContext")) {
            spec.putObject("securityContext");
        }
        for (String list : CONTAINERS) {
            spec.path(list).forEach(container -> completeContainer((ObjectNode) container));
        }
        spec.path("volumes").forEach(volume -> completeVolume((ObjectNode) volume));
        if (spec.path("hostNetwork").asBoolean()) {
            spec.path("initContainers").forEach(PodDefaults::hostPortIsContainerPort);
            spec.path("containers").forEach(PodDefaults::hostPortIsContainerPort);
        }
    }

    /// Takes away lists and maps without anything in them, as Kubernetes' own types do when they are written: charts
    /// say `tolerations: []` for none, which makes no other template and no other pod.
    public static void dropEmpty(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties()
                    .removeIf(field -> field.getValue().isEmpty()
                            && (field.getValue().isArray()
                                    || field.getValue().isObject() && MAPS.contains(field.getKey())));
        }
        node.forEach(PodDefaults::dropEmpty);
    }

    /// The defaults of one container.
    public static void completeContainer(ObjectNode container) {
        put(container, "terminationMessagePath", "/dev/termination-log");
        put(container, "terminationMessagePolicy", "File");
        String image = container.path("image").asText();
        if (!image.isEmpty()) {
            put(container, "imagePullPolicy", pullPolicy(image));
        }
        if (!container.has("resources")) {
            container.putObject("resources");
        }
        container.path("ports").forEach(port -> put((ObjectNode) port, "protocol", "TCP"));
        for (String probe : List.of("livenessProbe", "readinessProbe", "startupProbe")) {
            if (container.path(probe) instanceof ObjectNode found) {
                completeProbe(found);
            }
        }
        for (String hook : List.of("postStart", "preStop")) {
            completeHttpGet(container.path("lifecycle").path(hook));
        }
        container.path("env").forEach(variable -> completeFieldReference(variable.path("valueFrom")));
    }

    /// `Always` for a moving tag, `IfNotPresent` for a fixed one.
    static String pullPolicy(String image) {
        int at = image.indexOf('@');
        if (at >= 0) {
            return "IfNotPresent";
        }
        String last = image.substring(image.lastIndexOf('/') + 1);
        return !last.contains(":") || last.endsWith(":latest") ? "Always" : "IfNotPresent";
    }

    /// The defaults of one volume.
    public static void completeVolume(ObjectNode volume) {
        long sources = volume.properties().stream()
                .filter(entry -> !entry.getKey().equals("name"))
                .count();
        if (sources == 0) {
            volume.putObject("emptyDir");
        }
        for (String source : List.of("configMap", "secret", "downwardAPI", "projected")) {
            if (volume.path(source) instanceof ObjectNode found) {
                put(found, "defaultMode", FILE_MODE);
            }
        }
        if (volume.path("hostPath") instanceof ObjectNode path) {
            put(path, "type", "");
        }
        if (volume.path("image") instanceof ObjectNode image && image.hasNonNull("reference")) {
            put(image, "pullPolicy", pullPolicy(image.path("reference").asText()));
        }
        if (volume.at("/ephemeral/volumeClaimTemplate/spec") instanceof ObjectNode claim) {
            put(claim, "volumeMode", "Filesystem");
        }
        volume.path("downwardAPI").path("items").forEach(PodDefaults::completeFieldReference);
        for (JsonNode source : volume.path("projected").path("sources")) {
            source.path("downwardAPI").path("items").forEach(PodDefaults::completeFieldReference);
        }
    }

    private static void completeProbe(ObjectNode probe) {
        put(probe, "timeoutSeconds", 1);
        put(probe, "periodSeconds", 10);
        put(probe, "successThreshold", 1);
        put(probe, "failureThreshold", 3);
        completeHttpGet(probe);
        if (probe.path("grpc") instanceof ObjectNode grpc) {
            put(grpc, "service", "");
        }
    }

    private static void completeHttpGet(JsonNode action) {
        if (action.path("httpGet") instanceof ObjectNode get) {
            put(get, "path", "/");
            put(get, "scheme", "HTTP");
        }
    }

    private static void completeFieldReference(JsonNode source) {
        if (source.path("fieldRef") instanceof ObjectNode reference) {
            put(reference, "apiVersion", "v1");
        }
    }

    private static void hostPortIsContainerPort(JsonNode container) {
        container.path("ports").forEach(port -> {
            if (port.path("hostPort").asInt() == 0) {
                ((ObjectNode) port).put("hostPort", port.path("containerPort").asInt());
            }
        });
    }

    private static void put(ObjectNode node, String field, String value) {
        if (!node.hasNonNull(field)) {
            node.put(field, value);
        }
    }

    private static void put(ObjectNode node, String field, int value) {
        if (!node.hasNonNull(field)) {
            node.put(field, value);
        }
    }

    private static void put(ObjectNode node, String field, boolean value) {
        if (!node.hasNonNull(field)) {
            node.put(field, value);
        }
    }
}
