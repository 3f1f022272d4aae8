package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.ResourceRequests;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.model.OwnUsers;
import dev.slipway.desired.model.PodAnnotations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Makes the Pod of a Container, and tells whether one still says what its Container says. Pure.
final class ContainerPod {
    /// The container inside the pod.
    static final String CONTAINER = "main";

    /// Fields of a container that say how it is asked.
    static final List<String> PROBES = List.of("startupProbe", "readinessProbe", "livenessProbe");

    /// Which object its image is from.
    private static final String FROM = OwnGroup.GROUP + "/image-from";

    /// Fields of a Container that Kubernetes has in the pod.
    private static final Set<String> OF_POD = Set.of(
            "hostname",
            "hostnameOverride",
            "subdomain",
            "setHostnameAsFQDN",
            "hostAliases",
            "dnsConfig",
            "dnsPolicy",
            "hostNetwork",
            "hostPID",
            "hostIPC",
            "imagePullSecrets",
            "restartPolicy");

    /// Fields of a Container that become something else.
    private static final Set<String> OWN = Set.of(
            "imageFrom",
            "image",
            "desiredState",
            "imageVolumes",
            "imageHealthcheck",
            "maxRestarts",
            "ttlAfterFinished",
            "securityContext",
            "stop",
            "volumes",
            "dependsOn",
            "userNamespace",
            "network",
            "storageLayer",
            "cpuset",
            "init",
            "ulimits");
    /// Fields of its security context that Kubernetes has in the pod's.
    private static final Set<String> OF_POD_SECURITY =
            Set.of("fsGroup", "fsGroupChangePolicy", "supplementalGroups", "supplementalGroupsPolicy", "sysctls");
    /// Annotations that are there only when the Container says something.
    private static final Set<String> AT_TIMES = Set.of(
            PodAnnotations.STOP_SIGNAL,
            PodAnnotations.IMAGE_HEALTHCHECK,
            PodAnnotations.COPY_UP,
            PodAnnotations.DEPENDS_ON,
            PodAnnotations.RESTARTED_AT,
            PodAnnotations.MAX_RESTARTS,
            PodAnnotations.STORAGE_LAYER_SIZE_LIMIT,
            FROM);
    /// Annotations that only another pod can follow.
    private static final Set<String> LASTING = Set.of(
            PodAnnotations.USER_NAMESPACE_HOST_ID,
            PodAnnotations.USER_NAMESPACE_SIZE,
            PodAnnotations.CPUSET,
            PodAnnotations.NETWORK_MODE,
            PodAnnotations.NETWORK_ADDRESS,
            PodAnnotations.ULIMITS);

    private ContainerPod() {}

    /// @param image reference to run; of an `imageFrom` with its digest
    static ObjectNode of(ApiObject container, String image) {
        ObjectNode pod = ObjectCodec.json().createObjectNode();
        pod.put("apiVersion", "v1").put("kind", "Pod");
        ObjectNode metadata = pod.putObject("metadata");
        metadata.put("name", container.name()).put("namespace", container.namespace());
        put(metadata, "labels", container.labels());
        ObjectNode spec = spec(container.spec(), image);
        Map<String, String> annotations = annotations(container.spec());
        annotations.put(SpecMark.ANNOTATION, SpecMark.of(spec, beside(annotations)));
        Optional.ofNullable(container.annotations().get(PodAnnotations.RESTARTED_AT))
                .ifPresent(moment -> annotations.put(PodAnnotations.RESTARTED_AT, moment));
        ContainerImage.from(container).ifPresent(from -> annotations.put(FROM, from));
        put(metadata, "annotations", annotations);
        own(metadata, container);
        pod.set("spec", spec);
        return pod;
    }

    /// Whether `pod` was made of the same spec as `wanted`; otherwise another pod has to take its place. What it may
    /// use changes in place.
    static boolean isSame(ApiObject pod, ObjectNode wanted) {
        String image = wanted.at("/spec/containers/0/image").asText();
        return isMarkedAs(pod, ApiObject.of(wanted))
                && pod.spec().at("/containers/0/image").asText().equals(image);
    }

    private static boolean isMarkedAs(ApiObject pod, ApiObject wanted) {
        String mark = SpecMark.in(pod);
        return SpecMark.in(wanted).equals(mark)
                || SpecMark.plain((ObjectNode) wanted.spec(), beside(wanted.annotations()))
                        .equals(mark);
    }

    /// Whether `pod` has finished, was then declared stopped, and is to run now, before it could leave the phase that
    /// says how it ended. To ask it to run would be to take back the stop, and what has finished stays so.
    static boolean hasYetToStop(ApiObject pod, ObjectNode wanted) {
        String phase = pod.status().path("phase").asText();
        boolean hasFinished = phase.equals("Succeeded") || phase.equals("Failed");
        return hasFinished
                && "Stopped".equals(pod.annotations().get(PodAnnotations.DESIRED_STATE))
                && !"Stopped".equals(ApiObject.of(wanted).annotations().get(PodAnnotations.DESIRED_STATE));
    }

