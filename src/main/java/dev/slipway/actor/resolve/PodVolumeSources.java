package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.PodClaims;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.volume.VolumeName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/// The volumes of a pod.
final class PodVolumeSources {
    private static final String HUGE_PAGES = "hugepages-";

    private PodVolumeSources() {}

    /// @throws MissingReferenceException with the kubelet's words for the event `FailedMount`
    static Map<String, PodVolume> of(PodScope scope) throws MissingReferenceException {
        Map<String, PodVolume> volumes = new LinkedHashMap<>();
        for (JsonNode volume : scope.spec().path("volumes")) {
            if (volume.path("image").isObject()) {
                // Each container has it mounted by itself, when the image is here.
                continue;
            }
            String name = volume.path("name").asText();
            try {
                volumes.put(name, source(scope, volume));
            } catch (MissingReferenceException e) {
                throw new MissingReferenceException(
                        "MountVolume.SetUp failed for volume \"%s\" : %s".formatted(name, e.words()));
            }
        }
        return volumes;
    }

    /// Whether Kubernetes mounts a volume of this source read-only whatever the mount says: writes would be
    /// lost.
    static boolean isReadOnly(JsonNode volume) {
        return isFiles(volume)
                || volume.path("nfs").path("readOnly").asBoolean()
                || volume.path("persistentVolumeClaim").path("readOnly").asBoolean();
    }

    private static boolean isFiles(JsonNode volume) {
        return volume.has("configMap") || volume.has("secret") || volume.has("downwardAPI") || volume.has("projected");
    }

    private static PodVolume source(PodScope scope, JsonNode volume) throws MissingReferenceException {
        if (isFiles(volume)) {
            return new PodVolume.Projection(VolumeFiles.of(scope, volume), volume.has("secret") || hasSecret(volume));
        }
        JsonNode host = volume.path("hostPath");
        if (host.isObject()) {
            return new PodVolume.HostPath(
                    host.path("path").asText(), host.path("type").asText());
        }
        JsonNode nfs = volume.path("nfs");
        if (nfs.isObject()) {
            return new PodVolume.Nfs(
                    nfs.path("server").asText(),
                    nfs.path("path").asText(),
                    nfs.path("readOnly").asBoolean());
        }
        String claim = PodClaims.of(scope.pod(), volume);
        if (PodClaims.isEphemeral(volume)) {
            requireOwn(scope, claim);
        }
        return claim.isEmpty()
                ? emptyDir(scope, volume.path("emptyDir"))
                : claimed(
                        scope,
                        claim,
                        volume.at("/persistentVolumeClaim/readOnly").asBoolean());
    }

    /// A claim that somebody else has made under that name has somebody else's data.
    private static void requireOwn(PodScope scope, String name) throws MissingReferenceException {
        ApiObject claim = scope.find(PodScope.CLAIMS, name)
                .orElseThrow(
                        () -> new MissingReferenceException("persistentvolumeclaim \"%s\" not found".formatted(name)));
        if (!PodClaims.isMadeFor(claim, scope.pod())) {
            throw new MissingReferenceException("PVC %s/%s was not created for pod %s/%s (pod is not owner)"
                    .formatted(
                            claim.namespace(),
                            name,
                            scope.pod().namespace(),
                            scope.pod().name()));
        }
    }

    private static boolean hasSecret(JsonNode volume) {
        for (JsonNode source : volume.path("projected").path("sources")) {
            if (source.has("secret")) {
                return true;
            }
        }
        return false;
    }

    private static PodVolume emptyDir(PodScope scope, JsonNode source) throws MissingReferenceException {
        OptionalLong limit = Amounts.bytes(source.path("sizeLimit"));
        String medium = source.path("medium").asText();
        if (medium.startsWith("HugePages")) {
            return new PodVolume.HugePages(pageSize(scope, medium), limit);
        }
        return new PodVolume.EmptyDir(
                source.path("medium").asText().equals("Memory"),
                limit.isPresent() ? Optional.of(limit.getAsLong()) : Optional.empty());
    }

    /// That of the medium, else the only one that the pod's containers ask for.
    private static long pageSize(PodScope scope, String medium) throws MissingReferenceException {
        Set<String> asked = new TreeSet<>();
        for (String list : List.of("initContainers", "containers")) {
            for (JsonNode container : scope.spec().path(list)) {
                container.path("resources").path("requests").properties().stream()
                        .map(Map.Entry::getKey)
                        .filter(name -> name.startsWith(HUGE_PAGES))
                        .forEach(name -> asked.add(name.substring(HUGE_PAGES.length())));
            }
        }
        int dash = medium.indexOf('-');
        String size = dash >= 0
                ? medium.substring(dash + 1)
                : asked.size() == 1 ? asked.iterator().next() : "";
        if (!asked.contains(size)) {
            throw new MissingReferenceException(
                    "medium %s needs a container that requests pages of that one size".formatted(medium));
        }
        return Quantities.parse(size)
                .orElseThrow(() -> new MissingReferenceException("size of a huge page is no quantity: " + size))
                .longValue();
    }

    /// A claim is fulfilled by the Volume object of its name.
    private static PodVolume claimed(PodScope scope, String name, boolean readOnly) throws MissingReferenceException {
        ApiObject volume = scope.find(PodScope.VOLUMES, name)
                .orElseThrow(() -> new MissingReferenceException(
                        scope.find(PodScope.CLAIMS, name).isPresent()
                                ? "persistentvolumeclaim \"%s\" is not bound to a volume".formatted(name)
                                : "neither a persistentvolumeclaim nor a volume \"%s\" was found".formatted(name)));
        if (volume.deletionTimestamp().isPresent()) {
            throw new MissingReferenceException("volume \"%s\" is being deleted".formatted(name));
        }
        if (!Conditions.isTrue(volume.status(), "Ready")) {
            String why = Conditions.find(volume.status(), "Ready")
                    .map(condition -> ": " + condition.message())
                    .orElse("");
            throw new MissingReferenceException("volume \"%s\" is not ready%s".formatted(name, why));
        }
        JsonNode host = volume.spec().path("hostPath");
        return host.isObject()
                ? new PodVolume.HostPath(
                        host.path("path").asText(), host.path("type").asText())
                : new PodVolume.Managed(VolumeName.of(volume.namespace(), name).value(), readOnly);
    }
}
