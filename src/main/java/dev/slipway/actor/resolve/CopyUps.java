package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.PodClaims;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.runtime.ContainerRequest.CopyUp;
import dev.slipway.engine.volume.ManagedVolumes.Owners;
import dev.slipway.engine.volume.ManagedVolumes.Root;
import dev.slipway.engine.volume.VolumeName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Which volumes begin with what the image has where a container mounts them: those that the pod names, if Slipway
/// keeps their data and nothing else says what they begin with.
///
/// Not a part of one: what a container finds at a sub-path is the business of whoever made it.
final class CopyUps {
    private CopyUps() {}

    /// @param attempt of the container; only the first fills, so that who empties a volume finds it empty
    static List<CopyUp> of(PodScope scope, JsonNode container, int attempt) {
        if (attempt > 0) {
            return List.of();
        }
        Set<String> named = Arrays.stream(scope.pod()
                        .annotations()
                        .getOrDefault(PodAnnotations.COPY_UP, "")
                        .split(","))
                .map(String::strip)
                .collect(Collectors.toSet());
        List<CopyUp> copyUps = new ArrayList<>();
        for (JsonNode mount : container.path("volumeMounts")) {
            String name = mount.path("name").asText();
            boolean isPart = !mount.path("subPath").asText().isEmpty()
                    || !mount.path("subPathExpr").asText().isEmpty();
            if (named.contains(name) && !isPart) {
                managed(scope, name)
                        .map(volume ->
                                copyUp(scope, volume, mount.path("mountPath").asText()))
                        .ifPresent(copyUps::add);
            }
        }
        return copyUps;
    }

    private static CopyUp copyUp(PodScope scope, ApiObject volume, String path) {
        return new CopyUp(
                VolumeName.of(volume.namespace(), volume.name()).value(),
                path,
                new Owners(
                        volume.spec().path("ownership").isObject() ? Root.KEPT : Root.OF_IMAGE,
                        Sandboxes.group(scope.spec().path("securityContext"))));
    }

    private static Optional<ApiObject> managed(PodScope scope, String name) {
        for (JsonNode volume : scope.spec().path("volumes")) {
            String claim = PodClaims.of(scope.pod(), volume);
            if (volume.path("name").asText().equals(name) && !claim.isEmpty()) {
                return scope.find(PodScope.VOLUMES, claim)
                        .filter(found -> found.spec().path("type").asText().equals("Managed"))
                        .filter(found -> !found.spec().has("populate"));
            }
        }
        return Optional.empty();
    }
}
