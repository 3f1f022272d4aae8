package dev.slipway.desired.kind;

import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.NearestName;
import dev.slipway.desired.meta.ObjectKey;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Every kind that is served, by its names. Immutable.
public final class Kinds {
    private final Map<GroupResource, Kind> byResource = new LinkedHashMap<>();

    public Kinds(List<Kind> kinds) {
        kinds.forEach(kind -> byResource.put(kind.name().resource(), kind));
    }

    /// In the order in which they were given.
    public Collection<Kind> all() {
        return byResource.values();
    }

    public Optional<Kind> find(GroupResource resource) {
        return Optional.ofNullable(byResource.get(resource));
    }

    /// By what an object says of itself.
    public Optional<Kind> find(String apiVersion, String kind) {
        return byResource.values().stream()
                .filter(each -> each.name().kind().equals(kind)
                        && each.name().apiVersion().equals(apiVersion))
                .findFirst();
    }

    /// What may be meant by a kind that is not there: it is of another version, or misspelled.
    ///
    /// @return such as `kind "Deployment" in version "apps/v1"`
    public Optional<String> meant(String kind) {
        Set<String> names = all().stream().map(each -> each.name().kind()).collect(Collectors.toSet());
        return NearestName.misspelled(kind, names).flatMap(name -> all().stream()
                .map(Kind::name)
                .filter(each -> each.kind().equals(name))
                .map(each -> "kind \"%s\" in version \"%s\"".formatted(name, each.apiVersion()))
                .findFirst());
    }

    /// The key of an object of `kind`; the namespace is ignored for cluster-scoped kinds.
    public static ObjectKey key(Kind kind, String namespace, String name) {
        return new ObjectKey(kind.name().resource(), kind.name().isNamespaced() ? namespace : "", name);
    }
}
