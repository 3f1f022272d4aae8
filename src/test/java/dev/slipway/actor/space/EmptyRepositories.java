package dev.slipway.actor.space;

import dev.slipway.engine.content.MemoryContentStore;
import dev.slipway.engine.repository.Repositories;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Set;

/// Repositories of which there are none.
record EmptyRepositories(Path folder) {
    RepositoryCollector collector() {
        Repositories none =
                new Repositories(folder, new MemoryContentStore(), () -> Instant.EPOCH, () -> Instant.EPOCH);
        return new RepositoryCollector(none, freed -> {}, Set::of, RepositoryCollector.Work::run, () -> Instant.EPOCH);
    }
}
