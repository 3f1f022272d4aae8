package dev.slipway.actor.image;

import dev.slipway.actor.registry.PullSecrets;
import dev.slipway.actor.registry.RegistryReach;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.desired.reconcile.Pause;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Where pods ask for their images. What each pod was told last is kept in memory; after a start of the engine pods
/// ask again. Safe for use by many threads: one lock guards what was told, and nothing slow is done under it.
///
/// ```
/// ask -> Pulling ........ touch, ask -> Failed ErrImagePull .. touch, ask -> Failed ImagePullBackOff
///        |== errand ====|                                                     .. touch, ask -> Pulling
/// ```
final class PodImageDesk implements PodImages, AutoCloseable {
    private static final Logger LOG = Logger.getLogger(PodImageDesk.class);

    /// How long `ErrImagePull` is said before it becomes `ImagePullBackOff`.
    private static final Duration ERROR_SHOWN = Duration.ofSeconds(3);
    private static final PullOutcome.Failed INTERNAL = new PullOutcome.Failed(
            PullOutcome.Reason.DISK, "internal error, which the log of the engine tells", Optional.empty());
    private static final Duration LOOK_AGAIN = Duration.ofMinutes(5);

    /// What the desk works with.
    ///
    /// @param appeared called with the name of an image that a pod asks for or has got, before anything is pulled
    /// @param heard called with how a pull went
    record Tools(
            Images images,
            LocalNames names,
            PullSecrets secrets,
            PodEvents events,
            PullMeter.Meters meters,
            Consumer<Reference> appeared,
            RegistryReach heard) {}

    private final Tools tools;
    private final Schedule schedule;
    private final Backoff backoff;
    private final Consumer<ObjectKey> touched;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Slot, State> states = new HashMap<>();

    PodImageDesk(Tools tools, Schedule schedule, Backoff backoff, Consumer<ObjectKey> touched) {
        this.tools = tools;
        this.schedule = schedule;
        this.backoff = backoff;
        this.touched = touched;
    }

    /// Which image of which pod.
    private record Slot(String uid, String image) {}

    /// What a pod was told last.
    private sealed interface State {
        Question question();

        record Pulling(Question question, Reference name, FutureTask<?> errand, int failures) implements State {}

        /// @param pulled by this pod's own question
        record Present(Question question, Digest digest, boolean pulled) implements State {}

        /// Somebody else makes the image.
        record Awaiting(Question question, Reference name) implements State {}

        /// @param name null for a name that is none
        /// @param reason of the first answers; later ones say that there is a back-off
        record Failed(
                Question question, @Nullable Reference name, Reason reason, String message, int failures, Pause pause)
                implements State {}
    }

    @Override
    public Optional<LocalImage> find(Digest image) {
        return tools.images().find(image);
    }

    @Override
    public Answer ask(Question question) {
        Slot slot = new Slot(question.uid(), question.image());
        State state = state(slot);
        Instant now = schedule.clock().instant();
        return switch (state) {
            case State.Pulling pulling -> new Answer.Pulling();
            case State.Present present -> {
                Optional<LocalImage> image = tools.images().find(present.digest());
                yield image.isPresent() ? new Answer.Present(image.get(), present.pulled()) : anew(slot, question, 0);
            }
            case State.Failed failed when !failed.pause().isOver(now) -> told(failed, now);
            case State.Failed failed -> anew(slot, question, failed.failures());
            case State.Awaiting awaiting -> anew(slot, question, 0);
            case null -> anew(slot, question, 0);
        };
    }

    private Answer.Failed told(State.Failed failed, Instant now) {
        boolean backsOff = failed.reason() == Reason.ERR_IMAGE_PULL
                && !now.isBefore(failed.pause().begin().plus(ERROR_SHOWN));
        Reason reason = backsOff ? Reason.IMAGE_PULL_BACK_OFF : failed.reason();
        String message = backsOff
                ? "Back-off pulling image \"%s\": %s: %s"
                        .formatted(failed.question().image(), Reason.ERR_IMAGE_PULL, failed.message())
                : failed.message();
        return new Answer.Failed(reason.toString(), message, failed.pause().end());
    }

