package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.image.PodImages;
import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.image.PodImages.Question;
import dev.slipway.actor.pod.Decision.Verdict;
import dev.slipway.actor.pod.Decision.Waiting;
import dev.slipway.actor.pod.PodFacts.ImageVolume;
import dev.slipway.actor.pod.PodRound.Tools;
import dev.slipway.actor.resolve.Containers;
import dev.slipway.actor.resolve.MissingReferenceException;
import dev.slipway.actor.resolve.NonRootRules;
import dev.slipway.actor.resolve.PodScope;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.ContainerRequest.ImageMount;
import dev.slipway.engine.runtime.ContainerRequest.Layer;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Gathers what a container needs before it can be made: its image, what its manifest refers to, the volumes
/// that its image declares. Used for one round.
final class Preparation {
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final Tools tools;
    private final ObjectKey key;
    private final WantedPod wanted;
    private final PodMemory memory;
    private final PodEvents events;

    Preparation(Tools tools, ObjectKey key, WantedPod wanted, PodMemory memory, PodEvents events) {
        this.tools = tools;
        this.key = key;
        this.wanted = wanted;
        this.memory = memory;
        this.events = events;
    }

    /// How gathering ended.
    sealed interface Prepared {
        record Ready(ContainerRequest request) implements Prepared {}

        /// Something will happen that makes another try worth it.
        record Lacking(Verdict.Waits waits) implements Prepared {}
    }

    /// @throws IOException when the host's disk fails
    Prepared prepare(PodScope scope, WantedContainer container, int attempt) throws IOException {
        Answer answer = ask(tools, key, scope.pod(), container, policy(container));
        return answer instanceof Answer.Present present ? prepare(scope, container, attempt, present) : lacking(answer);
    }

    private Prepared lacking(Answer answer) {
        return answer instanceof Answer.Failed failed
                ? new Prepared.Lacking(new Verdict.Waits(
                        new Waiting(failed.reason(), failed.message()), Optional.of(failed.retryAt())))
                : lacking(Waiting.usual(wanted));
    }

    /// What is known of the image of a container.
    static Answer ask(Tools tools, ObjectKey key, ApiObject pod, WantedContainer container, PullPolicy policy) {
        return ask(tools, key, pod, container.image(), policy);
    }

    /// What is known of an image that a pod needs.
    static Answer ask(Tools tools, ObjectKey key, ApiObject pod, String image, PullPolicy policy) {
        List<String> secrets = new ArrayList<>();
        for (JsonNode secret : pod.spec().path("imagePullSecrets")) {
            secrets.add(secret.path("name").asText());
        }
        return tools.images().ask(new Question(key, pod.uid(), image, policy, secrets, controller(pod)));
    }

    /// Why the image that a container shall run is not here yet; empty when it is.
    static Optional<Waiting> lacks(Tools tools, ObjectKey key, ApiObject pod, WantedContainer container) {
        return switch (ask(tools, key, pod, container, policy(container))) {
            case Answer.Present present -> Optional.empty();
            case Answer.Pulling pulling ->
                Optional.of(Waiting.of(Reason.PULLING, "Pulling image \"%s\"".formatted(container.image())));
            case Answer.Failed failed -> Optional.of(new Waiting(failed.reason(), failed.message()));
        };
    }

    private static String controller(ApiObject pod) {
        for (JsonNode owner : pod.metadata().path("ownerReferences")) {
            if (owner.path("controller").asBoolean()) {
                return owner.path("uid").asText();
            }
        }
        return "";
    }

