package dev.slipway.engine.registry;

import dev.slipway.engine.oci.Repository;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Credentials and where they may be shown.
///
/// @spec https://kubernetes.io/docs/concepts/containers/images/#config-json Kubernetes: Interpretation of config.json
public record Keyring(List<Key> keys) {
    public static final Keyring EMPTY = new Keyring(List.of());

    public Keyring {
        keys = List.copyOf(keys);
    }

    /// @param pattern what a repository must match
    public record Key(RepositoryPattern pattern, Credentials credentials) {}

    /// What fits `repository`, the most exact pattern first.
    public List<Credentials> find(Repository repository) {
        return keys.stream()
                .filter(key -> key.pattern().matches(repository))
                .sorted(Comparator.comparing(Key::pattern))
                .map(Key::credentials)
                .distinct()
                .toList();
    }

    /// These keys and then `others`.
    public Keyring and(Keyring others) {
        List<Key> all = new ArrayList<>(keys);
        all.addAll(others.keys);
        return new Keyring(all);
    }

    @Override
    public String toString() {
        return "Keyring[" + keys.size() + "]";
    }
}
