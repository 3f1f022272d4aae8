package dev.slipway.actor.image;

import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.snapshot.LayerFacts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Images without disk and registry: pulls end as the test has said.
final class PlayedImages implements Images {
    private final List<LocalImage> present = new ArrayList<>();
    private final Deque<PullOutcome> outcomes = new ArrayDeque<>();
    final List<PullRequest> pulls = new ArrayList<>();
    final List<Set<Digest>> lost = new ArrayList<>();
    /// Runs after a name was looked up.
    Runnable looked = () -> {};

    /// An image without layers.
    static LocalImage image(String content, Reference... names) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        Descriptor config = Descriptor.of(MediaType.OCI_CONFIG, bytes);
        return new LocalImage(
                Descriptor.of(MediaType.OCI_MANIFEST, bytes),
                new ImageManifest(config, List.of()),
                new ImageConfig(Platform.host(), null, RunParameters.EMPTY, List.of(), List.of()),
                Set.of(),
                Set.of(names));
    }

    void add(LocalImage image) {
        present.add(image);
    }

    /// The next pull brings the image.
    void brings(LocalImage image) {
        outcomes.add(new PullOutcome.Pulled(image, 1, Duration.ofMillis(5)));
    }

    void fails(PullOutcome.Reason reason, Optional<Duration> retryAfter) {
        outcomes.add(new PullOutcome.Failed(reason, "pull failed on purpose", retryAfter));
    }

    @Override
    public Optional<LocalImage> find(Reference reference) {
        Optional<LocalImage> found = present.stream()
                .filter(image -> reference.pin().isPresent()
                        ? reference.pin().get().equals(image.digest())
                        : image.names().contains(reference))
                .findFirst();
        looked.run();
        return found;
    }

    @Override
    public Optional<LocalImage> find(Digest digest) {
        return present.stream().filter(image -> image.digest().equals(digest)).findFirst();
    }

    @Override
    public List<LocalImage> list() {
        return List.copyOf(present);
    }

    @Override
    public List<LayerFacts> survey(LocalImage image) {
        return List.of();
    }

    @Override
    public PullOutcome pull(PullRequest request, PullProgress progress) {
        pulls.add(request);
        PullOutcome outcome = outcomes.remove();
        if (outcome instanceof PullOutcome.Pulled pulled) {
            add(pulled.image());
        }
        return outcome;
    }

    @Override
    public LocalImage register(Descriptor manifest, Set<Reference> names, Collection<LocalImage> sources) {
        throw new IllegalStateException("nothing is built here");
    }

    @Override
    public boolean name(Reference name, Digest digest) {
        throw new IllegalStateException("nothing is named here");
    }

    @Override
    public boolean unname(Reference name) {
        throw new IllegalStateException("nothing is named here");
    }

    @Override
    public boolean removeUnless(Digest digest, Predicate<LocalImage> needed) {
        return present.removeIf(image -> image.digest().equals(digest) && !needed.test(image));
    }

    @Override
    public void forgetLost(Predicate<Set<Digest>> used) {
        lost.removeIf(used.negate());
    }

    @Override
    public void giveUpAllBut(Set<Reference> wanted) {}

    @Override
    public int sweep() {
        return 0;
    }

    @Override
    public void free(Set<Digest> candidates) {}
}
