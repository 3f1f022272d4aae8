package dev.slipway.desired.meta;

import java.util.Objects;

/// What names one object on this host. The namespace is empty for cluster-scoped objects.
public record ObjectKey(GroupResource resource, String namespace, String name) implements Comparable<ObjectKey> {
    public ObjectKey {
        Objects.requireNonNull(resource);
        Objects.requireNonNull(namespace);
        if (name.isEmpty()) {
            throw new IllegalArgumentException("object name is empty");
        }
    }

    @Override
    public int compareTo(ObjectKey other) {
        int byResource = resource.compareTo(other.resource);
        if (byResource != 0) {
            return byResource;
        }
        int byNamespace = namespace.compareTo(other.namespace);
        return byNamespace != 0 ? byNamespace : name.compareTo(other.name);
    }

    /// `pods/default/web`, or `images.slipway.dev/base` for a cluster-scoped object.
    @Override
    public String toString() {
        return namespace.isEmpty() ? resource + "/" + name : resource + "/" + namespace + "/" + name;
    }
}
