package dev.slipway.desired.store;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Whether the store can be written, by what became of its last commit; when that was a while ago, by one that changes
/// nothing. Who asks often costs no more than who asks now and then. Thread-safe.
public final class StoreCheck {
    private static final Duration GOOD_FOR = Duration.ofSeconds(10);
    private static final Duration BAD_FOR = Duration.ofSeconds(1);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final SqliteObjectStore store;
    private final InstantSource clock;
    private final Duration patience;
    private volatile Outcome last = new Outcome(Instant.EPOCH, "");
    private CompletableFuture<Boolean> trial = CompletableFuture.completedFuture(true);

    private StoreCheck(SqliteObjectStore store, InstantSource clock, Duration patience) {
        this.store = store;
        this.clock = clock;
        this.patience = patience;
    }

    /// @param trouble empty when it was a success
    private record Outcome(Instant at, String trouble) {
        boolean isRecent(Instant now) {
            Duration age = Duration.between(at, now);
            return !age.isNegative() && age.compareTo(trouble.isEmpty() ? GOOD_FOR : BAD_FOR) < 0;
        }
    }

    public static StoreCheck of(SqliteObjectStore store, InstantSource clock) {
        return of(store, clock, PATIENCE);
    }

    /// @param patience how long a commit may take
    static StoreCheck of(SqliteObjectStore store, InstantSource clock, Duration patience) {
        StoreCheck check = new StoreCheck(store, clock, patience);
        store.whenCommitted(check::committed);
        return check;
    }

    /// Why it cannot be written; empty when it can.
    public String trouble() throws InterruptedException {
        Outcome known = last;
        if (known.isRecent(clock.instant())) {
            return known.trouble();
        }
        try {
            trial().get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return "";
        } catch (ExecutionException e) {
            return String.valueOf(Objects.requireNonNullElse(e.getCause(), e).getMessage());
        } catch (TimeoutException e) {
            return "write object store: nothing was committed for %d s".formatted(patience.toSeconds());
        }
    }

    /// All who ask meanwhile wait for the same one.
    private synchronized CompletableFuture<Boolean> trial() {
        if (trial.isDone()) {
            trial = store.trial();
        }
        return trial;
    }

    private void committed(Optional<IOException> failure) {
        last = new Outcome(
                clock.instant(),
                failure.map(why -> String.valueOf(why.getMessage())).orElse(""));
    }
}
