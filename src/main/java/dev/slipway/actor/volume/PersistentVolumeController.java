package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Result;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/// Says of each PersistentVolume that somebody has declared how it is with its claim, and keeps it as long as a claim
/// has it. Thread-safe.
///
/// ```
/// Available --a claim is bound ([ClaimController])--> Bound --the claim goes--> Released
///     ^                                                                      or Failed, if the policy is Delete
///     +------------------------- somebody takes claimRef away -------------------+
/// ```
///
/// The data are the host's or a server's and are never removed: as in Kubernetes, where nothing deletes such volumes,
/// one whose policy is Delete fails when its claim has gone.
public final class PersistentVolumeController implements Controller {
    private static final Logger LOG = Logger.getLogger(PersistentVolumeController.class);
    private static final GroupResource CLAIMS = GroupResource.core("persistentvolumeclaims");
    private static final String PROTECTION = "kubernetes.io/pv-protection";

    private final ObjectApi objects;
    private final EventRecorder recorder;

    public PersistentVolumeController(ObjectApi objects, EventRecorder recorder) {
        this.objects = objects;
        this.recorder = recorder;
    }

    @Override
    public GroupResource resource() {
        return DeclaredVolumes.RESOURCE;
    }

    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return changed.kind().equals("PersistentVolumeClaim")
                ? DeclaredVolumes.all(objects.store()).stream()
                        .filter(each -> DeclaredVolumes.isOf(each, changed))
                        .map(each -> new ObjectKey(DeclaredVolumes.RESOURCE, "", each.name()))
                        .toList()
                : List.of();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> found = objects.store().get(key).filter(DeclaredVolumes::isDeclared);
        if (found.isEmpty()) {
            return Result.SETTLED;
        }
        try {
            ApiObject persistent = found.get();
            if (persistent.deletionTimestamp().isEmpty()) {
                ObjectNode status = status(persistent);
                tell(persistent, status);
                objects.report(kind(), protect(key, persistent), status);
            } else if (persistent.finalizers().contains(PROTECTION)
                    && claim(persistent).isEmpty()) {
                Finalizers.remove(objects, kind(), persistent, PROTECTION);
            }
            return Result.SETTLED;
        } catch (ApiException e) {
            LOG.warnf("persistent volume not reported volume=%s: %s", key, e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    private ObjectNode status(ApiObject persistent) {
        JsonNode owner = persistent.spec().path("claimRef");
        if (owner.path("uid").asText().isEmpty()) {
            return ClaimObjects.phase("Available");
        }
        if (claim(persistent).isPresent()) {
            return ClaimObjects.phase("Bound");
        }
        return persistent.spec().path("persistentVolumeReclaimPolicy").asText().equals("Delete")
                ? ClaimObjects.phase("Failed")
                        .put("reason", Reason.VOLUME_FAILED_DELETE.toString())
                        .put("message", "the data of hosts and servers are not removed: that is for whoever has them")
                : ClaimObjects.phase("Released");
    }

    /// The claim that has it, while there is one.
    private Optional<ApiObject> claim(ApiObject persistent) {
        JsonNode owner = persistent.spec().path("claimRef");
        if (owner.path("name").asText().isEmpty()) {
            return Optional.empty();
        }
        return objects.store()
                .get(new ObjectKey(
                        CLAIMS,
                        owner.path("namespace").asText(),
                        owner.path("name").asText()))
                .filter(claim -> DeclaredVolumes.isBoundTo(persistent, claim));
    }

    private void tell(ApiObject persistent, ObjectNode status) {
        if (status.has("message") && !status.equals(persistent.status())) {
            recorder.warning(
                    Involved.of(persistent),
                    Reason.VOLUME_FAILED_DELETE,
                    status.path("message").asText());
        }
    }

    private ApiObject protect(ObjectKey key, ApiObject persistent) throws ApiException {
        if (persistent.finalizers().contains(PROTECTION)) {
            return persistent;
        }
        ObjectNode patch = ObjectCodec.json().createObjectNode();
        ArrayNode finalizers = patch.putObject("metadata")
                .put("resourceVersion", Long.toString(persistent.resourceVersion()))
                .putArray("finalizers");
        persistent.finalizers().forEach(finalizers::add);
        finalizers.add(PROTECTION);
        return objects.patch(kind(), key, new Patch.Merge(patch), WriteOptions.by(""))
                .object();
    }

    private Kind kind() {
        return objects.kinds().find(DeclaredVolumes.RESOURCE).orElseThrow();
    }
}