    /// Whether the Container says what it said when `pod` was made, as far as that can be told without knowing what
    /// its image is by now, and was not declared stopped since.
    static boolean isOfTheLastRun(ApiObject pod, ApiObject container) {
        String image = pod.spec().at("/containers/0/image").asText();
        Optional<String> from = Optional.ofNullable(pod.annotations().get(FROM));
        return ContainerImage.isOf(container, image, from)
                && isSame(pod, of(container, image))
                && !"Stopped".equals(pod.annotations().get(PodAnnotations.DESIRED_STATE));
    }

    /// The merge patch that brings labels, annotations and resources of `pod` to what `wanted` says; empty when
    /// they are. Labels are the Container's and no others; annotations of others stay.
    static ObjectNode changes(ApiObject pod, ObjectNode wanted) {
        ApiObject target = ApiObject.of(wanted);
        Map<String, String> labels = pod.labels();
        ObjectNode labelChanges = differences(labels, target.labels());
        labels.keySet().stream()
                .filter(name -> !target.labels().containsKey(name))
                .forEach(labelChanges::putNull);
        Map<String, String> annotations = pod.annotations();
        ObjectNode annotationChanges = differences(annotations, target.annotations());
        AT_TIMES.stream()
                .filter(name ->
                        annotations.containsKey(name) && !target.annotations().containsKey(name))
                .forEach(annotationChanges::putNull);
        ObjectNode patch = ObjectCodec.json().createObjectNode();
        if (!labelChanges.isEmpty()) {
            patch.withObject("/metadata").set("labels", labelChanges);
        }
        if (!annotationChanges.isEmpty()) {
            patch.withObject("/metadata").set("annotations", annotationChanges);
        }
        JsonNode resources = wanted.at("/spec/containers/0/resources");
        if (!pod.spec().at("/containers/0/resources").equals(resources)) {
            JsonNode containers = pod.spec().path("containers").deepCopy();
            containers.forEach(container -> ((ObjectNode) container).set("resources", resources));
            patch.withObject("/spec").set("containers", containers);
        }
        return patch;
    }

    /// The merge patch that asks a pod for the Container's desired state and nothing else; empty when it says so.
    static ObjectNode statePatch(ApiObject pod, ApiObject container) {
        String state = container.spec().path("desiredState").asText("Running");
        ObjectNode patch = ObjectCodec.json().createObjectNode();
        if (!state.equals(pod.annotations().get(PodAnnotations.DESIRED_STATE))) {
            patch.withObject("/metadata").withObject("/annotations").put(PodAnnotations.DESIRED_STATE, state);
        }
        return patch;
    }

