package dev.slipway.actor.container;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.image.PodImages;
import dev.slipway.actor.pod.PodFacts;
import dev.slipway.actor.pod.PodFacts.ContainerFacts;
import dev.slipway.actor.tag.TagConsumers;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Result;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Keeps one Pod for each Container and tells in the Container's status what becomes of it.
///
/// A round looks, does at most one thing, looks again and reports; what it did comes back as an event and starts the
/// next round. Thread-safe.
public final class ContainerController implements Controller {
    private static final Logger LOG = Logger.getLogger(ContainerController.class);
    private static final GroupResource CONTAINERS = new GroupResource(OwnGroup.GROUP, "containers");
    private static final GroupResource VOLUMES = new GroupResource(OwnGroup.GROUP, "volumes");
    private static final GroupResource PODS = GroupResource.core("pods");
    private static final String FINALIZER = OwnGroup.GROUP + "/container";
    private static final WriteOptions ENGINE = WriteOptions.by("");

    private final ObjectApi objects;
    private final PodFacts facts;
    private final NextImages images;
    private final EventRecorder recorder;
    private final InstantSource clock;

    public ContainerController(
            ObjectApi objects, PodFacts facts, PodImages images, EventRecorder recorder, InstantSource clock) {
        this.objects = objects;
        this.facts = facts;
        this.images = new NextImages(images, objects.kinds().find(PODS).orElseThrow());
        this.recorder = recorder;
        this.clock = clock;
    }

    @Override
    public GroupResource resource() {
        return CONTAINERS;
    }

    /// A Pod concerns the Container of its name; a Container that depends on others those that may wait in a circle
    /// with it; both those that may only stay because of them; images, tags and volumes concern those that name
    /// them.
    @Override
    public Collection<ObjectKey> concerned(ApiObject changed) {
        return switch (changed.kind()) {
            case "Pod" -> {
                Set<ObjectKey> keys = heldBack(changed);
                keys.add(new ObjectKey(CONTAINERS, changed.namespace(), changed.name()));
                yield keys;
            }
            case "Container" -> {
                Set<ObjectKey> keys = heldBack(changed);
                objects.store().list(CONTAINERS, changed.namespace()).items().stream()
                        .filter(other -> !changed.spec().path("dependsOn").isEmpty()
                                && !other.spec().path("dependsOn").isEmpty()
                                && !Conditions.isTrue(other.status(), "Ready"))
                        .map(ContainerController::key)
                        .forEach(keys::add);
                yield keys;
            }
            case "Image" -> naming(new ObjectKey(ContainerImage.IMAGES, "", changed.name()));
            case "Tag" ->
                objects.store().list(CONTAINERS, "").items().stream()
                        .filter(container -> TagConsumers.uses(container, changed))
                        .map(ContainerController::key)
                        .toList();
            case "Volume" ->
                objects.store().list(CONTAINERS, changed.namespace()).items().stream()
                        .filter(container -> volumes(container).contains(changed.name()))
                        .map(ContainerController::key)
                        .toList();
            default -> List.of();
        };
    }

    @Override
    public Result reconcile(ObjectKey key) {
        Optional<ApiObject> found = objects.store().get(key);
        if (found.isEmpty()) {
            return Result.SETTLED;
        }
        ApiObject container = found.get();
        ObjectKey podKey = new ObjectKey(PODS, key.namespace(), key.name());
        Optional<ApiObject> pod = objects.store().get(podKey);
        ContainerImage image = images.prepare(key, container, pod, ContainerImage.of(container, objects.store()));
        ContainerActions.Around around =
                new ContainerActions.Around(pod, image, volumesAwaited(container, pod), isNeeded(container));
        ContainerAction action = ContainerActions.compute(container, around, clock.instant());
        try {
            Optional<ContainerView.Trouble> failed = perform(action, container);
            if (action instanceof ContainerAction.Release || action instanceof ContainerAction.Expire) {
                return result(failed);
            }
            Optional<ContainerView.Trouble> trouble = failed.or(() -> cycle(container, podKey));
            report(container, podKey, image, trouble);
            return trouble.isEmpty() ? untilExpiry(container, podKey) : result(trouble);
        } catch (ApiException e) {
            LOG.warnf("container not reported container=%s: %s", key, e.getMessage());
            return new Result.Waiting(e.reason(), Duration.ZERO);
        }
    }

