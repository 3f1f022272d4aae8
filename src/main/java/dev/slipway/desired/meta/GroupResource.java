package dev.slipway.desired.meta;

import java.util.Objects;

/// A kind of object as URLs and keys name it: API group (empty for the core group) and lower-case plural.
///
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology Kubernetes API Concepts
public record GroupResource(String group, String plural) implements Comparable<GroupResource> {
    public GroupResource {
        Objects.requireNonNull(group);
        if (plural.isEmpty()) {
            throw new IllegalArgumentException("resource plural is empty");
        }
    }

    /// A resource of the core group, for instance `pods`.
    public static GroupResource core(String plural) {
        return new GroupResource("", plural);
    }

    @Override
    public int compareTo(GroupResource other) {
        int byGroup = group.compareTo(other.group);
        return byGroup != 0 ? byGroup : plural.compareTo(other.plural);
    }

    /// `pods` or `containers.slipway.dev`, as kubectl prints it.
    @Override
    public String toString() {
        return group.isEmpty() ? plural : plural + "." + group;
    }
}
