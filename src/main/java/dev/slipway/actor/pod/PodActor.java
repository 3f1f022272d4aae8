package dev.slipway.actor.pod;

import dev.slipway.actor.image.PodImages;
import dev.slipway.actor.pod.PodRound.Tools;
import dev.slipway.actor.probe.Care;
import dev.slipway.actor.resolve.Host;
import dev.slipway.actor.resolve.PodIndex;
import dev.slipway.actor.resolve.References;
import dev.slipway.actor.resolve.Sandboxes;
import dev.slipway.actor.storage.StorageWatch;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.reconcile.Shortage;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerRuntime;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Everything about pods, put together.
///
/// Life: [#start] once, before the controllers get their first round: it finds what an earlier engine left and
/// ends what belongs to pods that are gone. Then [#controller] is given rounds, and the runtime's news become
/// touches.
public final class PodActor {
    private final Tools tools;
    private final PodIndex index = new PodIndex();
    private final FactBook facts = new FactBook();
    private final PodController controller;

    /// What pods are made with.
    public record Parts(
            ContainerRuntime runtime,
            PodImages images,
            ObjectApi api,
            Care care,
            StorageWatch storage,
            EventRecorder recorder) {}

    public PodActor(Parts parts, Host host, Schedule schedule) {
        this.tools = new Tools(
                parts.runtime(),
                parts.images(),
                parts.api().store(),
                new PodWriter(parts.api()),
                parts.care(),
                parts.storage(),
                parts.recorder(),
                new Shortage(schedule.delays()),
                host,
                schedule.clock());
        this.controller = new PodController(tools, index, facts);
    }

    public Controller controller() {
        return controller;
    }

    public PodFacts facts() {
        return facts;
    }

    /// What pods ask for by themselves, and nobody else shall have before they do.
    public Set<String> addresses() {
        Set<String> addresses = new HashSet<>();
        tools.store().list(PodWriter.PODS, "").items().forEach(pod -> Sandboxes.address(pod)
                .ifPresent(addresses::add));
        return addresses;
    }

    /// @param touch starts a round of a pod; may be called at once and from any thread
    public void start(Consumer<ObjectKey> touch) throws IOException, InterruptedException {
        tools.runtime().recover();
        List<ApiObject> pods = tools.store().list(PodWriter.PODS, "").items();
        Set<PodUid> existing = new HashSet<>();
        for (ApiObject pod : pods) {
            ObjectKey key = new ObjectKey(PodWriter.PODS, pod.namespace(), pod.name());
            index.put(key, pod.uid(), References.of(pod));
            existing.add(new PodUid(pod.uid()));
        }
        tools.runtime().retain(existing);
        Consumer<PodUid> changed = uid -> index.find(uid.value()).ifPresent(touch);
        tools.runtime().listen(changed);
        tools.care().prober().listen(changed);
        tools.storage().listen(changed);
        tools.shortage().listen(touch);
        facts.listen(touch);
    }
}