    /// What stays, though its time may be over, because something depends on it.
    private Set<ObjectKey> heldBack(ApiObject dependent) {
        return Expiry.dependencies(dependent).stream()
                .map(name -> new ObjectKey(CONTAINERS, dependent.namespace(), name))
                .filter(key -> objects.store().get(key).filter(Expiry::isSet).isPresent())
                .collect(Collectors.toCollection(HashSet::new));
    }

    /// Whether a Container or a Pod of the namespace depends on it.
    private boolean isNeeded(ApiObject container) {
        return Expiry.isSet(container)
                && Stream.of(CONTAINERS, PODS)
                        .flatMap(kind -> objects.store().list(kind, container.namespace()).items().stream())
                        .anyMatch(other -> Expiry.isHeldBack(container, other));
    }

    /// What waits for what waits for it.
    private Optional<ContainerView.Trouble> cycle(ApiObject container, ObjectKey podKey) {
        boolean waits = objects.store()
                .get(podKey)
                .map(pod -> pod.status().at("/containerStatuses/0/state/waiting/reason"))
                .filter(reason -> reason.asText().equals(Reason.DEPENDENCY_NOT_READY.toString()))
                .isPresent();
        List<String> names = waits
                ? new DependencyCycle(
                                name -> objects.store().get(new ObjectKey(CONTAINERS, container.namespace(), name)))
                        .through(container)
                : List.of();
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(new ContainerView.Trouble(
                        Reason.DEPENDENCY_CYCLE.toString(),
                        "Containers wait for each other: " + String.join(" -> ", names),
                        true));
    }

    private Result untilExpiry(ApiObject container, ObjectKey podKey) {
        return Expiry.of(container, own(container, podKey))
                .map(end -> Duration.between(clock.instant(), end))
                .filter(Duration::isPositive)
                .<Result>map(Result.Again::new)
                .orElse(Result.SETTLED);
    }

    private static Result result(Optional<ContainerView.Trouble> trouble) {
        if (trouble.isEmpty()) {
            return Result.SETTLED;
        }
        return trouble.get().lasting()
                ? new Result.Stalled(trouble.get().reason(), trouble.get().message())
                : new Result.Waiting(trouble.get().reason(), Duration.ZERO);
    }

    /// @return why it could not be done
    private Optional<ContainerView.Trouble> perform(ContainerAction action, ApiObject container) {
        Involved about = Involved.of(container);
        try {
            switch (action) {
                case ContainerAction.CreatePod create -> {
                    objects.createOf(container, kind(PODS), create.pod(), ENGINE);
                    recorder.normal(about, Reason.SUCCESSFUL_CREATE, "Created pod: " + container.name());
                }
                case ContainerAction.PatchPod patch ->
                    objects.patch(kind(PODS), podKey(patch.pod()), new Patch.Merge(patch.changes()), ENGINE);
                case ContainerAction.DeletePod delete -> {
                    objects.delete(
                            kind(PODS),
                            podKey(delete.pod()),
                            Deletion.PLAIN.of(delete.pod().uid()));
                    recorder.normal(
                            about,
                            Reason.SUCCESSFUL_DELETE,
                            "Deleted pod: %s, because %s".formatted(delete.pod().name(), delete.why()));
                }
                case ContainerAction.Expire expire -> {
                    objects.delete(kind(CONTAINERS), key(container), Deletion.PLAIN.of(container.uid()));
                    recorder.normal(
                            about, Reason.SUCCESSFUL_DELETE, "Deleted: ttlAfterFinished has passed since it finished");
                }
                case ContainerAction.Release release -> release(container);
                case ContainerAction.Blocked blocked -> {
                    tellOnce(container, Reason.CONFLICT, blocked.message());
                    return Optional.of(new ContainerView.Trouble(Reason.CONFLICT.toString(), blocked.message(), true));
                }
                case ContainerAction.AwaitVolumes wait -> {
                    return Optional.of(
                            new ContainerView.Trouble(Reason.DEPENDENCY_NOT_READY.toString(), wait.message(), false));
                }
                case ContainerAction.Nothing nothing -> {}
                case ContainerAction.AwaitPodEnd awaitPodEnd -> {}
                case ContainerAction.AwaitPodStop awaitPodStop -> {}
                case ContainerAction.AwaitImage awaitImage -> {}
            }
            return Optional.empty();
        } catch (ApiException e) {
            return failed(action, container, e);
        }
    }

