package dev.slipway.actor.pod;

import dev.slipway.actor.pod.PodFacts.ImageVolume;
import dev.slipway.actor.probe.Probe;
import dev.slipway.actor.probe.ProbeReader;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.runtime.SandboxRequest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the engine remembers of one pod between rounds. Used by the pod's one worker only.
final class PodMemory {
    private final String uid;
    private PodHistory history;
    private boolean hasEnded;
    private @Nullable SandboxRequest ensured;
    private final Map<String, List<ImageVolume>> imageVolumes = new HashMap<>();
    private final Map<String, String> stopSignals = new HashMap<>();
    private final Map<Digest, Optional<Probe>> imageChecks = new HashMap<>();
    private Set<String> followers = Set.of();
    private final Set<String> said = new HashSet<>();
    private final Set<ObjectKey> references = new HashSet<>();

    PodMemory(String uid, PodHistory history) {
        this.uid = uid;
        this.history = history;
    }

    /// Nothing of the pod is left on this node.
    void end() {
        hasEnded = true;
    }

    boolean hasEnded() {
        return hasEnded;
    }

    String uid() {
        return uid;
    }

    PodHistory history() {
        return history;
    }

    void remember(PodHistory changed) {
        history = changed;
    }

    /// Whether the runtime was asked for this very sandbox last.
    boolean isEnsured(SandboxRequest request) {
        return request.equals(ensured);
    }

    void ensured(SandboxRequest request) {
        ensured = request;
    }

    List<ImageVolume> imageVolumes(String container) {
        return imageVolumes.getOrDefault(container, List.of());
    }

    void imageVolumes(String container, List<ImageVolume> volumes) {
        imageVolumes.put(container, volumes);
    }

    /// The signal that the image of a container wants to be stopped by, or null when the engine has not seen it
    /// start.
    @Nullable
    String stopSignal(String container) {
        return stopSignals.get(container);
    }

    void stopSignal(String container, String signal) {
        stopSignals.put(container, signal);
    }

    /// Whether a container was asked by what its image says, when the pod was last looked at.
    boolean followsImage(String container) {
        return followers.contains(container);
    }

    void follow(Set<String> containers) {
        followers = Set.copyOf(containers);
    }

    /// What an image says about asking its containers.
    ///
    /// @param find empty while the image is not here
    Optional<Probe> imageCheck(Digest image, Function<Digest, Optional<LocalImage>> find) {
        if (!imageChecks.containsKey(image)) {
            find.apply(image)
                    .ifPresent(found -> imageChecks.put(
                            image, ProbeReader.ofImage(found.config().parameters())));
        }
        return imageChecks.getOrDefault(image, Optional.empty());
    }

    /// Notes an object that the pod depends on although its manifest does not name it.
    void lookAt(ObjectKey object) {
        references.add(object);
    }

    Set<ObjectKey> lookedAt() {
        return Set.copyOf(references);
    }

    /// Whether this trouble is not the same as in the round before; a round that has none of `topic` says so by
    /// an empty message.
    boolean isNews(String topic, String message) {
        said.removeIf(each -> each.startsWith(topic + "\0") && !each.equals(topic + "\0" + message));
        return !message.isEmpty() && said.add(topic + "\0" + message);
    }
}
