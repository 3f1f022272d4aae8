package dev.slipway.door.distribution;

import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.Repositories;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The registries that one of this host stands in for.
///
/// @param hosts what is not here is asked of them
/// @param made whether an object of this host has a name, so that no registry is asked for it
record Mirrors(Set<String> hosts, PullThrough through, Predicate<Reference> made) {
    /// Whether a tag of one of the repositories is made on this host.
    boolean isMadeHere(Meant meant, String tag) {
        return Reference.isTag(tag)
                && meant.repositories().stream()
                        .anyMatch(repository -> made.test(new Reference(repository, tag, null)));
    }

    /// What a request means that names no registry, because most clients do not say in whose stead they ask: the
    /// one that this registry stands in for, where it has no such repository itself.
    ///
    /// @param own the registry's own repository of the path
    Optional<Meant> otherwise(Meant meant, Repository own, Repositories repositories) {
        if (meant.isMirror()
                || hosts.size() != 1
                || !repositories.contents(own).manifests().isEmpty()) {
            return Optional.empty();
        }
        String host = hosts.iterator().next();
        boolean isOfficial = host.equals(Repository.DOCKER_HUB) && own.path().indexOf('/') < 0;
        Repository other = new Repository(host, isOfficial ? "library/" + own.path() : own.path());
        return Optional.of(new Meant(List.of(other), true, meant.seesGuarded()));
    }

    /// The one repository that a request means, if that is another registry's which may be asked.
    Optional<Repository> mirrored(Meant meant) {
        return meant.isMirror()
                ? meant.repositories().stream()
                        .filter(repository -> hosts.contains(repository.host()))
                        .findFirst()
                : Optional.empty();
    }
}
