package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.PodClaims;
import dev.slipway.desired.kind.kubernetes.ClaimKind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/// Gives each PersistentVolumeClaim the Volume of its name, made at once where there is none, and a PersistentVolume
/// for who looks for one. Thread-safe.
///
/// ```
/// claim data  ->  Volume data (the data; made by the class, or somebody's before)
///             ->  PersistentVolume pvc-<uid> (to be looked at)
/// ```
///
/// A claim that names a PersistentVolume which somebody has declared, or that one fits, has that: a Volume of its name
/// leads to the data of the host or the server, and goes with the claim.
///
/// A claim that asks for more than before has its Volume grow, if its class allows that.
///
/// A pod's ephemeral volume has its claim made.
///
/// A claim that is deleted stays until no pod uses it. Then what the class has made goes if its reclaim policy is
/// Delete, and stays, released, if it is Retain; a Volume that somebody else made always stays.
public final class ClaimController implements Controller {
    private static final Logger LOG = Logger.getLogger(ClaimController.class);
    private static final GroupResource CLAIMS = GroupResource.core("persistentvolumeclaims");
    private static final GroupResource PERSISTENT = GroupResource.core("persistentvolumes");
    private static final GroupResource PODS = GroupResource.core("pods");
    private static final WriteOptions ENGINE = WriteOptions.by("");

    private final ObjectApi objects;
    private final EventRecorder recorder;
    private final ObjectKey node;
    private final Map<ObjectKey, String> told = new ConcurrentHashMap<>();

    /// @param nodeName of the Node of this host
    public ClaimController(ObjectApi objects, EventRecorder recorder, String nodeName) {
        this.objects = objects;
        this.recorder = recorder;
        this.node = new ObjectKey(GroupResource.core("nodes"), "", nodeName);
    }