    /// Answers a question that is asked for the first time, or again.
    private Answer anew(Slot slot, Question question, int failures) {
        Reference name;
        try {
            name = Reference.parse(question.image());
        } catch (InvalidReferenceException e) {
            return invalid(slot, question, e);
        }
        return switch (tools.names().owner(name)) {
            case LocalNames.Owner.Here here
            when name.pin().isPresent() -> offered(slot, question, name, here.image(), failures);
            case LocalNames.Owner.Here here -> present(slot, question, name, here.image());
            case LocalNames.Owner.Awaited awaited -> awaited(slot, question, name, awaited);
            case LocalNames.Owner.Nobody nobody -> {
                boolean isHeir = state(new Slot(question.heirOf(), question.image())) instanceof State.Present;
                Optional<LocalImage> here = question.policy() == PullPolicy.ALWAYS && !isHeir
                        ? Optional.empty()
                        : tools.images().find(name).filter(image -> Platform.host()
                                .runs(image.config().platform()));
                yield here.isPresent()
                        ? offered(slot, question, name, here.get(), failures)
                        : absent(slot, question, name, failures);
            }
        };
    }

    /// A registry may enforce signatures that nobody has looked for yet, or not with the key that it has now.
    private Answer offered(Slot slot, Question question, Reference name, LocalImage image, int failures) {
        return tools.images().isKnownGood(name, image)
                ? present(slot, question, name, image)
                : pull(slot, question, name, failures);
    }

    private Answer present(Slot slot, Question question, Reference name, LocalImage image) {
        put(slot, new State.Present(question, image.digest(), false));
        if (tools.images().find(image.digest()).isEmpty()) {
            // It was taken away between the look and the promise.
            return absent(slot, question, name, 0);
        }
        schedule.workers().execute(() -> tools.appeared().accept(name));
        tools.events().present(question);
        return new Answer.Present(image, false);
    }

    private Answer absent(Slot slot, Question question, Reference name, int failures) {
        if (question.policy() != PullPolicy.NEVER) {
            return pull(slot, question, name, failures);
        }
        String message = tools.events().neverPull(question);
        return failed(slot, question, name, Reason.ERR_IMAGE_NEVER_PULL, message);
    }

    private Answer invalid(Slot slot, Question question, InvalidReferenceException why) {
        String message = tools.events().invalidName(question, why);
        return failed(slot, question, null, Reason.INVALID_IMAGE_NAME, message);
    }

    /// A failure that is no pull's: only something else's change can help, and that touches the pod.
    private Answer failed(Slot slot, Question question, @Nullable Reference name, Reason reason, String message) {
        Instant now = schedule.clock().instant();
        State.Failed failed = new State.Failed(question, name, reason, message, 0, Pause.of(now, LOOK_AGAIN));
        put(slot, failed);
        return told(failed, now);
    }

    private Answer awaited(Slot slot, Question question, Reference name, LocalNames.Owner.Awaited awaited) {
        put(slot, new State.Awaiting(question, name));
        Instant again = schedule.clock().instant().plus(LOOK_AGAIN);
        return awaited.stalled()
                ? new Answer.Failed(Reason.ERR_IMAGE_PULL.toString(), awaited.message(), again)
                : new Answer.Pulling();
    }

    private Answer pull(Slot slot, Question question, Reference name, int failures) {
        FutureTask<?> errand = new FutureTask<>(() -> run(slot, question, name, failures), null);
        lock.lock();
        try {
            if (states.get(slot) instanceof State.Pulling) {
                return new Answer.Pulling();
            }
            states.put(slot, new State.Pulling(question, name, errand, failures));
        } finally {
            lock.unlock();
        }
        tools.events().pulling(question);
        schedule.workers().execute(errand);
        return new Answer.Pulling();
    }

