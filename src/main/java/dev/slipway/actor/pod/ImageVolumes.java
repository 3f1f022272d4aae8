package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.pod.PodFacts.ImageVolume;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The Volume objects that stand for the paths which an image declares as volumes. They belong to whoever
/// controls the pod, so that they outlive it and are gone with its owner. Pure.
final class ImageVolumes {
    private static final int HASH_DIGITS = 8;
    private static final int LONGEST_POD_NAME = 240;

    private ImageVolumes() {}

    /// Whether the pod wants them.
    static boolean areWanted(ApiObject pod) {
        return "Persist".equals(pod.annotations().get(PodAnnotations.IMAGE_VOLUMES));
    }

    /// Those of one container; a path that the manifest mounts something at is spoken for.
    static List<ImageVolume> of(ApiObject pod, WantedContainer container, LocalImage image) {
        Set<String> taken = new HashSet<>();
        container
                .spec()
                .path("volumeMounts")
                .forEach(mount -> taken.add(mount.path("mountPath").asText()));
        return image.config().parameters().volumes().stream()
                .filter(path -> path.startsWith("/") && !taken.contains(path))
                .map(path -> new ImageVolume(path, name(pod, path)))
                .toList();
    }

    static ObjectKey key(ApiObject pod, ImageVolume volume) {
        return new ObjectKey(PodWriter.VOLUMES, pod.namespace(), volume.volume());
    }

    /// The object to make.
    static ObjectNode object(ApiObject pod, ImageVolume volume) {
        ObjectNode object = ObjectCodec.json().createObjectNode();
        object.put("apiVersion", OwnGroup.API_VERSION).put("kind", "Volume");
        ObjectNode metadata = object.putObject("metadata");
        metadata.put("name", volume.volume()).put("namespace", pod.namespace());
        metadata.putObject("annotations").put(PodAnnotations.IMAGE_PATH, volume.path());
        metadata.putArray("ownerReferences").add(owner(pod));
        object.putObject("spec").put("type", "Managed").put("reclaimPolicy", "DeleteWhenUnused");
        return object;
    }

    /// Whether an object of that name is the pod's to use.
    static boolean isOurs(ApiObject volume, ApiObject pod) {
        String owner = owner(pod).path("uid").asText();
        for (JsonNode each : volume.metadata().path("ownerReferences")) {
            if (each.path("uid").asText().equals(owner)) {
                return volume.deletionTimestamp().isEmpty();
            }
        }
        return false;
    }

    private static ObjectNode owner(ApiObject pod) {
        for (JsonNode owner : pod.metadata().path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return reference(
                        owner.path("apiVersion").asText(),
                        owner.path("kind").asText(),
                        owner.path("name").asText(),
                        owner.path("uid").asText());
            }
        }
        return reference(pod.apiVersion(), pod.kind(), pod.name(), pod.uid());
    }

    private static ObjectNode reference(String apiVersion, String kind, String name, String uid) {
        return ObjectCodec.json()
                .createObjectNode()
                .put("apiVersion", apiVersion)
                .put("kind", kind)
                .put("name", name)
                .put("uid", uid)
                .put("controller", true);
    }

    private static String name(ApiObject pod, String path) {
        String hash = Digest.sha256(path.getBytes(StandardCharsets.UTF_8)).hex();
        String name = pod.name();
        return name.substring(0, Math.min(name.length(), LONGEST_POD_NAME)) + "-" + hash.substring(0, HASH_DIGITS);
    }
}
