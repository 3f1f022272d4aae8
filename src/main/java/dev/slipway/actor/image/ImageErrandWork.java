package dev.slipway.actor.image;

import dev.slipway.actor.build.BuildPlan;
import dev.slipway.actor.image.ImageErrands.End;
import dev.slipway.actor.image.ImageErrands.Errand;
import dev.slipway.actor.image.ImageErrands.Purpose;
import dev.slipway.actor.registry.PullSecrets;
import dev.slipway.actor.registry.RegistryReach;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.PrintableText;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.ImageSpec;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Pause;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.archive.ArchiveFormat;
import dev.slipway.engine.archive.ImageArchives;
import dev.slipway.engine.build.BuildOutcome;
import dev.slipway.engine.build.BuildProgress;
import dev.slipway.engine.build.BuildRequest;
import dev.slipway.engine.build.ImageBuilder;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Keyring;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What errands of Images do. Blocking; called on the errand's thread.
final class ImageErrandWork {
    /// What a Container's one container is called in its pod.
    private static final String MAIN = "main";

    private static final int LONGEST_MESSAGE = 1024;

    private final Images images;
    private final ImageBuilder builder;
    private final ImageArchives archives;
    private final ObjectStore store;
    private final LocalNames names;
    private final PullSecrets secrets;
    private final PullMeter.Meters meters;
    private final RegistryReach reach;
    private final Telling telling;

    /// How ends are told and tries are spread.
    record Telling(EventRecorder events, Backoff backoff, InstantSource clock) {}

    ImageErrandWork(
            PodImageDesk.Tools tools,
            ObjectStore store,
            ImageBuilder builder,
            ImageArchives archives,
            Telling telling) {
        this.telling = telling;
        this.store = store;
        this.archives = archives;
        this.images = tools.images();
        this.builder = builder;
        this.names = tools.names();
        this.secrets = tools.secrets();
        this.meters = tools.meters();
        this.reach = tools.heard();
    }

    End pull(ImageSpec.Pull pull, Reference reference) {
        ImageSpec.SecretName secret = pull.secretRef();
        Keyring keyring = Keyring.EMPTY;
        if (secret != null) {
            String namespace = Objects.requireNonNullElse(secret.namespace(), "default");
            String name = Objects.requireNonNullElse(secret.name(), "");
            PullSecrets.Keys keys = secrets.keys(List.of(PullSecrets.key(namespace, name)));
            if (!keys.problems().isEmpty()) {
                return new End.Failed(keys.problems().getFirst(), Duration.ZERO);
            }
            keyring = keys.keyring();
        }
        Platform platform = platform(pull.platform());
        return pulled(new PullRequest(reference, platform, keyring, PullPolicy.IF_NOT_PRESENT));
    }

    private End pulled(PullRequest request) {
        return switch (pull(request)) {
            case PullOutcome.AlreadyPresent here -> new End.Done(here.image(), "");
            case PullOutcome.Pulled pulled ->
                new End.Done(
                        pulled.image(),
                        "Successfully pulled image \"%s\" in %s. Image size: %d bytes."
                                .formatted(
                                        request.reference().familiar(),
                                        PodEvents.words(pulled.took()),
                                        pulled.image().packedBytes()));
            case PullOutcome.Failed failed ->
                new End.Failed(failed.message(), failed.retryAfter().orElse(Duration.ZERO));
        };
    }

    private PullOutcome pull(PullRequest request) {
        try (PullMeter.Meters.Part part = meters.open(request.reference())) {
            PullOutcome outcome = images.pull(request, part.meter());
            reach.heard(request.reference(), outcome);
            return outcome;
        }
    }

    static Platform platform(@Nullable String text) {
        return Optional.ofNullable(text).flatMap(Platform::parse).orElseGet(Platform::host);
    }

    End build(ApiObject object, ImageView.Recipe.Known recipe, BuildProgress progress) {
        Map<String, LocalImage> needed = new HashMap<>();
        for (String name : recipe.plan().images()) {
            End end = base(name, recipe.images().get(name));
            if (!(end instanceof End.Done done)) {
                return end;
            }
            needed.put(name, done.image());
        }
        Map<String, List<String>> triggers = ImageSources.triggers(recipe.plan(), needed);
        boolean areRun = recipe.plan().triggers().areRun();
        if (areRun && !triggers.equals(recipe.plan().triggers().byImage())) {
            // They came with an image that was pulled only now, and are to be planned.
            return new End.Outdated();
        }
        BuildRequest request = new BuildRequest(
                object.uid(),
                recipe.plan().stages(),
                needed,
                ownNames(object),
                recipe.plan().useCache(),
                recipe.plan().limits());
        return switch (builder.build(request, progress)) {
            case BuildOutcome.Built built ->
                new End.Done(built.image(), words(built) + (areRun ? "" : leftOut(triggers)));
            case BuildOutcome.Failed failed -> new End.Failed(PrintableText.lines(failed.message()), Duration.ZERO);
            case BuildOutcome.Interrupted interrupted -> new End.Failed("interrupted", Duration.ZERO);
        };
    }

    /// What a build is given for a name: what the round found, once its registry's policy is held; else what the
    /// registry has.
    private End base(String name, @Nullable Digest found) {
        Optional<LocalImage> here = Optional.ofNullable(found).flatMap(images::find);
        if (here.isEmpty() && found != null) {
            // It was taken away between the look and the claim.
            return new End.Outdated();
        }
        String object = BuildPlan.objectOf(name);
        if (!object.isEmpty()) {
            return here.isPresent() ? ofObject(object, here.get()) : new End.Outdated();
        }
        Reference reference = ImageObjects.parse(name).orElseThrow();
        boolean isMadeHere = reference.pin().isEmpty() && names.isTaken(reference);
        return here.isPresent() && (isMadeHere || images.isKnownGood(reference, here.get()))
                ? new End.Done(here.get(), "")
                : pulled(new PullRequest(reference));
    }

