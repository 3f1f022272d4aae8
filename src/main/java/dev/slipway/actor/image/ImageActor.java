package dev.slipway.actor.image;

import dev.slipway.actor.registry.PullSecrets;
import dev.slipway.actor.registry.RegistryController;
import dev.slipway.actor.registry.RegistryReach;
import dev.slipway.actor.registry.RegistryServers;
import dev.slipway.actor.space.CollectionSettings;
import dev.slipway.actor.space.ImageCollector;
import dev.slipway.actor.space.Inventory;
import dev.slipway.actor.space.Leftovers;
import dev.slipway.actor.space.RepositoryCollector;
import dev.slipway.actor.tag.PushChecks;
import dev.slipway.actor.tag.TagFollows;
import dev.slipway.actor.tag.TagPushes;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.archive.ImageArchives;
import dev.slipway.engine.build.ImageBuilder;
import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.repository.Repositories;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// This room as `app` sees it: its controllers, and where pods ask for their images.
///
/// ```
/// new ImageActor(parts, controllers::touch) -> controllers() into Controllers -> ... -> close()
/// ```
///
/// Nothing happens before the first round or question.
public final class ImageActor implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(ImageActor.class);

    /// As Kubernetes waits between pulls.
    private static final Backoff BACKOFF =
            new Backoff(Duration.ofSeconds(10), Duration.ofMinutes(5), () -> ThreadLocalRandom.current()
                    .nextDouble());

    /// What it works with.
    ///
    /// @param registry gets the settings that `Registry` objects say
    /// @param servers serve what `Registry` objects say
    /// @param collection when images that nobody needs go
    public record Parts(
            ObjectApi objects,
            EventRecorder events,
            Schedule schedule,
            Images images,
            ImagePusher pusher,
            ImageBuilder builder,
            ImageArchives archives,
            RegistryClient registry,
            Repositories repositories,
            RegistryServers servers,
            Collection collection) {}

    /// When images that nobody needs go.
    ///
    /// @param gauge of the file system that they lie on
    /// @param interval between two looks
    public record Collection(CollectionSettings settings, FileSystemSpace.Gauge gauge, Duration interval) {
        /// How often the kubelet looks.
        public static final Duration USUAL_INTERVAL = Duration.ofMinutes(5);
    }

    private final ImageErrands errands;
    private final TagFollows follows;
    private final TagPushes pushes;
    private final PushChecks checks;
    private final PushedTags pushed;
    private final ImageGarbage garbage;
    private final PodImageDesk desk;
    private final Leftovers leftovers;
    private final RepositoryCollector repositories;
    private final ImageCollector collector;
    private final List<Controller> controllers;

    /// @param touched called with the key of a Pod, Image, Tag or Registry of which something has changed that the
    ///     store does not know
    public ImageActor(Parts parts, Consumer<ObjectKey> touched) {
        this(parts, touched, BACKOFF);
    }

    ImageActor(Parts parts, Consumer<ObjectKey> touched, Backoff backoff) {
        ObjectStore store = parts.objects().store();
        LocalNames names = new LocalNames(store, parts.images());
        PullSecrets secrets = new PullSecrets(store);
        ImplicitImages implicit = new ImplicitImages(parts.objects(), parts.images(), names, touched);
        RegistryReach reach = new RegistryReach(parts.registry()::rateLimit, host -> touch(store, host, touched));
        PodImageDesk.Tools tools = new PodImageDesk.Tools(
                parts.images(),
                names,
                secrets,
                new PodEvents(store, parts.events()),
                new PullMeter.Meters(implicit::show, parts.schedule()),
                implicit::show,
                reach);
        desk = new PodImageDesk(tools, parts.schedule(), backoff, touched);
        Supplier<ImageUsers> users = () -> ImageUsers.of(store, parts.images(), desk::promised);
        errands = new ImageErrands(parts.schedule().workers(), this::begun, key -> ended(key, touched));
        ImageSources sources = new ImageSources(store, parts.images(), names, desk::trouble);
        follows = new TagFollows(
                new TagFollows.Tools(
                        parts.images(),
                        parts.registry(),
                        parts.repositories(),
                        parts.schedule(),
                        backoff,
                        reach::asked,
                        this::making),
                touched);
        pushed = new PushedTags(parts.objects(), parts.repositories(), names, follows, touched);
        parts.repositories().listen(name -> parts.schedule().workers().execute(() -> pushed.changed(name)));
        pushes = new TagPushes(parts.pusher(), parts.schedule(), backoff, touched);
        checks = new PushChecks(name -> found(parts.pusher(), name, reach), parts.schedule(), touched);
        garbage = new ImageGarbage(
                store, parts.images(), users, new ImageGarbage.Sights(this::made, sources::buildsOn, implicit::gone));
        Supplier<ImageNeeds> needs = () -> ImageNeeds.of(store, users.get(), sources::buildsOn);
        leftovers = leftovers(parts, garbage);
        repositories = new RepositoryCollector(
                parts.repositories(),
                parts.images()::free,
                garbage::needed,
                work -> garbage.unlessMaking(work::run),
                parts.schedule().clock());
        collector = new ImageCollector(
                new ImageCollector.Tools(
                        store,
                        parts.events(),
                        parts.schedule(),
                        parts.collection().settings(),
                        leftovers,
                        repositories,
                        parts.collection().gauge(),
                        parts.collection().interval()),
                () -> inventory(store, parts.images(), needs.get(), touched),
                name -> touched.accept(ImageObjects.imageKey(name)));
        ImageRoom room = new ImageRoom(
                errands,
                new ImageErrandWork(
                        tools,
                        store,
                        parts.builder(),
                        parts.archives(),
                        new ImageErrandWork.Telling(
                                parts.events(), backoff, parts.schedule().clock())),
                garbage,
                sources,
                names,
                tools.meters(),
                users,
                needs,
                collector,
                implicit,
                touched,
                name -> {
                    implicit.retire(name);
                    desk.changed(name);
                });
        controllers = List.of(
                new ImageController(parts, room),
                new TagController(parts, room, follows, new TagController.Publishing(pushes, checks)),
                new RegistryController(new RegistryController.Parts(
                        parts.objects(),
                        parts.registry(),
                        parts.servers(),
                        parts.repositories(),
                        reach,
                        host -> changed(store, host, touched),
                        parts.schedule().clock())),
                new PullSecretController(store, desk, room));
    }

    /// The registry of that host is reached otherwise now: what failed there is tried again.
    private void changed(ObjectStore store, String host, Consumer<ObjectKey> touched) {
        pushes.changed(host);
        follows.changed(host);
        desk.changed(host);
        for (ApiObject image : store.list(ImageObjects.IMAGES, "").items()) {
            boolean isThere = !ImageObjects.isMadeHere(image)
                    && ImageObjects.ownName(image)
                            .filter(name -> name.repository().host().equals(host))
                            .isPresent();
            if (isThere && errands.forgive(ImageObjects.imageKey(image.name()))) {
                touched.accept(ImageObjects.imageKey(image.name()));
            }
        }
    }

    private static Optional<Digest> found(ImagePusher pusher, Reference name, RegistryReach reach) throws IOException {
        try {
            Optional<Digest> found = pusher.find(name, Keyring.EMPTY);
            reach.asked(name, null);
            return found;
        } catch (IOException e) {
            reach.asked(name, e);
            throw e;
        }
    }

    private Inventory inventory(ObjectStore store, Images images, ImageNeeds needs, Consumer<ObjectKey> touched) {
        ImageInventory inventory =
                new ImageInventory(store.list(ImageObjects.IMAGES, "").items());
        inventory.outdated(needs).forEach(touched);
        List<ApiObject> candidates = inventory.candidates(needs);
        Set<ObjectKey> leaving = candidates.stream()
                .map(candidate -> ImageObjects.imageKey(candidate.name()))
                .collect(Collectors.toSet());
        return inventory.of(candidates, images.list(), garbage.keptWithout(leaving));
    }

    private static Leftovers leftovers(Parts parts, ImageGarbage garbage) {
        return new Leftovers() {
            @Override
            public void tidy(Instant before) throws IOException {
                int steps = parts.builder().forgetSteps(before);
                if (steps > 0) {
                    LOG.infof("notes of build steps removed count=%d", steps);
                }
                garbage.unlessMaking(this::sweep);
            }

            @Override
            public void release() throws IOException {
                garbage.unlessMaking(() -> {
                    parts.builder().releaseAll();
                    sweep();
                });
            }

            private void sweep() throws IOException {
                int count = parts.images().sweep();
                if (count > 0) {
                    LOG.infof("content without an owner removed count=%d", count);
                }
            }
        };
    }

    private void making(boolean begins) {
        if (begins) {
            garbage.making();
        } else {
            garbage.made();
        }
    }

    /// What was made and no object may show yet, and what something is made from now.
    private Set<Digest> made() {
        Set<Digest> made = new HashSet<>(errands.claimed());
        made.addAll(follows.seen());
        return made;
    }

    private void begun() {
        garbage.making();
    }

    private void ended(ObjectKey image, Consumer<ObjectKey> touched) {
        garbage.made();
        touched.accept(image);
        collector.look();
    }

    private static void touch(ObjectStore store, String host, Consumer<ObjectKey> touched) {
        store.list(ImageObjects.REGISTRIES, "").items().stream()
                .filter(registry -> registry.spec().path("host").asText().equals(host))
                .forEach(registry -> touched.accept(new ObjectKey(ImageObjects.REGISTRIES, "", registry.name())));
    }

    /// Whether an object that makes images has a name, so that no registry is asked for it.
    public static Predicate<Reference> takenNames(ObjectStore store, Images images) {
        return new LocalNames(store, images)::isTaken;
    }

    /// Whether somebody has declared that an image has a name, so that registries of this host show it under that.
    public static Predicate<Reference> declaredNames(ObjectStore store, Images images) {
        return new LocalNames(store, images)::isDeclared;
    }

    /// The controllers of Images, Tags, Registries, and of the Secrets that pulls use.
    public List<Controller> controllers() {
        return controllers;
    }

    /// Makes Tags of what was pushed while nobody looked, and looks now and then for images that are to go; called
    /// once the controllers run.
    public void start() {
        pushed.recover();
        collector.start();
    }

    /// What no image has.
    public Leftovers leftovers() {
        return leftovers;
    }

    /// What repositories lose.
    public RepositoryCollector repositories() {
        return repositories;
    }

    /// What goes when nobody needs it.
    public ImageCollector collector() {
        return collector;
    }

    public PodImages podImages() {
        return desk;
    }

    /// Ends pulls and builds that run; what they brought is not visible.
    @Override
    public void close() {
        collector.close();
        follows.close();
        pushes.close();
        checks.close();
        errands.close();
        desk.close();
    }
}