    private Prepared prepare(PodScope scope, WantedContainer container, int attempt, Answer.Present present)
            throws IOException {
        try {
            Layer layer = layer(scope.pod(), container, present.image());
            if (layer == null) {
                // A volume may be ready before it is known that this pod waits for it.
                Instant again = tools.clock().instant().plus(LOOK_AGAIN);
                return new Prepared.Lacking(new Verdict.Waits(Waiting.usual(wanted), Optional.of(again)));
            }
            List<ImageMount> images = new ArrayList<>();
            for (Containers.ImageVolume volume : Containers.imageVolumes(scope, container.spec())) {
                PullPolicy policy = PodImages.policy(volume.pullPolicy());
                Answer answer = ask(tools, key, scope.pod(), volume.reference(), policy);
                if (!(answer instanceof Answer.Present there)) {
                    return lacking(answer);
                }
                images.add(new ImageMount(there.image(), volume.mountPath(), volume.subPath()));
            }
            ContainerRequest request = Containers.request(
                    scope,
                    container.spec(),
                    new Containers.Run(attempt, present.image(), layer, message(container, attempt), images));
            Optional<String> broken = NonRootRules.broken(
                    scope.pod(), request, present.image().config().parameters().user());
            if (broken.isPresent()) {
                return lacking(container, broken.get());
            }
            memory.isNews(container.name(), "");
            memory.stopSignal(
                    container.name(), present.image().config().parameters().stopSignal());
            return new Prepared.Ready(request);
        } catch (MissingReferenceException e) {
            return lacking(container, e.words());
        }
    }

    private Prepared lacking(WantedContainer container, String words) {
        if (memory.isNews(container.name(), words)) {
            events.failed(container, words);
        }
        return lacking(Waiting.of(Reason.CREATE_CONTAINER_CONFIG_ERROR, words));
    }

    private List<VolumeMount> message(WantedContainer container, int attempt) throws IOException {
        return new TerminationMessages(tools.runtime())
                .prepare(new PodUid(memory.uid()), container, attempt).stream().toList();
    }

    /// @return null when a volume of the image cannot be had yet
    private @Nullable Layer layer(ApiObject pod, WantedContainer container, LocalImage image) {
        if (!wanted.keepsLayer() || container.role() == WantedContainer.Role.EPHEMERAL) {
            return new Layer.PerAttempt();
        }
        List<ImageVolume> volumes = ImageVolumes.areWanted(pod) ? ImageVolumes.of(pod, container, image) : List.of();
        List<Layer.ImageVolume> mounts = new ArrayList<>();
        boolean areThere = true;
        for (ImageVolume volume : volumes) {
            areThere &= isThere(pod, container, volume);
            String directory = VolumeName.of(pod.namespace(), volume.volume()).value();
            mounts.add(new Layer.ImageVolume(volume.path(), directory));
        }
        if (!areThere) {
            return null;
        }
        memory.imageVolumes(container.name(), volumes);
        return new Layer.Kept(mounts);
    }

    private boolean isThere(ApiObject pod, WantedContainer container, ImageVolume volume) {
        ObjectKey volumeKey = ImageVolumes.key(pod, volume);
        memory.lookAt(volumeKey);
        try {
            Optional<ApiObject> found = tools.store().get(volumeKey);
            if (found.isEmpty()) {
                tools.writer().createVolume(pod.namespace(), ImageVolumes.object(pod, volume));
                return false;
            }
            if (ImageVolumes.isOurs(found.get(), pod)) {
                return isReady(container, found.get());
            }
            blame(container, "volume \"%s\" belongs to somebody else, or is being deleted".formatted(volume.volume()));
        } catch (ApiException e) {
            blame(container, "make volume \"%s\": %s".formatted(volume.volume(), e.getMessage()));
        }
        return false;
    }

    /// Its directory is made by whoever owns volumes, in their own time.
    private boolean isReady(WantedContainer container, ApiObject volume) {
        if (Conditions.isTrue(volume.status(), "Ready")) {
            return true;
        }
        Conditions.find(volume.status(), "Ready")
                .filter(condition -> !condition.message().isEmpty())
                .ifPresent(condition -> blame(
                        container, "volume \"%s\" is not ready: %s".formatted(volume.name(), condition.message())));
        return false;
    }

    private void blame(WantedContainer container, String message) {
        if (memory.isNews(container.name(), message)) {
            events.mountFailed(message);
        }
    }

    private static Prepared lacking(Waiting waiting) {
        return new Prepared.Lacking(new Verdict.Waits(waiting, Optional.empty()));
    }

    private static PullPolicy policy(WantedContainer container) {
        return PodImages.policy(container.spec().path("imagePullPolicy").asText());
    }
}
