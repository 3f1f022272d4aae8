package dev.slipway.door.apiserver;

import dev.slipway.door.http.RefusedException;
import java.util.List;
import java.util.Set;

/// What a path below `/api` or `/apis` names.
///
/// @param group empty for the core group
/// @param namespace empty when the path names none
/// @param name empty when the path names a collection
/// @param subresource empty when the path names the object itself
/// @spec https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris Kubernetes: resource URIs
record ResourcePath(String group, String version, String namespace, String plural, String name, String subresource) {
    private static final String NAMESPACES = "namespaces";
    private static final Set<String> ROOTS = Set.of("api", "apis");
    private static final Set<String> OF_NAMESPACES = Set.of("status", "finalize");

    /// Reads the segments of a path that names a resource, `[apis, <group>, <version>, ...]` or `[api, <version>,
    /// ...]`.
    ///
    /// @throws RefusedException when it names none
    static ResourcePath parse(List<String> segments) {
        boolean isCore = segments.getFirst().equals("api");
        int begin = isCore ? 2 : 3;
        if (segments.size() <= begin) {
            throw RefusedException.notFound();
        }
        String group = isCore ? "" : segments.get(1);
        String version = segments.get(begin - 1);
        List<String> rest = segments.subList(begin, segments.size());
        String namespace = "";
        if (rest.size() > 2 && rest.getFirst().equals(NAMESPACES) && !(isCore && isOfNamespace(rest))) {
            namespace = rest.get(1);
            rest = rest.subList(2, rest.size());
        }
        if (rest.size() > 3) {
            throw RefusedException.notFound();
        }
        return new ResourcePath(
                group,
                version,
                namespace,
                rest.getFirst(),
                rest.size() > 1 ? rest.get(1) : "",
                rest.size() > 2 ? rest.get(2) : "");
    }

    /// Whether a path names this part of an object. One that is no path of a resource names none.
    static boolean namesPart(List<String> segments, String part) {
        try {
            return !segments.isEmpty()
                    && ROOTS.contains(segments.getFirst())
                    && parse(segments).subresource().equals(part);
        } catch (RefusedException e) {
            return false;
        }
    }

    /// The same part of the pod of the same name.
    ResourcePath ofPod() {
        return new ResourcePath("", "v1", namespace, "pods", name, subresource);
    }

    /// `namespaces/x/status` is a part of the namespace, `namespaces/x/pods` a collection in it.
    private static boolean isOfNamespace(List<String> rest) {
        return rest.size() == 3 && OF_NAMESPACES.contains(rest.get(2));
    }
}