    /// The errand: the root of its thread, so that no bug leaves a pod waiting for ever.
    private void run(Slot slot, Question question, Reference name, int failures) {
        try {
            tools.appeared().accept(name);
            fetch(slot, question, name, failures + 1);
            tools.appeared().accept(name);
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "pull failed image=%s pod=%s", question.image(), question.pod());
            missed(slot, question, name, INTERNAL, failures + 1);
        }
        touched.accept(question.pod());
    }

    /// @param attempt counted from 1
    private void fetch(Slot slot, Question question, Reference name, int attempt) {
        long start = System.nanoTime();
        PullSecrets.Keys keys = tools.secrets()
                .keys(question.pullSecrets().stream()
                        .map(secret -> PullSecrets.key(question.pod().namespace(), secret))
                        .toList());
        keys.problems().forEach(problem -> tools.events().secretProblem(question, problem));
        PullOutcome outcome;
        try (PullMeter.Meters.Part part = tools.meters().open(name)) {
            outcome = tools.images()
                    .pull(new PullRequest(name, Platform.host(), keys.keyring(), question.policy()), part.meter());
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        tools.heard().heard(name, outcome);
        switch (outcome) {
            case PullOutcome.Pulled pulled -> arrived(slot, question, pulled.image(), took);
            case PullOutcome.AlreadyPresent here -> arrived(slot, question, here.image(), took);
            case PullOutcome.Failed failed -> missed(slot, question, name, failed, attempt);
        }
    }

    private void arrived(Slot slot, Question question, LocalImage image, Duration took) {
        if (replace(slot, new State.Present(question, image.digest(), true))) {
            tools.events().pulled(question, image, took);
        }
    }

    private void missed(Slot slot, Question question, Reference name, PullOutcome.Failed outcome, int failures) {
        Instant now = schedule.clock().instant();
        Duration wait = backoff.after(failures);
        Duration asked = outcome.retryAfter().orElse(Duration.ZERO);
        Duration longer = asked.compareTo(wait) > 0 ? asked : wait;
        Reason reason = outcome.reason() == PullOutcome.Reason.UNVERIFIED
                ? Reason.SIGNATURE_VALIDATION_FAILED
                : Reason.ERR_IMAGE_PULL;
        State.Failed failed =
                new State.Failed(question, name, reason, outcome.message(), failures, Pause.of(now, longer));
        if (replace(slot, failed)) {
            tools.events().failed(question, outcome.message());
            Runnable backOff = () -> tools.events().backOff(question);
            schedule.delays().after(ERROR_SHOWN, () -> turn(slot, failed, backOff));
            schedule.delays().after(longer, () -> turn(slot, failed, () -> {}));
        }
    }

    /// A failure has become another answer by time alone.
    private void turn(Slot slot, State.Failed failed, Runnable told) {
        if (failed.equals(state(slot))) {
            told.run();
            touched.accept(failed.question().pod());
        }
    }

    private <T> T locked(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable State state(Slot slot) {
        return locked(() -> Optional.ofNullable(states.get(slot))).orElse(null);
    }

    private void put(Slot slot, State state) {
        locked(() -> Optional.ofNullable(states.put(slot, state)));
    }

    /// Notes how an errand ended, unless its pod has been forgotten meanwhile.
    private boolean replace(Slot slot, State state) {
        return locked(() -> states.computeIfPresent(slot, (same, before) -> state) != null);
    }

    @Override
    public void forget(String podUid) {
        remove(state -> state.question().uid().equals(podUid));
    }

    /// Something about the image of that name has changed here: who waits for it, or was refused, asks again. A
    /// pull of a name that an object has taken meanwhile is ended.
    void changed(Reference name) {
        boolean isTaken = tools.names().isTaken(name);
        remove(state -> switch (state) {
                    case State.Awaiting awaiting -> awaiting.name().equals(name);
                    case State.Failed failed -> name.equals(failed.name());
                    case State.Pulling pulling -> isTaken && pulling.name().equals(name);
                    case State.Present present -> false;
                })
                .forEach(touched);
    }

    /// The registry of that host is reached otherwise now: who failed there asks again.
    void changed(String host) {
        remove(state -> state instanceof State.Failed failed
                        && failed.name() instanceof Reference name
                        && name.repository().host().equals(host))
                .forEach(touched);
    }

    /// A Secret has changed: who was refused and names it asks again.
    void changed(ObjectKey secret) {
        remove(state -> state instanceof State.Failed
                        && state.question().pod().namespace().equals(secret.namespace())
                        && state.question().pullSecrets().contains(secret.name()))
                .forEach(touched);
    }

    /// Forgets what fits, and returns whose it was.
    private Set<ObjectKey> remove(Predicate<State> fits) {
        Set<ObjectKey> pods = new HashSet<>();
        lock.lock();
        try {
            states.values().removeIf(state -> {
                if (!fits.test(state)) {
                    return false;
                }
                pods.add(state.question().pod());
                if (state instanceof State.Pulling pulling) {
                    pulling.errand().cancel(true);
                }
                return true;
            });
        } finally {
            lock.unlock();
        }
        return pods;
    }

    /// What the pod was told to run.
    Set<Digest> promised(String podUid) {
        return locked(() -> states.values().stream()
                .filter(state -> state.question().uid().equals(podUid))
                .flatMap(state -> state instanceof State.Present present ? Stream.of(present.digest()) : null)
                .collect(Collectors.toSet()));
    }

    /// Why pods do not get the image of that name, if they do not.
    Optional<String> trouble(Reference name) {
        return locked(() -> states.values().stream()
                .filter(State.Failed.class::isInstance)
                .map(State.Failed.class::cast)
                .filter(failed -> name.equals(failed.name()))
                .map(State.Failed::message)
                .sorted()
                .findFirst());
    }

    @Override
    public void close() {
        remove(state -> true);
    }
}
