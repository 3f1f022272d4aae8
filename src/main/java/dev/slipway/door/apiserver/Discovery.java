package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Tells clients which resources there are: in one document for all groups (aggregated discovery), or in one for each
/// group and version to clients that do not know that form.
///
/// @spec https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api Kubernetes: Discovery API
final class Discovery {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String FORM = "APIGroupDiscoveryList";
    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=" + FORM;

    /// Resources by group, then by version.
    private final Map<String, Map<String, List<ServedResource>>> groups = new TreeMap<>();

    Discovery(List<ServedResource> resources) {
        for (ServedResource resource : resources) {
            groups.computeIfAbsent(resource.group(), group -> new TreeMap<>())
                    .computeIfAbsent(resource.version(), version -> new ArrayList<>())
                    .add(resource);
        }
    }

    /// Whether the segments of a path are answered here and not by a resource.
    static boolean answers(List<String> segments) {
        return segments.size() <= (segments.getFirst().equals("api") ? 2 : 3);
    }

    Reply answer(ApiRequest request) {
        if (!request.method().equals("GET")) {
            throw RefusedException.methodNotAllowed();
        }
        List<String> segments = request.segments();
        boolean isCore = segments.getFirst().equals("api");
        if (segments.size() == 1) {
            boolean isAggregated =
                    request.accept().contains("as=" + FORM) && request.accept().contains("v=v2;");
            return isAggregated ? Reply.typed(aggregated(isCore), AGGREGATED) : Reply.ok(isCore ? versions() : list());
        }
        Map<String, List<ServedResource>> group = groups.get(isCore ? "" : segments.get(1));
        if (group == null) {
            throw RefusedException.notFound();
        }
        if (!isCore && segments.size() == 2) {
            ObjectNode document = group(segments.get(1), group.keySet());
            return Reply.ok(document.put("kind", "APIGroup").put("apiVersion", "v1"));
        }
        List<ServedResource> version = group.get(segments.getLast());
        if (version == null) {
            throw RefusedException.notFound();
        }
        return Reply.ok(resources(version));
    }

    private ObjectNode aggregated(boolean isCore) {
        ObjectNode document = JSON.objectNode();
        document.put("kind", FORM).put("apiVersion", "apidiscovery.k8s.io/v2");
        document.putObject("metadata");
        ArrayNode items = document.putArray("items");
        groups.forEach((group, versions) -> {
            if (group.isEmpty() == isCore) {
                ObjectNode item = items.addObject();
                ObjectNode metadata = item.putObject("metadata").putNull("creationTimestamp");
                if (!isCore) {
                    metadata.put("name", group);
                }
                ArrayNode list = item.putArray("versions");
                versions.forEach((version, resources) -> list.add(aggregated(version, resources)));
            }
        });
        return document;
    }

    private static ObjectNode aggregated(String version, List<ServedResource> resources) {
        ObjectNode document = JSON.objectNode().put("version", version).put("freshness", "Current");
        ArrayNode list = document.putArray("resources");
        for (ServedResource resource : resources) {
            ObjectNode entry = list.addObject().put("resource", resource.plural());
            entry.set("responseKind", kind(resource.group(), resource.version(), resource.kind()));
            entry.put("scope", resource.namespaced() ? "Namespaced" : "Cluster");
            entry.put("singularResource", resource.singular());
            resource.verbs().forEach(entry.putArray("verbs")::add);
            resource.shortNames().forEach(entry.putArray("shortNames")::add);
            resource.categories().forEach(entry.putArray("categories")::add);
            ArrayNode parts = entry.putArray("subresources");
            for (ServedResource.Part part : resource.parts()) {
                ObjectNode subresource = parts.addObject().put("subresource", part.name());
                subresource.set("responseKind", kind(part.group(), part.version(), part.kind()));
                part.verbs().forEach(subresource.putArray("verbs")::add);
            }
        }
        return document;
    }

    private ObjectNode versions() {
        ObjectNode document = JSON.objectNode().put("kind", "APIVersions").put("apiVersion", "v1");
        groups.getOrDefault("", Map.of()).keySet().forEach(document.putArray("versions")::add);
        document.putArray("serverAddressByClientCIDRs");
        return document;
    }

    private ObjectNode list() {
        ObjectNode document = JSON.objectNode().put("kind", "APIGroupList").put("apiVersion", "v1");
        ArrayNode list = document.putArray("groups");
        groups.forEach((group, versions) -> {
            if (!group.isEmpty()) {
                list.add(group(group, versions.keySet()));
            }
        });
        return document;
    }

    private static ObjectNode group(String name, Collection<String> versions) {
        ObjectNode document = JSON.objectNode().put("name", name);
        ArrayNode list = document.putArray("versions");
        for (String version : versions) {
            list.addObject().put("groupVersion", name + "/" + version).put("version", version);
        }
        document.set("preferredVersion", list.get(0));
        return document;
    }

    private static ObjectNode resources(List<ServedResource> resources) {
        ObjectNode document = JSON.objectNode().put("kind", "APIResourceList").put("apiVersion", "v1");
        document.put("groupVersion", resources.getFirst().apiVersion());
        ArrayNode list = document.putArray("resources");
        for (ServedResource resource : resources) {
            ObjectNode entry = list.addObject().put("name", resource.plural());
            entry.put("singularName", resource.singular()).put("namespaced", resource.namespaced());
            entry.put("kind", resource.kind());
            resource.verbs().forEach(entry.putArray("verbs")::add);
            resource.shortNames().forEach(entry.putArray("shortNames")::add);
            resource.categories().forEach(entry.putArray("categories")::add);
            for (ServedResource.Part part : resource.parts()) {
                ObjectNode subresource = list.addObject().put("name", resource.plural() + "/" + part.name());
                subresource.put("singularName", "").put("namespaced", resource.namespaced());
                subresource.put("group", part.group()).put("version", part.version());
                subresource.put("kind", part.kind());
                part.verbs().forEach(subresource.putArray("verbs")::add);
            }
        }
        return document;
    }

    private static ObjectNode kind(String group, String version, String kind) {
        return JSON.objectNode().put("group", group).put("version", version).put("kind", kind);
    }
}