    /// An Image that was pulled may have come before its registry asked for signatures.
    private End ofObject(String name, LocalImage image) {
        ImageSpec.Pull pull = store.get(ImageObjects.imageKey(name))
                .map(object -> ImageObjects.source(object).pull())
                .orElse(null);
        Optional<Reference> origin =
                Optional.ofNullable(pull).flatMap(source -> ImageObjects.parse(String.valueOf(source.reference())));
        return pull == null || origin.isEmpty() || images.isKnownGood(origin.get(), image)
                ? new End.Done(image, "")
                : pull(pull, origin.get().pinned(image.digest()));
    }

    /// From files, or from what a container has written.
    End take(ApiObject object) {
        ImageSpec.Source source = ImageObjects.source(object);
        try {
            LocalImage image = source.archive() != null
                    ? archives.take(
                            Path.of(Objects.requireNonNull(source.archive().path())),
                            ArchiveFormat.of(Objects.requireNonNull(
                                            source.archive().format()))
                                    .orElseThrow(),
                            ownNames(object))
                    : commit(Objects.requireNonNull(source.commit()), ownNames(object));
            return new End.Done(image, "Imported image " + image.digest());
        } catch (IOException e) {
            return new End.Failed(legible(Objects.requireNonNullElse(e.getMessage(), e.toString())), Duration.ZERO);
        }
    }

    /// Archives have a say in messages, and an event holds only so much.
    private static String legible(String message) {
        String line = PrintableText.line(message);
        return line.length() <= LONGEST_MESSAGE ? line : line.substring(0, LONGEST_MESSAGE - 3) + "...";
    }

    private LocalImage commit(ImageSpec.Commit commit, Set<Reference> names) throws IOException {
        ImageSpec.ContainerReference reference = Objects.requireNonNull(commit.containerRef());
        String namespace = Objects.requireNonNullElse(reference.namespace(), "default");
        String name = Objects.requireNonNullElse(reference.name(), "");
        String words = "Container %s/%s".formatted(namespace, name);
        Optional<LocalImage> base = store.get(new ObjectKey(ImageObjects.CONTAINERS, namespace, name))
                .flatMap(container ->
                        Digest.parse(container.status().at("/image/digest").asText()))
                .flatMap(images::find);
        Optional<ApiObject> pod = store.get(new ObjectKey(ImageObjects.PODS, namespace, name));
        if (base.isEmpty() || pod.isEmpty()) {
            throw new IOException(words + " is not there, or has not been created yet");
        }
        return builder.commit(
                base.get(),
                new ImageBuilder.Written(
                        new PodUid(pod.get().uid()), MAIN, "commit of container %s/%s".formatted(namespace, name)),
                names);
    }

    /// What is remembered of an errand, and told.
    Optional<Errand> noted(ImageView view, Purpose purpose, End end, int failures) {
        Involved about = Involved.of(view.object());
        return switch (end) {
            case End.Done done -> {
                boolean isNew = !done.image()
                        .digest()
                        .value()
                        .equals(view.object().status().path("digest").asText());
                if (isNew && !done.words().isEmpty()) {
                    telling.events().normal(about, good(view.source()), done.words());
                }
                yield Optional.of(new Errand.Done(purpose, done.image()));
            }
            case End.Failed failed -> {
                telling.events().warning(about, bad(view.source()), failed.message());
                Duration wait = telling.backoff().after(failures + 1);
                Duration longer = failed.pause().compareTo(wait) > 0 ? failed.pause() : wait;
                yield Optional.of(new Errand.Failed(
                        purpose,
                        failed.message(),
                        failures + 1,
                        Pause.of(telling.clock().instant(), longer)));
            }
            case End.Outdated outdated -> Optional.empty();
        };
    }

    private static Reason good(ImageView.Source source) {
        return switch (source) {
            case ImageView.Source.Built built -> Reason.BUILT;
            case ImageView.Source.Taken taken -> Reason.IMPORTED;
            default -> Reason.PULLED;
        };
    }

    private static Reason bad(ImageView.Source source) {
        return switch (source) {
            case ImageView.Source.Built built -> Reason.BUILD_FAILED;
            case ImageView.Source.Taken taken -> Reason.IMPORT_FAILED;
            default -> Reason.FAILED;
        };
    }

    /// Nobody needs what was built: layers that only the next build would use go.
    void releaseBuilds(ApiObject object) {
        builder.release(object.uid());
    }

    /// There will be no further build for an object.
    void forgetBuilds(ApiObject object) throws IOException {
        builder.forget(object.uid());
    }

    /// A name that a Tag has is the Tag's.
    private Set<Reference> ownNames(ApiObject object) {
        Optional<Reference> own = ImageObjects.ownName(object);
        return own.isPresent() && names.tag(own.get()).isEmpty() ? Set.of(own.get()) : Set.of();
    }

    /// What was not done, though the image on which another was built has it for a Dockerfile.
    private static String leftOut(Map<String, List<String>> triggers) {
        StringBuilder words = new StringBuilder();
        triggers.forEach((name, texts) -> words.append("; ONBUILD triggers of ")
                .append(name)
                .append(" are for a Dockerfile and were not run: ")
                .append(texts.size()));
        return words.toString();
    }

    private static String words(BuildOutcome.Built built) {
        int layers = built.image().layers().size();
        return "Built image %s in %s: %d layers, %d of them made now"
                .formatted(built.image().digest(), PodEvents.words(built.took()), layers, built.layersMade());
    }
}
