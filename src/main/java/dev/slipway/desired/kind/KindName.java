package dev.slipway.desired.kind;

import dev.slipway.desired.meta.GroupResource;
import java.util.List;
import java.util.Locale;

/// What a kind is called.
///
/// @param group empty for the core group
public record KindName(String group, String version, String kind, String plural, List<String> shortNames, Scope scope) {
    /// Whether objects live in namespaces.
    public enum Scope {
        NAMESPACED,
        CLUSTER
    }

    public KindName {
        shortNames = List.copyOf(shortNames);
    }

    public boolean isNamespaced() {
        return scope == Scope.NAMESPACED;
    }

    public String singular() {
        return kind.toLowerCase(Locale.ROOT);
    }

    public GroupResource resource() {
        return new GroupResource(group, plural);
    }

    /// `v1` or `slipway.dev/v1alpha1`.
    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }
}
