package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.PodClaims;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Who uses a Volume. Pure.
///
/// A pod uses what it claims from the moment it exists until it is gone, or has finished for good: data must not be
/// taken from a pod that is about to start.
final class VolumeUsers {
    private VolumeUsers() {}

    /// One mount of a Volume in a container.
    record Mount(String pod, String container, String path, boolean readOnly) {}

    /// What a Volume without a manifest was made for: whoever owns it.
    ///
    /// @param path that the image declares
    record Origin(String kind, String name, String path) {}

    /// @param pods of the Volume's namespace
    static List<Mount> mounts(ApiObject volume, List<ApiObject> pods) {
        Optional<Origin> origin = origin(volume);
        List<Mount> mounts = new ArrayList<>();
        for (ApiObject pod : pods) {
            if (hasFinished(pod)) {
                continue;
            }
            mounts.addAll(claimed(volume.name(), pod));
            // The pod of a Container has its name.
            origin.filter(made -> made.name().equals(pod.name()))
                    .ifPresent(made -> mounts.add(new Mount(pod.name(), onlyContainer(pod), made.path(), false)));
        }
        return mounts;
    }

    static Optional<Origin> origin(ApiObject volume) {
        String path = volume.annotations().getOrDefault(PodAnnotations.IMAGE_PATH, "");
        JsonNode owner = volume.metadata().path("ownerReferences").path(0);
        return path.isEmpty() || owner.isMissingNode()
                ? Optional.empty()
                : Optional.of(new Origin(
                        owner.path("kind").asText(), owner.path("name").asText(), path));
    }

    /// Empty when there are several: the Volume does not say whose image it is for.
    private static String onlyContainer(ApiObject pod) {
        JsonNode containers = pod.spec().path("containers");
        return containers.size() == 1 ? containers.path(0).path("name").asText() : "";
    }

    /// The pods that use `volume`.
    static List<String> names(List<ApiObject> pods, String volume) {
        return pods.stream()
                .filter(pod -> isUser(pod, volume))
                .map(ApiObject::name)
                .toList();
    }

    /// Why what pods use does not go yet, for people; empty when none does.
    static Optional<String> hold(List<String> pods) {
        return pods.isEmpty()
                ? Optional.empty()
                : Optional.of("in use by pod %s; goes when no pod uses it".formatted(String.join(", ", pods)));
    }

    private static boolean isUser(ApiObject pod, String volume) {
        return !hasFinished(pod) && PodClaims.all(pod).contains(volume);
    }

    private static List<Mount> claimed(String name, ApiObject pod) {
        List<Mount> mounts = new ArrayList<>();
        for (JsonNode volume : pod.spec().path("volumes")) {
            if (!PodClaims.of(pod, volume).equals(name)) {
                continue;
            }
            boolean readOnly =
                    volume.path("persistentVolumeClaim").path("readOnly").asBoolean();
            int before = mounts.size();
            for (String list : List.of("initContainers", "containers")) {
                for (JsonNode container : pod.spec().path(list)) {
                    mounts.addAll(mountsOf(pod, container, volume.path("name").asText(), readOnly));
                }
            }
            if (mounts.size() == before) {
                // Claimed and mounted nowhere: it is kept for the pod all the same.
                mounts.add(new Mount(pod.name(), "", "", readOnly));
            }
        }
        return mounts;
    }

    private static List<Mount> mountsOf(ApiObject pod, JsonNode container, String volume, boolean readOnly) {
        List<Mount> mounts = new ArrayList<>();
        for (JsonNode mount : container.path("volumeMounts")) {
            if (mount.path("name").asText().equals(volume)) {
                mounts.add(new Mount(
                        pod.name(),
                        container.path("name").asText(),
                        mount.path("mountPath").asText(),
                        readOnly || mount.path("readOnly").asBoolean()));
            }
        }
        return mounts;
    }

    /// A pod that keeps its layer can be started again.
    private static boolean hasFinished(ApiObject pod) {
        String phase = pod.status().path("phase").asText();
        boolean isKept = "Kept".equals(pod.annotations().get(PodAnnotations.STORAGE_LAYER));
        return !isKept && (phase.equals("Succeeded") || phase.equals("Failed"));
    }
}
