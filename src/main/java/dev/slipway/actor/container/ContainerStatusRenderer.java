package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.pod.PodFacts.ContainerFacts;
import dev.slipway.actor.pod.PodFacts.Written;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.meta.Timestamps;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;

/// Says in the status of a Container how it stands. Pure.
final class ContainerStatusRenderer {
    private ContainerStatusRenderer() {}

    /// The whole status; conditions that say the same as before keep their times.
    static ObjectNode render(ContainerView view, Instant now) {
        ApiObject container = view.container();
        ContainerPhase phase = ContainerPhase.of(view);
        ObjectNode status = ObjectCodec.json().createObjectNode();
        status.put("observedGeneration", container.generation());
        status.put("phase", phase.toString());
        if (container.status().path("conditions") instanceof ArrayNode before) {
            status.set("conditions", before.deepCopy());
        }
        ContainerConditions.of(view, phase)
                .forEach(condition -> Conditions.set(status, condition, container.generation(), now));
        atTimes(status, container, "Healthy", ContainerConditions.healthy(view, phase), now);
        atTimes(status, container, "DependenciesReady", ContainerConditions.dependenciesReady(view), now);
        atTimes(status, container, "UserNamespace", ContainerConditions.userNamespace(view), now);
        view.pod().ifPresent(pod -> ofPod(status, view, pod));
        run(status, view, phase);
        view.facts().ifPresent(facts -> facts(status, facts));
        storageLayer(status, view);
        JsonNode used = status.at("/storageLayer/usedBytes");
        atTimes(
                status,
                container,
                ContainerConditions.STORAGE_LAYER_PRESSURE,
                ContainerConditions.storageLayerPressure(
                        view, used.isNumber() ? OptionalLong.of(used.asLong()) : OptionalLong.empty()),
                now);
        return status;
    }

    private static void atTimes(
            ObjectNode status, ApiObject container, String type, Optional<Condition> condition, Instant now) {
        condition.ifPresentOrElse(
                known -> Conditions.set(status, known, container.generation(), now),
                () -> Conditions.remove(status, type));
    }

    private static void ofPod(ObjectNode status, ContainerView view, ApiObject pod) {
        String reference = pod.spec().at("/containers/0/image").asText();
        String ran = view.main().path("imageID").asText();
        String digest = digest(ran.isEmpty() ? reference : ran);
        ObjectNode image = status.putObject("image").put("reference", reference);
        if (!digest.isEmpty()) {
            image.put("digest", digest);
        }
        status.putObject("podRef").put("kind", "Pod").put("name", pod.name());
        JsonNode addresses = pod.status().path("podIPs");
        if (!addresses.isEmpty()) {
            status.set("podIPs", addresses.deepCopy());
        }
        if (view.main().path("restartCount").isNumber()) {
            status.set("restartCount", view.main().path("restartCount"));
        }
    }

    /// The present run, or how the last one ended.
    private static void run(ObjectNode status, ContainerView view, ContainerPhase phase) {
        JsonNode running = view.main().path("state").path("running");
        JsonNode ended = view.ended();
        copy(running.isObject() ? running : ended, "startedAt", status);
        if (!ended.isMissingNode()) {
            copy(ended, "finishedAt", status);
            copy(ended, "exitCode", status);
            copy(ended, "signal", status);
            status.put("oomKilled", ended.path("reason").asText().equals(Reason.OOM_KILLED.toString()));
        }
        String reason = reason(view, phase, ended);
        if (phase != ContainerPhase.RUNNING && phase != ContainerPhase.PAUSED && !reason.isEmpty()) {
            status.put("reason", reason);
        }
    }

    private static String reason(ContainerView view, ContainerPhase phase, JsonNode ended) {
        String waiting =
                view.main().path("state").path("waiting").path("reason").asText();
        if (!waiting.isEmpty() && phase != ContainerPhase.STOPPED) {
            return waiting;
        }
        if (view.isEvicted()) {
            return Reason.EVICTED.toString();
        }
        if (!ended.isMissingNode()) {
            return ended.path("reason").asText();
        }
        if (view.pod().isEmpty() && view.image() instanceof ContainerImage.Awaited) {
            return Reason.DEPENDENCY_NOT_READY.toString();
        }
        return view.podStatus().path("reason").asText();
    }

    private static void facts(ObjectNode status, ContainerFacts facts) {
        facts.pid().ifPresent(pid -> status.put("pid", pid));
        facts.nextRestart().ifPresent(next -> status.put("nextRestartTime", Timestamps.seconds(next)));
        facts.users().ifPresent(users -> status.putObject("userNamespace")
                .put("hostUIDStart", users.firstHostId())
                .put("size", users.size()));
        if (!facts.imageVolumes().isEmpty()) {
            ArrayNode volumes = status.putArray("anonymousVolumes");
            facts.imageVolumes()
                    .forEach(volume ->
                            volumes.addObject().put("mountPath", volume.path()).put("volumeName", volume.volume()));
        }
    }

    /// What nobody counts now is told as it was: the layer is kept as it is without a process.
    private static void storageLayer(ObjectNode status, ContainerView view) {
        Optional<Written> written = view.facts().flatMap(ContainerFacts::written);
        if (written.isPresent()) {
            status.putObject("storageLayer")
                    .put("usedBytes", written.get().bytes())
                    .put("files", written.get().files());
        } else if (view.pod().isPresent() && !view.sizeLimit().isEmpty()) {
            copy(view.container().status(), "storageLayer", status);
        }
    }

    private static void copy(JsonNode from, String field, ObjectNode to) {
        if (from.hasNonNull(field)) {
            to.set(field, from.get(field));
        }
    }

    /// Of `repository@sha256:...` or `sha256:...`, empty without one.
    private static String digest(String reference) {
        String last = reference.substring(reference.indexOf('@') + 1);
        return last.matches("sha(256|512):[0-9a-f]+") ? last : "";
    }
}
