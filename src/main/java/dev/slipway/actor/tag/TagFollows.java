package dev.slipway.actor.tag;

import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.desired.reconcile.Pause;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.repository.RepositoryContents;
import dev.slipway.engine.repository.StoredManifest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Asks registries what Tags follow, or are pinned to, and makes it present, aside and at most one question at a time
/// for each Tag. Kept in memory: after a start of the engine everything is asked again. Safe for use by many threads.
public final class TagFollows implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(TagFollows.class);

    /// What it works with.
    ///
    /// @param asked told how each question to a registry of others went, with null for an answer
    /// @param making called with true before an image is pulled, with false when its Tag can show it
    public record Tools(
            Images images,
            RegistryClient registry,
            Repositories repositories,
            Schedule schedule,
            Backoff backoff,
            BiConsumer<Reference, @Nullable IOException> asked,
            Consumer<Boolean> making) {}

    private final Tools tools;
    private final Consumer<ObjectKey> touched;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<ObjectKey, State> states = new HashMap<>();

    /// @param touched called with the key of a Tag of which something else was seen
    public TagFollows(Tools tools, Consumer<ObjectKey> touched) {
        this.tools = tools;
        this.touched = touched;
    }

    /// @param last null before the first answer
    /// @param running null while nobody asks
    private record State(
            @Nullable Sighting last,
            boolean isStale,
            @Nullable FutureTask<?> running) {}

    /// What was seen last, if anything; asks again if it is time.
    public Optional<Sighting> look(ObjectKey tag, Following what) {
        lock.lock();
        try {
            State state = states.get(tag);
            Sighting last = state == null ? null : state.last();
            boolean isOther = last != null && !last.what().equals(what);
            boolean isDue = state == null || isOther || state.isStale() || last != null && !isFresh(last);
            if (isDue && (state == null || state.running() == null)) {
                FutureTask<?> task = new FutureTask<>(() -> ask(tag, what, isOther ? null : last), null);
                states.put(tag, new State(last, false, task));
                tools.schedule().workers().execute(task);
            }
            return Optional.ofNullable(last).filter(seen -> seen.what().equals(what));
        } finally {
            lock.unlock();
        }
    }

    private boolean isFresh(Sighting last) {
        return !new Pause(last.at(), next(last)).isOver(tools.schedule().clock().instant());
    }

    /// When it is time to ask again.
    public Instant next(Sighting last) {
        Duration pause =
                last.failures() == 0 ? last.what().interval() : tools.backoff().after(last.failures());
        return last.at().plus(pause);
    }

    /// What a Tag follows is another now: the next look asks.
    public void stale(ObjectKey tag) {
        lock.lock();
        try {
            states.computeIfPresent(tag, (same, state) -> new State(state.last(), true, state.running()));
        } finally {
            lock.unlock();
        }
    }

    /// The registry of that host is reached otherwise now: who failed there asks again at once.
    public void changed(String host) {
        Set<ObjectKey> tags = new HashSet<>();
        lock.lock();
        try {
            states.replaceAll((tag, state) -> {
                Sighting last = state.last();
                boolean hasFailed = last != null
                        && last.failures() > 0
                        && last.what().reference().repository().host().equals(host);
                if (hasFailed) {
                    tags.add(tag);
                }
                return hasFailed ? new State(last, true, state.running()) : state;
            });
        } finally {
            lock.unlock();
        }
        tags.forEach(touched);
    }

    public void forget(ObjectKey tag) {
        State gone;
        lock.lock();
        try {
            gone = states.remove(tag);
        } finally {
            lock.unlock();
        }
        FutureTask<?> running = gone == null ? null : gone.running();
        if (running != null) {
            running.cancel(true);
        }
    }

    /// Images that were pulled for Tags which may not show them yet.
    public Set<Digest> seen() {
        Set<Digest> seen = new HashSet<>();
        lock.lock();
        try {
            for (State state : states.values()) {
                Sighting last = state.last();
                Digest digest = last == null ? null : last.digest();
                if (digest != null) {
                    seen.add(digest);
                }
            }
        } finally {
            lock.unlock();
        }
        return seen;
    }

    /// The root of a question's thread.
    private void ask(ObjectKey tag, Following what, @Nullable Sighting before) {
        tools.making().accept(true);
        try {
            note(tag, answer(what, before));
        } catch (RuntimeException | Error e) {
            LOG.errorf(e, "tag not followed tag=%s", tag.name());
            note(tag, failed(what, before, "internal error, which the log of the engine tells"));
        } finally {
            tools.making().accept(false);
            touched.accept(tag);
        }
    }

    private void note(ObjectKey tag, Sighting sighting) {
        lock.lock();
        try {
            states.computeIfPresent(tag, (same, state) -> new State(sighting, state.isStale(), null));
        } finally {
            lock.unlock();
        }
    }

    private Sighting answer(Following what, @Nullable Sighting before) {
        try {
            Optional<Reference> chosen = what.choose(what.needsTags() ? tags(what) : Set.of());
            if (chosen.isEmpty()) {
                return failed(what, before, "no tag of " + what.words() + " was found");
            }
            Reference name = chosen.get();
            Digest remote = resolve(name);
            // What is here is pulled, too: its bytes may have come from where no signature is asked for.
            Platform platform = tools.images()
                    .find(remote)
                    .map(image -> image.config().platform())
                    .orElse(Platform.host());
            PullRequest request =
                    new PullRequest(name.pinned(remote), platform, Keyring.EMPTY, PullPolicy.IF_NOT_PRESENT);
            return switch (tools.images().pull(request, PullProgress.SILENT)) {
                case PullOutcome.Pulled pulled -> seen(what, pulled.image(), name.pinned(remote));
                case PullOutcome.AlreadyPresent present -> seen(what, present.image(), name.pinned(remote));
                case PullOutcome.Failed failed -> failed(what, before, failed.message());
            };
        } catch (IOException e) {
            return failed(what, before, String.valueOf(e.getMessage()));
        }
    }

    private Collection<String> tags(Following what) throws IOException {
        Repository repository = what.reference().repository();
        RepositoryContents here = tools.repositories().contents(repository);
        // Of a mirrored repository only what somebody has pulled is here: it says nothing of what there is.
        return here.mirrored() || here.tags().isEmpty()
                ? asked(what.reference(), () -> tools.registry().tags(repository, Keyring.EMPTY))
                : here.tags().keySet();
    }

    private Digest resolve(Reference name) throws IOException {
        if (name.pin().isPresent()) {
            return name.pin().get();
        }
        Optional<StoredManifest> here = tools.repositories().find(name);
        return here.isPresent()
                ? here.get().digest()
                : asked(name, () -> tools.registry().resolve(name, Keyring.EMPTY));
    }

    private interface Question<T> {
        T ask() throws IOException;
    }

    private <T> T asked(Reference name, Question<T> question) throws IOException {
        try {
            T answer = question.ask();
            tools.asked().accept(name, null);
            return answer;
        } catch (IOException e) {
            tools.asked().accept(name, e);
            throw e;
        }
    }

    /// @param name with what it points at
    private Sighting seen(Following what, LocalImage image, Reference name) {
        String by = pusher(name);
        Reference asked =
                what.reference().pin().isPresent() ? name : new Reference(name.repository(), name.tag(), null);
        return new Sighting(
                what,
                name.digest(),
                image.digest(),
                asked.familiar() + (by.isEmpty() ? "" : ", pushed by " + by),
                "",
                0,
                tools.schedule().clock().instant());
    }

    /// Who has pushed to a registry of this host what the name points at; empty where that is not known.
    private String pusher(Reference name) {
        RepositoryContents here = tools.repositories().contents(name.repository());
        boolean isStill = Objects.equals(here.tags().get(name.tag()), name.digest());
        return isStill ? here.pushers().getOrDefault(name.tag(), "") : "";
    }

    private Sighting failed(Following what, @Nullable Sighting before, String why) {
        return new Sighting(
                what,
                before == null ? null : before.remote(),
                before == null ? null : before.digest(),
                before == null ? "" : before.name(),
                why,
                before == null ? 1 : before.failures() + 1,
                tools.schedule().clock().instant());
    }

    @Override
    public void close() {
        Set<ObjectKey> all;
        lock.lock();
        try {
            all = Set.copyOf(states.keySet());
        } finally {
            lock.unlock();
        }
        all.forEach(this::forget);
    }
}
