package dev.slipway.actor.pod;

import dev.slipway.actor.pod.PodFacts.ImageVolume;
import dev.slipway.actor.pod.PodRound.Tools;
import dev.slipway.actor.resolve.PodIndex;
import dev.slipway.actor.resolve.References;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/// Makes the machine match each Pod. Rounds of different pods run side by side; what is remembered of a pod is
/// used by its one worker only.
final class PodController implements Controller {
    private static final Logger LOG = Logger.getLogger(PodController.class);

    private final Tools tools;
    private final PodIndex index;
    private final FactBook facts;
    private final Map<ObjectKey, PodMemory> memories = new ConcurrentHashMap<>();

    PodController(Tools tools, PodIndex index, FactBook facts) {
        this.tools = tools;
        this.index = index;
        this.facts = facts;
    }

    @Override
    public GroupResource resource() {
        return PodWriter.PODS;
    }

    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return resource(changed.kind())
                .filter(resource -> changed.group().equals(resource.group()))
                .map(resource -> index.lookingAt(new ObjectKey(resource, changed.namespace(), changed.name())))
                .orElse(List.of());
    }

    /// Of the kinds that pods look at.
    private static Optional<GroupResource> resource(String kind) {
        return switch (kind) {
            case "ConfigMap" -> Optional.of(GroupResource.core("configmaps"));
            case "Secret" -> Optional.of(GroupResource.core("secrets"));
            case "PersistentVolumeClaim" -> Optional.of(GroupResource.core("persistentvolumeclaims"));
            case "Volume" -> Optional.of(PodWriter.VOLUMES);
            case "Container" -> Optional.of(new GroupResource(OwnGroup.GROUP, "containers"));
            default -> Optional.empty();
        };
    }

    @Override
    public Result reconcile(ObjectKey key) throws InterruptedException {
        Optional<ApiObject> pod = tools.store().get(key);
        PodMemory earlier = memories.get(key);
        if (earlier != null && !pod.map(ApiObject::uid).orElse("").equals(earlier.uid())) {
            if (!forget(key, earlier)) {
                return new Result.Waiting(Reason.FAILED_KILL_POD.toString(), Duration.ZERO);
            }
        }
        if (pod.isEmpty()) {
            tools.shortage().forget(key);
            return Result.SETTLED;
        }
        PodMemory memory = memories.computeIfAbsent(key, each -> recalled(pod.get()));
        look(key, pod.get(), memory);
        Result result = new PodRound(tools, key, pod.get(), memory, facts).run();
        look(key, pod.get(), memory);
        return result;
    }

    private void look(ObjectKey key, ApiObject pod, PodMemory memory) {
        Set<ObjectKey> references = new HashSet<>(References.of(pod));
        references.addAll(memory.lookedAt());
        index.put(key, pod.uid(), references);
    }

    /// Ends what is left of a pod that is no longer in the store.
    private boolean forget(ObjectKey key, PodMemory memory) throws InterruptedException {
        try {
            if (!memory.hasEnded()) {
                tools.care().prober().forget(new PodUid(memory.uid()));
                tools.storage().forget(new PodUid(memory.uid()));
                tools.runtime().removePod(new PodUid(memory.uid()));
                tools.images().forget(memory.uid());
            }
        } catch (IOException e) {
            LOG.warnf("pod not removed pod=%s: %s", key, e.getMessage());
            return false;
        }
        memories.remove(key);
        index.remove(key, memory.uid());
        facts.forget(memory.uid());
        return true;
    }

    /// What is known of a pod that this engine sees for the first time.
    private PodMemory recalled(ApiObject pod) {
        Map<String, Recorded> recorded = Recorded.of(pod);
        PodMemory memory = new PodMemory(pod.uid(), PodHistory.recalled(pod));
        if (ImageVolumes.areWanted(pod) && !recorded.isEmpty()) {
            List<ImageVolume> volumes = imageVolumes(pod);
            recorded.keySet().forEach(container -> memory.imageVolumes(container, volumes));
        }
        return memory;
    }

    private List<ImageVolume> imageVolumes(ApiObject pod) {
        return tools.store().list(PodWriter.VOLUMES, pod.namespace()).items().stream()
                .filter(volume ->
                        volume.annotations().containsKey(PodAnnotations.IMAGE_PATH) && ImageVolumes.isOurs(volume, pod))
                .map(volume -> new ImageVolume(
                        volume.annotations().getOrDefault(PodAnnotations.IMAGE_PATH, ""), volume.name()))
                .toList();
    }
}
