package dev.slipway.desired.reconcile;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/// How many events one object may still cause: a burst of 25, then one in five minutes, as in Kubernetes, so that a
/// flapping object fills neither the disk nor the screen. Used under the lock of its owner.
final class EventBudget {
    private static final int BURST = 25;
    private static final Duration REFILL = Duration.ofMinutes(5);
    private static final int MOST_OBJECTS = 4096;

    private final Map<Involved, Account> accounts = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Involved, Account> eldest) {
            return size() > MOST_OBJECTS;
        }
    };

    /// @param since when `spent` was last lowered
    private record Account(int spent, Instant since) {
        Account refilled(Instant now) {
            if (now.isBefore(since)) {
                // Somebody has set the clock back.
                return new Account(spent, now);
            }
            long refills = Duration.between(since, now).dividedBy(REFILL);
            return refills == 0
                    ? this
                    : new Account((int) Math.max(0, spent - refills), since.plus(REFILL.multipliedBy(refills)));
        }
    }

    /// Spends one event of the object.
    ///
    /// @return false when it has none left
    boolean spend(Involved object, Instant now) {
        Account account = accounts.getOrDefault(object, new Account(0, now)).refilled(now);
        boolean left = account.spent() < BURST;
        accounts.put(object, left ? new Account(account.spent() + 1, account.since()) : account);
        return left;
    }
}
