package dev.slipway.door.apiserver;

import java.util.List;

/// A resource as discovery lists it.
///
/// @param group empty for the core group
/// @param verbs what may be done with it, in alphabetical order
record ServedResource(
        String group,
        String version,
        String plural,
        String singular,
        String kind,
        boolean namespaced,
        List<String> verbs,
        List<String> shortNames,
        List<String> categories,
        List<Part> parts) {

    ServedResource {
        verbs = List.copyOf(verbs);
        shortNames = List.copyOf(shortNames);
        categories = List.copyOf(categories);
        parts = List.copyOf(parts);
    }

    /// A subresource: `pods/log`. Its documents may be of another kind than the resource's.
    record Part(String name, String group, String version, String kind, List<String> verbs) {
        Part {
            verbs = List.copyOf(verbs);
        }
    }

    String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }
}
