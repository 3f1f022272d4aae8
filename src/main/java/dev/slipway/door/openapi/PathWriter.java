package dev.slipway.door.openapi;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/// Describes the paths of one kind: its collection, one object, and the object's status.
final class PathWriter {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> PATCHES = List.of(
            "application/json-patch+json",
            "application/merge-patch+json",
            "application/strategic-merge-patch+json",
            "application/apply-patch+yaml");
    private static final Map<String, String> DESCRIPTIONS = Map.ofEntries(
            Map.entry("namespace", "the namespace of the object"),
            Map.entry("name", "the name of the object"),
            Map.entry("dryRun", "\"All\": do everything but store the result"),
            Map.entry("fieldManager", "the name under which fields are owned"),
            Map.entry("fieldValidation", "what happens to unknown fields: Ignore, Warn or Strict"),
            Map.entry("force", "take over fields that another manager owns; with apply only"),
            Map.entry("labelSelector", "only objects with these labels"),
            Map.entry("fieldSelector", "only objects with these fields"),
            Map.entry("limit", "at most so many objects"),
            Map.entry("continue", "the next page, as the last answer named it"),
            Map.entry("watch", "go on with changes as they happen"),
            Map.entry("allowWatchBookmarks", "tell the version from time to time"),
            Map.entry("sendInitialEvents", "begin a watch with the objects there are"),
            Map.entry("resourceVersion", "at or after this version"),
            Map.entry("resourceVersionMatch", "how resourceVersion is meant: Exact or NotOlderThan"),
            Map.entry("timeoutSeconds", "end after so many seconds"),
            Map.entry("gracePeriodSeconds", "how long the object may take to end"),
            Map.entry("propagationPolicy", "what happens to dependents: Orphan, Background or Foreground"));
    private static final List<String> WRITE = List.of("dryRun", "fieldManager", "fieldValidation");
    private static final List<String> READ = List.of(
            "labelSelector",
            "fieldSelector",
            "limit",
            "continue",
            "watch",
            "allowWatchBookmarks",
            "sendInitialEvents",
            "resourceVersion",
            "resourceVersionMatch",
            "timeoutSeconds");
    private static final List<String> DELETE = List.of("dryRun", "gracePeriodSeconds", "propagationPolicy");

    private final ObjectNode paths;

    PathWriter(ObjectNode paths) {
        this.paths = paths;
    }

    /// One kind as the paths need it.
    ///
    /// @param root `/api/v1` or `/apis/<group>/<version>`
    /// @param schema how its objects look
    record Subject(String root, ObjectNode kind, String plural, boolean namespaced, ObjectNode schema) {
        String collection() {
            return root + (namespaced ? "/namespaces/{namespace}/" : "/") + plural;
        }
    }

    void write(Subject subject, boolean hasStatus) {
        ObjectNode collection = path(subject.collection(), subject, false);
        collection.set("get", operation(subject, "list", READ));
        collection.set("post", withBody(operation(subject, "post", WRITE), subject, List.of("application/json")));
        collection.set("delete", operation(subject, "deletecollection", DELETE));
        item(path(subject.collection() + "/{name}", subject, true), subject)
                .set("delete", operation(subject, "delete", DELETE));
        if (hasStatus) {
            item(path(subject.collection() + "/{name}/status", subject, true), subject);
        }
        if (subject.namespaced()) {
            ObjectNode everywhere = paths.putObject(subject.root() + "/" + subject.plural());
            everywhere.set("get", operation(subject, "list", READ));
        }
    }

    private ObjectNode path(String path, Subject subject, boolean hasName) {
        ObjectNode item = paths.putObject(path);
        ArrayNode parameters = JSON.arrayNode();
        if (hasName) {
            parameters.add(parameter("name", "path"));
        }
        if (subject.namespaced()) {
            parameters.add(parameter("namespace", "path"));
        }
        if (!parameters.isEmpty()) {
            item.set("parameters", parameters);
        }
        return item;
    }

    private static ObjectNode item(ObjectNode item, Subject subject) {
        item.set("get", operation(subject, "get", List.of()));
        item.set("put", withBody(operation(subject, "put", WRITE), subject, List.of("application/json")));
        List<String> patch = List.of("dryRun", "fieldManager", "fieldValidation", "force");
        item.set("patch", withBody(operation(subject, "patch", patch), subject, PATCHES));
        return item;
    }

    private static ObjectNode operation(Subject subject, String action, List<String> parameters) {
        ObjectNode operation = JSON.objectNode();
        ArrayNode list = operation.putArray("parameters");
        parameters.forEach(name -> list.add(parameter(name, "query")));
        ObjectNode ok = operation.putObject("responses").putObject("200").put("description", "OK");
        content(ok, subject.schema(), List.of("application/json"));
        operation.put("x-kubernetes-action", action);
        operation.set("x-kubernetes-group-version-kind", subject.kind());
        return operation;
    }

    private static ObjectNode withBody(ObjectNode operation, Subject subject, List<String> types) {
        content(operation.putObject("requestBody").put("required", true), subject.schema(), types);
        return operation;
    }

    private static void content(ObjectNode owner, ObjectNode schema, List<String> types) {
        ObjectNode content = owner.putObject("content");
        types.forEach(type -> content.putObject(type).set("schema", schema));
    }

    private static ObjectNode parameter(String name, String in) {
        ObjectNode parameter = JSON.objectNode().put("name", name).put("in", in);
        parameter.put("description", DESCRIPTIONS.getOrDefault(name, ""));
        parameter.put("required", in.equals("path"));
        parameter.putObject("schema").put("type", type(name));
        return parameter;
    }

    private static String type(String name) {
        return switch (name) {
            case "limit", "timeoutSeconds", "gracePeriodSeconds" -> "integer";
            case "force", "watch", "allowWatchBookmarks", "sendInitialEvents" -> "boolean";
            default -> "string";
        };
    }
}
