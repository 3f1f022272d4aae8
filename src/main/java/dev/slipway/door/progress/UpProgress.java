package dev.slipway.door.progress;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/// The words of `slipway up` from its start to its end. Used by one thread.
///
/// ```
/// run: look -> show -> wait for a change -> look ... -> table, how to reach it, or what failed
/// follow: each milestone after that in a line, until interrupted
/// farewell: what a person must know when the engine leaves
/// ```
///
/// [#run] is called when every manifest has been applied once: an earlier run of the engine may have left a directory
/// that looks converged.
public final class UpProgress {
    /// How long a state has to last before it is believed: reconcilers report what they find one after the other.
    private static final Duration CONVERGED_FOR = Duration.ofMillis(300);

    /// Longer, because what failed may be tried again at once.
    private static final Duration STALLED_FOR = Duration.ofSeconds(2);

    private static final Duration FOLLOW_PACE = Duration.ofMinutes(1);

    private final UpRequest request;
    private final ObjectFeed feed;
    private final Terminal terminal;
    private final InstantSource clock;
    private final Instant began;
    private final OverviewRenderer renderer;
    private Overview last = new Overview(false, List.of());

    public UpProgress(UpRequest request, ObjectFeed feed, Terminal terminal, InstantSource clock) {
        this.request = request;
        this.feed = feed;
        this.terminal = terminal;
        this.clock = clock;
        this.began = clock.instant();
        this.renderer = new OverviewRenderer(request.directory(), began.truncatedTo(ChronoUnit.SECONDS));
    }

    /// How it ended.
    public enum Outcome {
        CONVERGED,
        /// Something is not as declared, and only a change of a manifest can help.
        STALLED,
        /// The limit passed before.
        LATE
    }

    /// Shows how the directory converges until it has, cannot, or the limit has passed; then prints where it
    /// stands.
    public Outcome run() throws InterruptedException {
        Screen screen =
                terminal.isLive() ? new LiveScreen(terminal, request.directory()) : new PlainScreen(terminal.out());
        try {
            Outcome outcome = watch(screen);
            screen.end();
            new Report(request, palette()).lines(last, outcome, elapsed()).forEach(terminal.out()::println);
            terminal.out().flush();
            return outcome;
        } catch (InterruptedException e) {
            screen.end();
            throw e;
        }
    }

    /// Prints what changes from now on, line by line, until interrupted.
    public void follow() throws InterruptedException {
        PlainScreen screen = new PlainScreen(terminal.out()).from(last);
        while (true) {
            feed.awaitChange(FOLLOW_PACE);
            screen.show(renderer.render(feed, clock.instant()), elapsed());
        }
    }

    /// Says that the engine stays, and how to leave.
    public void stay() {
        terminal.out()
                .println("Slipway watches %s. Ctrl-C ends it; containers keep running.".formatted(request.directory()));
        terminal.out().flush();
    }

    /// Says that the engine leaves, and what becomes of what it started.
    public void farewell() {
        terminal.out().println();
        terminal.out().println("Containers keep running. To take them up again: slipway up " + request.directory());
        terminal.out()
                .println(
                        "To end one: set its desiredState to Stopped there, or delete its manifest, while slipway runs.");
        terminal.out().flush();
    }

    private Outcome watch(Screen screen) throws InterruptedException {
        Overview.Standing standing = Overview.Standing.MOVING;
        Instant since = began;
        while (true) {
            Instant now = clock.instant();
            last = renderer.render(feed, now);
            if (last.standing() != standing) {
                standing = last.standing();
                since = now;
            }
            screen.show(last, elapsed());
            Optional<Outcome> outcome = outcome(standing, Duration.between(since, now), Duration.between(began, now));
            if (outcome.isPresent()) {
                return outcome.get();
            }
            feed.awaitChange(screen.pace());
        }
    }

    private Optional<Outcome> outcome(Overview.Standing standing, Duration lasting, Duration elapsed) {
        boolean isLate = elapsed.compareTo(request.limit()) >= 0;
        return switch (standing) {
            case CONVERGED ->
                isLate || lasting.compareTo(CONVERGED_FOR) >= 0 ? Optional.of(Outcome.CONVERGED) : Optional.empty();
            case STALLED ->
                isLate || lasting.compareTo(STALLED_FOR) >= 0 ? Optional.of(Outcome.STALLED) : Optional.empty();
            case MOVING -> isLate ? Optional.of(Outcome.LATE) : Optional.empty();
        };
    }

    private Palette palette() {
        return new Palette(terminal.isColoured(), terminal.hasSymbols());
    }

    private Duration elapsed() {
        return Duration.between(began, clock.instant());
    }
}
