package dev.slipway.actor.space;

import dev.slipway.actor.space.Inventory.Candidate;
import dev.slipway.actor.space.Inventory.Content;
import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.oci.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Decides which images go. Pure; for one plan.
public final class CollectionPlanner {
    private final Inventory inventory;
    private final Instant now;
    private final Map<Digest, Integer> owners = new HashMap<>();
    private final Set<Digest> gone = new HashSet<>();
    private final Set<String> going = new HashSet<>();
    private final List<Removal> removals = new ArrayList<>();
    private long freedBytes;

    private CollectionPlanner(Inventory inventory, Instant now) {
        this.inventory = inventory;
        this.now = now;
        for (Content content : inventory.contents()) {
            content.parts().keySet().forEach(part -> owners.merge(part, 1, Integer::sum));
        }
    }

    /// What goes by age, and for space. For inodes one image goes at a time, because nobody has counted its files.
    static CollectionPlan plan(Inventory inventory, Shortage shortage, CollectionSettings settings, Instant now) {
        CollectionPlanner planner = new CollectionPlanner(inventory, now);
        planner.removeOld(settings);
        FileSystemSpace space = shortage.space();
        long wanted = shortage.wantedBytes();
        int most = settings.highThresholdPercent();
        planner.free(wanted, new Removal.Cause.Space(space.usedPercent(), most), settings);
        if (shortage.isOfInodes() && planner.removals.isEmpty()) {
            planner.free(1, new Removal.Cause.Inodes(space.inodes().usedPercent(), most), settings);
        }
        return new CollectionPlan(planner.removals, wanted, planner.freedBytes, shortage.isOfInodes());
    }

    /// All that may go, because somebody asks for it. What an object says about its own age holds.
    public static CollectionPlan planAll(Inventory inventory, Instant now) {
        CollectionPlanner planner = new CollectionPlanner(inventory, now);
        for (Candidate candidate : planner.oldestFirst()) {
            if (planner.isOldEnough(candidate, Duration.ZERO)) {
                planner.remove(candidate, new Removal.Cause.Wish());
            }
        }
        return new CollectionPlan(planner.removals, 0, planner.freedBytes, false);
    }

    private void removeOld(CollectionSettings settings) {
        for (Candidate candidate : oldestFirst()) {
            if (settings.isTooOld(unused(candidate)) && isOldEnough(candidate, settings.minimumAge())) {
                remove(candidate, new Removal.Cause.Age(settings.maximumAge()));
            }
        }
    }

    private void free(long wantedBytes, Removal.Cause cause, CollectionSettings settings) {
        for (Candidate candidate : oldestFirst()) {
            if (freedBytes >= wantedBytes) {
                return;
            }
            boolean mayGo = !going.contains(candidate.name()) && isOldEnough(candidate, settings.minimumAge());
            if (mayGo && inventory.isWorthRemoving(candidate)) {
                remove(candidate, cause);
            }
        }
    }

    private List<Candidate> oldestFirst() {
        return inventory.candidates().stream()
                .sorted(Comparator.comparing(Candidate::unusedSince).thenComparing(Candidate::name))
                .toList();
    }

    private boolean isOldEnough(Candidate candidate, Duration otherwise) {
        return unused(candidate).compareTo(candidate.minimumAge().orElse(otherwise)) >= 0;
    }

    private Duration unused(Candidate candidate) {
        return Duration.between(candidate.unusedSince(), now);
    }

    private void remove(Candidate candidate, Removal.Cause cause) {
        going.add(candidate.name());
        long bytes = 0;
        for (Content content : inventory.contents()) {
            if (content.goesWith(going) && gone.add(content.digest())) {
                bytes += freed(content);
            }
        }
        freedBytes += bytes;
        removals.add(new Removal(candidate.name(), cause, unused(candidate), bytes));
    }

    /// What no image has that stays.
    private long freed(Content content) {
        long bytes = 0;
        for (Map.Entry<Digest, Long> part : content.parts().entrySet()) {
            if (owners.merge(part.getKey(), -1, Integer::sum) == 0) {
                bytes += part.getValue();
            }
        }
        return bytes;
    }
}