    /// Whether this Container controls the pod.
    static boolean isOwned(ApiObject pod, ApiObject container) {
        for (JsonNode owner : pod.metadata().path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return owner.path("uid").asText().equals(container.uid());
            }
        }
        return false;
    }

    private static ObjectNode spec(JsonNode container, String image) {
        ObjectNode spec = ObjectCodec.json().createObjectNode();
        ObjectNode main = spec.putArray("containers").addObject();
        main.put("name", CONTAINER).put("image", image);
        for (Map.Entry<String, JsonNode> field : container.properties()) {
            if (OF_POD.contains(field.getKey())) {
                spec.set(field.getKey(), field.getValue().deepCopy());
            } else if (!OWN.contains(field.getKey())) {
                main.set(field.getKey(), field.getValue().deepCopy());
            }
        }
        if (!main.has("resources")) {
            main.putObject("resources");
        }
        ResourceRequests.complete(main);
        if (container.path("securityContext") instanceof ObjectNode security) {
            main.set("securityContext", security.deepCopy().remove(OF_POD_SECURITY));
            ObjectNode shared = security.deepCopy().retain(OF_POD_SECURITY);
            if (!shared.isEmpty()) {
                spec.set("securityContext", shared);
            }
        }
        if (OwnUsers.isWanted(container)) {
            spec.put("hostUsers", false);
        }
        if (container.path("init").asBoolean()) {
            // The first process of a pod that shares its processes is such a parent.
            spec.put("shareProcessNamespace", true);
        }
        if (container.has("imageFrom") && !main.hasNonNull("imagePullPolicy")) {
            // The object has made the image present; a registry cannot know the names of objects.
            main.put("imagePullPolicy", "Never");
        }
        JsonNode grace = container.path("stop").path("gracePeriodSeconds");
        if (grace.isNumber()) {
            spec.set("terminationGracePeriodSeconds", grace);
        }
        if (container.path("volumes") instanceof ArrayNode volumes && !volumes.isEmpty()) {
            ArrayNode made = spec.putArray("volumes");
            volumes.forEach(volume -> made.add(volume(volume)));
        }
        return spec;
    }

    /// A Volume object is claimed by its name, which is how a Pod names data that outlive it.
    private static JsonNode volume(JsonNode volume) {
        ObjectNode made = volume.deepCopy();
        JsonNode named = made.remove("volume");
        if (named != null) {
            made.putObject("persistentVolumeClaim").set("claimName", named.path("name"));
        }
        return made;
    }

    /// Names of the Volumes that a pod claims.
    static Set<String> claims(ApiObject pod) {
        Set<String> names = new TreeSet<>();
        pod.spec()
                .path("volumes")
                .forEach(volume ->
                        names.add(volume.at("/persistentVolumeClaim/claimName").asText()));
        return names;
    }

    private static Map<String, String> annotations(JsonNode spec) {
        Map<String, String> annotations = new TreeMap<>();
        annotations.put(PodAnnotations.DESIRED_STATE, spec.path("desiredState").asText("Running"));
        annotations.put(PodAnnotations.STORAGE_LAYER, "Kept");
        annotations.put(PodAnnotations.IMAGE_VOLUMES, imageVolumes(spec));
        if (PROBES.stream().noneMatch(spec::has)
                && !spec.path("imageHealthcheck").asText().equals("Ignore")) {
            annotations.put(PodAnnotations.IMAGE_HEALTHCHECK, "Follow");
        }
        String filled = filled(spec.path("volumes"));
        if (!filled.isEmpty()) {
            annotations.put(PodAnnotations.COPY_UP, filled);
        }
        String signal = spec.path("stop").path("signal").asText();
        if (!signal.isEmpty()) {
            annotations.put(PodAnnotations.STOP_SIGNAL, signal);
        }
        List<String> dependencies = new ArrayList<>();
        for (JsonNode dependency : spec.path("dependsOn")) {
            dependencies.add(dependency.path("name").asText() + "="
                    + dependency.path("condition").asText("Ready"));
        }
        if (!dependencies.isEmpty()) {
            annotations.put(PodAnnotations.DEPENDS_ON, String.join(",", dependencies));
        }
        put(annotations, PodAnnotations.STORAGE_LAYER_SIZE_LIMIT, spec.at("/storageLayer/sizeLimit"));
        put(annotations, PodAnnotations.MAX_RESTARTS, spec.path("maxRestarts"));
        put(annotations, PodAnnotations.CPUSET, spec.path("cpuset"));
        String ulimits = ulimits(spec.path("ulimits"));
        if (!ulimits.isEmpty()) {
            annotations.put(PodAnnotations.ULIMITS, ulimits);
        }
        if (spec.at("/network/mode").asText().equals("None")) {
            annotations.put(PodAnnotations.NETWORK_MODE, "None");
        }
        put(annotations, PodAnnotations.NETWORK_ADDRESS, spec.at("/network/address"));
        if (OwnUsers.isWanted(spec)) {
            put(annotations, PodAnnotations.USER_NAMESPACE_HOST_ID, spec.at("/userNamespace/hostID"));
            put(annotations, PodAnnotations.USER_NAMESPACE_SIZE, spec.at("/userNamespace/size"));
        }
        return annotations;
    }

    private static String ulimits(JsonNode limits) {
        List<String> texts = new ArrayList<>();
        for (JsonNode limit : limits) {
            long soft = limit.path("soft").asLong();
            texts.add("%s=%d:%d"
                    .formatted(
                            limit.path("name").asText(),
                            soft,
                            limit.path("hard").asLong(soft)));
        }
        return String.join(",", texts);
    }

    /// As Docker does with volumes that have a name, a Container begins with what its image has.
    private static String filled(JsonNode volumes) {
        List<String> names = new ArrayList<>();
        for (JsonNode volume : volumes) {
            if (volume.has("volume") && !volume.at("/volume/noCopy").asBoolean()) {
                names.add(volume.path("name").asText());
            }
        }
        return String.join(",", names);
    }

    private static void put(Map<String, String> annotations, String name, JsonNode value) {
        if (!value.asText().isEmpty()) {
            annotations.put(name, value.asText());
        }
    }

    /// What only another pod can follow, beside its spec.
    private static String beside(Map<String, String> annotations) {
        return annotations.get(PodAnnotations.IMAGE_VOLUMES) + lasting(annotations);
    }

    /// Empty where there are none, as in pods that were made before there were such annotations.
    private static String lasting(Map<String, String> annotations) {
        return LASTING.stream()
                .filter(annotations::containsKey)
                .sorted()
                .map(name -> " " + name + "=" + annotations.get(name))
                .collect(Collectors.joining());
    }

    private static String imageVolumes(JsonNode spec) {
        return spec.path("imageVolumes").asText("Persist");
    }

    private static void own(ObjectNode metadata, ApiObject container) {
        metadata.putArray("ownerReferences")
                .addObject()
                .put("apiVersion", OwnGroup.API_VERSION)
                .put("kind", "Container")
                .put("name", container.name())
                .put("uid", container.uid())
                .put("controller", true)
                .put("blockOwnerDeletion", true);
    }

    private static ObjectNode differences(Map<String, String> from, Map<String, String> to) {
        ObjectNode changes = ObjectCodec.json().createObjectNode();
        to.forEach((name, value) -> {
            if (!value.equals(from.get(name))) {
                changes.put(name, value);
            }
        });
        return changes;
    }

    private static void put(ObjectNode parent, String field, Map<String, String> values) {
        if (!values.isEmpty()) {
            ObjectNode node = parent.putObject(field);
            values.forEach(node::put);
        }
    }
}
