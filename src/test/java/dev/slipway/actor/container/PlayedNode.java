package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.Result;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Says in the status of pods what a node would that does at once whatever is asked of it. What is to run `end` has
/// ended well.
final class PlayedNode implements Controller {
    private static final GroupResource PODS = GroupResource.core("pods");

    private final ObjectApi objects;

    PlayedNode(ObjectApi objects) {
        this.objects = objects;
    }

    @Override
    public GroupResource resource() {
        return PODS;
    }

    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return List.of();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> pod = objects.store().get(key);
        try {
            if (pod.isPresent() && pod.get().deletionTimestamp().isPresent()) {
                objects.remove(key, pod.get().uid());
            } else if (pod.isPresent()) {
                objects.report(objects.kinds().find(PODS).orElseThrow(), pod.get(), status(pod.get()));
            }
            return Result.SETTLED;
        } catch (ApiException e) {
            // The pod has changed meanwhile; that starts the next round.
            return Result.SETTLED;
        }
    }

    private static ObjectNode ended() {
        ObjectNode status = ObjectCodec.json().createObjectNode().put("phase", "Succeeded");
        ObjectNode main = status.putArray("containerStatuses").addObject().put("name", "main");
        main.withObject("/state/terminated").put("exitCode", 0).put("finishedAt", "2026-01-31T08:00:00Z");
        return status;
    }

    private static ObjectNode status(ApiObject pod) {
        if (pod.spec().at("/containers/0/command/0").asText().equals("end")) {
            return ended();
        }
        String desired = pod.annotations().getOrDefault("slipway.dev/desired-state", "Running");
        ObjectNode status = ObjectCodec.json().createObjectNode().put("phase", "Running");
        ArrayNode conditions = status.putArray("conditions");
        ObjectNode main = status.putArray("containerStatuses").addObject();
        main.put("name", "main").put("imageID", "sha256:" + "c".repeat(64));
        String ready = desired.equals("Running") ? "True" : "False";
        conditions
                .addObject()
                .put("type", "Ready")
                .put("status", ready)
                .put("lastTransitionTime", "2026-01-31T08:00:00Z");
        if (desired.equals("Stopped")) {
            conditions.addObject().put("type", "Stopped").put("status", "True");
            main.putObject("state").putObject("terminated").put("exitCode", 7).put("reason", "Error");
        } else {
            main.putObject("state").putObject("running").put("startedAt", "2026-01-31T08:00:00Z");
        }
        if (desired.equals("Paused")) {
            conditions.addObject().put("type", "Paused").put("status", "True");
        }
        return status;
    }
}