    @Override
    public GroupResource resource() {
        return CLAIMS;
    }

    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return switch (changed.kind()) {
            case "Volume" -> List.of(new ObjectKey(CLAIMS, changed.namespace(), changed.name()));
            case "Pod" ->
                PodClaims.all(changed).stream()
                        .map(name -> new ObjectKey(CLAIMS, changed.namespace(), name))
                        .toList();
            case "StorageClass" -> claims(claim -> true);
            case "PersistentVolume" ->
                claims(claim -> claim.spec().path("volumeName").asText("").isEmpty()
                        || claim.spec().path("volumeName").asText().equals(changed.name()));
            case "Node" -> claims(ClaimController::isPending);
            default -> List.of();
        };
    }

    private List<ObjectKey> claims(Predicate<ApiObject> concerned) {
        return objects.store().list(CLAIMS, "").items().stream()
                .filter(concerned)
                .map(ClaimController::key)
                .toList();
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> claim = objects.store().get(key);
        try {
            if (claim.isEmpty()) {
                told.remove(key);
                new EphemeralClaims(objects).make(key);
                return Result.SETTLED;
            }
            return claim.get().deletionTimestamp().isPresent() ? end(claim.get()) : bind(claim.get());
        } catch (ApiException e) {
            LOG.warnf("claim not served claim=%s: %s", key, e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    private Result bind(ApiObject claim) throws ApiException {
        StorageClasses classes = StorageClasses.of(objects.store());
        Optional<ApiObject> volume = objects.store().get(ClaimObjects.volumeKey(claim));
        DeclaredVolumes declared = DeclaredVolumes.of(objects.store(), node);
        String asked = claim.spec().path("volumeName").asText();
        // A Volume of the claim's name serves it, whatever the claim says, unless it only leads to a PersistentVolume.
        boolean isServed = volume.isPresent() && !DeclaredVolumes.isLead(claim, volume.get());
        if (!isServed && !asked.isEmpty() && !asked.equals(ClaimObjects.persistentName(claim))) {
            Optional<ApiObject> named = declared.find(asked);
            return named.isEmpty() ? lost(claim, asked) : bindNamed(claim, named.get(), declared, classes);
        }
        Optional<ApiObject> match =
                volume.isEmpty() && asked.isEmpty() ? declared.match(claim, classes.name(claim)) : Optional.empty();
        if (match.isPresent()) {
            return bindTo(claim, match.get(), classes);
        }
        if (volume.isEmpty()) {
            return make(claim, declared, classes);
        }
        if (volume.get().deletionTimestamp().isPresent()) {
            return pending(claim, Reason.FAILED_BINDING, "volume \"%s\" is being deleted".formatted(claim.name()));
        }
        if (isPending(claim) && ClaimObjects.asksForData(claim)) {
            Optional<Condition> ready = Conditions.find(volume.get().status(), "Ready");
            if (ready.isEmpty() || ready.get().status() != Condition.Status.TRUE) {
                // Whoever is bound may count on the data that it asked for.
                return ready.isEmpty()
                        ? Result.SETTLED
                        : pending(claim, Reason.PROVISIONING_FAILED, ready.get().message());
            }
            tellProvisioned(claim);
        }
        ApiObject bound = fillIn(claim, ClaimObjects.persistentName(claim), classes.of(claim));
        ApiObject grown = grow(bound, volume.get(), classes);
        writePersistentVolume(bound, grown);
        report(bound, ClaimObjects.boundStatus(bound, grown));
        return Result.SETTLED;
    }

    private Result make(ApiObject claim, DeclaredVolumes declared, StorageClasses classes) throws ApiException {
        Optional<Obstacle> obstacle = obstacle(claim, declared, classes);
        if (obstacle.isEmpty()) {
            provision(claim, classes.of(claim).orElseThrow());
            return new Result.Again(Duration.ofMillis(1));
        }
        return isPending(claim)
                ? pending(claim, obstacle.get().reason(), obstacle.get().why())
                : lost(claim, claim.spec().path("volumeName").asText());
    }

    /// Why no volume can be made for a claim.
    private record Obstacle(Reason reason, String why) {}

    private static Optional<Obstacle> obstacle(ApiObject claim, DeclaredVolumes declared, StorageClasses classes) {
        Optional<String> classless = classes.obstacle(claim);
        if (classless.isPresent()) {
            return Optional.of(new Obstacle(classes.reason(claim), classless.get()));
        }
        Optional<String> unknown = ClaimObjects.unknownSource(claim);
        if (unknown.isPresent()) {
            return Optional.of(new Obstacle(Reason.PROVISIONING_FAILED, unknown.get()));
        }
        boolean hadOne = !claim.spec().path("volumeName").asText().isEmpty();
        if (!hadOne && declared.waitForNode()) {
            return Optional.of(new Obstacle(Reason.FAILED_BINDING, "this host has no Node yet"));
        }
        return !hadOne && ClaimObjects.selects(claim)
                ? Optional.of(new Obstacle(
                        Reason.PROVISIONING_FAILED,
                        "failed to provision volume with StorageClass \"%s\": claim Selector is not supported"
                                .formatted(classes.name(claim))))
                : Optional.empty();
    }

    /// What it names is not there; if it had it, its data are out of reach for good.
    private Result lost(ApiObject claim, String name) throws ApiException {
        if (!isPending(claim)) {
            String why = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
            warnOnce(claim, Reason.CLAIM_LOST, why);
            ObjectNode status = ((ObjectNode) claim.status()).deepCopy();
            report(claim, status.put("phase", "Lost"));
            return Result.SETTLED;
        }
        return pending(claim, Reason.FAILED_BINDING, "volume \"%s\" not found".formatted(name));
    }

    private Result bindNamed(ApiObject claim, ApiObject persistent, DeclaredVolumes declared, StorageClasses classes)
            throws ApiException {
        if (!DeclaredVolumes.isFree(persistent) && !DeclaredVolumes.isOf(persistent, claim)) {
            return pending(
                    claim,
                    Reason.FAILED_BINDING,
                    "volume \"%s\" already bound to a different claim.".formatted(persistent.name()));
        }
        Optional<String> obstacle = DeclaredVolumes.isBoundTo(persistent, claim)
                ? Optional.empty()
                : declared.obstacle(claim, persistent, classes.name(claim));
        return obstacle.isPresent()
                ? pending(
                        claim,
                        Reason.VOLUME_MISMATCH,
                        "Cannot bind to requested volume \"%s\": %s".formatted(persistent.name(), obstacle.get()))
                : bindTo(claim, persistent, classes);
    }

    /// First the volume knows its claim, so that no other has it; then the claim its volume; then there is what
    /// pods use.
    private Result bindTo(ApiObject claim, ApiObject persistent, StorageClasses classes) throws ApiException {
        if (!DeclaredVolumes.isBoundTo(persistent, claim)) {
            objects.patch(
                    kind(DeclaredVolumes.RESOURCE),
                    new ObjectKey(DeclaredVolumes.RESOURCE, "", persistent.name()),
                    new Patch.Merge(DeclaredVolumes.binding(claim, persistent)),
                    ENGINE);
        }
        ApiObject bound = fillIn(claim, persistent.name(), classes.of(claim));
        Optional<ApiObject> volume = objects.store().get(ClaimObjects.volumeKey(claim));
        if (volume.isEmpty()) {
            objects.create(
                    kind(VolumeStorage.VOLUMES), claim.namespace(), DeclaredVolumes.volume(claim, persistent), ENGINE);
        } else if (!DeclaredVolumes.leadsTo(volume.get(), claim, persistent)) {
            return pending(
                    bound,
                    Reason.FAILED_BINDING,
                    "the Volume with the name of the claim leads elsewhere than PersistentVolume " + persistent.name());
        }
        if (DeclaredVolumes.isTooSmall(persistent, bound)) {
            String why = "PersistentVolume %s has %s: one that somebody has declared does not grow"
                    .formatted(
                            persistent.name(),
                            persistent.spec().at("/capacity/storage").asText());
            warnOnce(bound, Reason.VOLUME_RESIZE_FAILED, why);
        }
        report(bound, DeclaredVolumes.boundStatus(persistent));
        return Result.SETTLED;
    }

    /// Gives a Volume that was made for a claim the capacity that the claim asks for by now, if the class lets it.
    private ApiObject grow(ApiObject claim, ApiObject volume, StorageClasses classes) throws ApiException {
        if (!ClaimObjects.asksForMore(claim, volume)) {
            return volume;
        }
        if (!classes.letsGrow(claim)) {
            String why = "storageclass \"%s\" does not allow volumes to grow"
                    .formatted(claim.spec().path("storageClassName").asText());
            warnOnce(claim, Reason.VOLUME_RESIZE_FAILED, why);
            return volume;
        }
        ObjectNode patch = ObjectCodec.json().createObjectNode();
        patch.putObject("spec").set("capacity", ClaimObjects.request(claim));
        ApiObject grown = objects.patch(
                        kind(VolumeStorage.VOLUMES), ClaimObjects.volumeKey(claim), new Patch.Merge(patch), ENGINE)
                .object();
        recorder.normal(Involved.of(claim), Reason.VOLUME_RESIZE_SUCCESSFUL, "the volume has its new capacity");
        return grown;
    }

    private void warnOnce(ApiObject claim, Reason reason, String why) {
        if (!why.equals(told.put(key(claim), why))) {
            recorder.warning(Involved.of(claim), reason, why);
        }
    }

    /// A claim that has had its volume does not go back to waiting for one: it stays what it is.
    private Result pending(ApiObject claim, Reason reason, String why) throws ApiException {
        boolean isWrong = reason == Reason.PROVISIONING_FAILED || reason == Reason.VOLUME_MISMATCH;
        if (isWrong || !isPending(claim)) {
            warnOnce(claim, reason, why);
        } else if (!why.equals(told.put(key(claim), why))) {
            recorder.normal(Involved.of(claim), reason, why);
        }
        if (isPending(claim)) {
            report(claim, ClaimObjects.pendingStatus(claim, reason, why));
        }
        return Result.SETTLED;
    }

    private static boolean isPending(ApiObject claim) {
        return claim.status().path("phase").asText().equals("Pending");
    }

    private void provision(ApiObject claim, ApiObject storageClass) throws ApiException {
        objects.create(
                kind(VolumeStorage.VOLUMES), claim.namespace(), ClaimObjects.volume(claim, storageClass), ENGINE);
        if (!ClaimObjects.asksForData(claim)) {
            tellProvisioned(claim);
        }
    }

    private void tellProvisioned(ApiObject claim) {
        recorder.normal(
                Involved.of(claim),
                Reason.PROVISIONING_SUCCEEDED,
                "Successfully provisioned volume " + ClaimObjects.persistentName(claim));
    }

    /// What a client leaves to the cluster.
    private ApiObject fillIn(ApiObject claim, String persistent, Optional<ApiObject> storageClass) throws ApiException {
        ObjectNode spec = ObjectCodec.json().createObjectNode();
        if (claim.spec().path("volumeName").asText().isEmpty()) {
            spec.put("volumeName", persistent);
        }
        if (!claim.spec().has("storageClassName") && storageClass.isPresent()) {
            spec.put("storageClassName", storageClass.get().name());
        }
        if (spec.isEmpty()) {
            return claim;
        }
        ObjectNode patch = ObjectCodec.json().createObjectNode();
        patch.putObject("metadata").put("resourceVersion", Long.toString(claim.resourceVersion()));
        patch.set("spec", spec);
        return objects.patch(kind(CLAIMS), key(claim), new Patch.Merge(patch), ENGINE)
                .object();
    }

    private void writePersistentVolume(ApiObject claim, ApiObject volume) throws ApiException {
        ObjectKey key = ClaimObjects.persistentKey(claim);
        Optional<ApiObject> there = objects.store().get(key);
        ObjectNode wanted = ClaimObjects.persistent(claim, volume);
        ApiObject persistent = there.isPresent()
                ? resized(there.get(), wanted)
                : objects.create(kind(PERSISTENT), "", wanted, ENGINE).object();
        objects.report(kind(PERSISTENT), persistent, ClaimObjects.phase("Bound"));
    }

    private ApiObject resized(ApiObject persistent, ObjectNode wanted) throws ApiException {
        JsonNode capacity = wanted.at("/spec/capacity");
        if (persistent.spec().path("capacity").equals(capacity)) {
            return persistent;
        }
        ObjectNode patch = ObjectCodec.json().createObjectNode();
        patch.putObject("spec").set("capacity", capacity);
        return objects.patch(
                        kind(PERSISTENT),
                        new ObjectKey(PERSISTENT, "", persistent.name()),
                        new Patch.Merge(patch),
                        ENGINE)
                .object();
    }

    private Result end(ApiObject claim) throws ApiException {
        if (!claim.finalizers().contains(ClaimKind.PROTECTION)) {
            return Result.SETTLED;
        }
        List<ApiObject> pods = objects.store().list(PODS, claim.namespace()).items();
        Optional<String> hold = VolumeUsers.hold(VolumeUsers.names(pods, claim.name()));
        if (hold.isPresent()) {
            warnOnce(claim, Reason.VOLUME_IN_USE, hold.get());
            report(claim, ClaimObjects.heldStatus(claim, hold.get()));
            return Result.SETTLED;
        }
        reclaim(claim);
        Finalizers.remove(objects, kind(CLAIMS), claim, ClaimKind.PROTECTION);
        return Result.SETTLED;
    }

    private void reclaim(ApiObject claim) throws ApiException {
        Optional<ApiObject> volume = objects.store().get(ClaimObjects.volumeKey(claim));
        Optional<ApiObject> persistent = objects.store().get(ClaimObjects.persistentKey(claim));
        boolean goes = volume.filter(each -> ClaimObjects.isMadeFor(claim, each))
                .filter(each ->
                        each.spec().path("reclaimPolicy").asText().equals("Delete") || !VolumeStorage.isManaged(each))
                .isPresent();
        if (goes) {
            objects.delete(kind(VolumeStorage.VOLUMES), ClaimObjects.volumeKey(claim), Deletion.PLAIN);
        }
        if (persistent.isPresent() && (goes || volume.isEmpty())) {
            objects.delete(kind(PERSISTENT), ClaimObjects.persistentKey(claim), Deletion.PLAIN);
        } else if (persistent.isPresent()) {
            objects.report(kind(PERSISTENT), persistent.get(), ClaimObjects.phase("Released"));
        }
    }

    private void report(ApiObject claim, ObjectNode status) throws ApiException {
        objects.report(kind(CLAIMS), claim, status);
    }

    private static ObjectKey key(ApiObject claim) {
        return new ObjectKey(CLAIMS, claim.namespace(), claim.name());
    }

    private Kind kind(GroupResource resource) {
        return objects.kinds().find(resource).orElseThrow();
    }
}