    /// Not acceptable, or out of order. Where somebody was faster, their write starts the next round.
    private Optional<ContainerView.Trouble> failed(ContainerAction action, ApiObject container, ApiException e) {
        if (e.code() == 409 || e.code() == 404 && !(action instanceof ContainerAction.CreatePod)) {
            return Optional.empty();
        }
        String message = String.valueOf(e.getMessage());
        boolean isInvalid = e.code() == 422 || e.code() == 400;
        if (action instanceof ContainerAction.CreatePod) {
            tellOnce(container, Reason.FAILED_CREATE, message);
        }
        return Optional.of(
                new ContainerView.Trouble(isInvalid ? Reason.INVALID_SPEC.toString() : e.reason(), message, isInvalid));
    }

    /// An event for trouble that the status does not tell yet.
    private void tellOnce(ApiObject container, Reason reason, String message) {
        boolean isKnown = Conditions.find(container.status(), "Ready")
                .filter(ready -> ready.message().equals(message))
                .isPresent();
        if (!isKnown) {
            recorder.warning(Involved.of(container), reason, message);
        }
    }

    private void release(ApiObject container) throws ApiException {
        images.forget(container);
        ObjectNode changes = ObjectCodec.json().createObjectNode();
        ObjectNode metadata = changes.putObject("metadata").put("resourceVersion", "" + container.resourceVersion());
        ArrayNode kept = metadata.putArray("finalizers");
        container.finalizers().stream().filter(each -> !each.equals(FINALIZER)).forEach(kept::add);
        objects.patch(kind(CONTAINERS), key(container), new Patch.Merge(changes), ENGINE);
    }

    private void report(
            ApiObject container, ObjectKey podKey, ContainerImage image, Optional<ContainerView.Trouble> trouble)
            throws ApiException {
        Optional<ApiObject> pod = own(container, podKey);
        Optional<ContainerFacts> known = pod.flatMap(found -> facts.container(found.uid(), ContainerPod.CONTAINER));
        ContainerView view = new ContainerView(container, pod, known, image, volumesMissing(container), trouble);
        objects.report(kind(CONTAINERS), container, ContainerStatusRenderer.render(view, clock.instant()));
    }

    private Optional<ApiObject> own(ApiObject container, ObjectKey podKey) {
        return objects.store().get(podKey).filter(found -> ContainerPod.isOwned(found, container));
    }

    private String volumesMissing(ApiObject container) {
        return missing(container, volumes(container));
    }

    /// What the pod that is has to stay for. A Volume that is deleted goes when no pod uses it; to wait for it with
    /// the pod that does would be to wait for ever.
    private String volumesAwaited(ApiObject container, Optional<ApiObject> pod) {
        Set<String> names = volumes(container);
        Set<String> used = pod.map(ContainerPod::claims).orElse(Set.of());
        names.removeIf(name -> used.contains(name)
                && objects.store()
                        .get(new ObjectKey(VOLUMES, container.namespace(), name))
                        .filter(volume -> volume.deletionTimestamp().isPresent())
                        .isPresent());
        return missing(container, names);
    }

    private String missing(ApiObject container, Set<String> names) {
        for (String name : names) {
            Optional<ApiObject> volume = objects.store().get(new ObjectKey(VOLUMES, container.namespace(), name));
            if (volume.isEmpty()) {
                return "Volume %s does not exist".formatted(name);
            }
            if (!Conditions.isTrue(volume.get().status(), "Ready")) {
                return "Volume %s is not ready".formatted(name);
            }
        }
        return "";
    }

    private Collection<ObjectKey> naming(ObjectKey source) {
        return objects.store().list(CONTAINERS, "").items().stream()
                .filter(container ->
                        ContainerImage.source(container).filter(source::equals).isPresent())
                .map(ContainerController::key)
                .toList();
    }

    private static Set<String> volumes(ApiObject container) {
        Set<String> names = new TreeSet<>();
        container.spec().path("volumes").forEach(volume -> {
            names.add(volume.at("/volume/name").asText());
            // The Volume of a claim has its name.
            names.add(volume.at("/persistentVolumeClaim/claimName").asText());
        });
        names.remove("");
        return names;
    }

    private Kind kind(GroupResource resource) {
        return objects.kinds().find(resource).orElseThrow();
    }

    private static ObjectKey key(ApiObject container) {
        return new ObjectKey(CONTAINERS, container.namespace(), container.name());
    }

    private static ObjectKey podKey(ApiObject pod) {
        return new ObjectKey(PODS, pod.namespace(), pod.name());
    }
}
