package dev.slipway.door.health;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Timestamps;
import dev.slipway.desired.store.ObjectStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Answers `GET /status`: is this host as declared, and if not, what, why and since when.
///
/// ```json
/// {"asDeclared": false, "objects": 12,
///  "problems": [{"object": "pods/default/web", "reason": "ImagePullBackOff", "message": "...", "since": "2026-..."}],
///  "atRest": [{"object": "containers.slipway.dev/default/db", "state": "Stopped"}]}
/// ```
///
/// What is wrong for the longest time comes first. At rest is what is declared so, and that is no problem.
public final class HostStatus {
    private final ObjectStore store;
    private final Kinds kinds;
    private final List<ProblemSource> sources;

    public HostStatus(ObjectStore store, Kinds kinds, List<ProblemSource> sources) {
        this.store = store;
        this.kinds = kinds;
        this.sources = sources;
    }

    public ObjectNode document() {
        List<Problem> problems = new ArrayList<>();
        sources.forEach(source -> problems.addAll(source.problems()));
        UnreadyPods pods =
                UnreadyPods.among(resource -> store.list(resource, "").items());
        ArrayNode atRest = JsonNodeFactory.instance.arrayNode();
        long objects = 0;
        for (Kind kind : kinds.all()) {
            if (kind.name().kind().equals("Event")) {
                continue;
            }
            for (ApiObject object : store.list(kind.name().resource(), "").items()) {
                objects++;
                StatusRules.problem(object, kind, pods)
                        .ifPresent(problem -> problems.addAll(eachFile(object, problem)));
                StatusRules.rest(object).ifPresent(state -> atRest.addObject()
                        .put(
                                "object",
                                Kinds.key(kind, object.namespace(), object.name())
                                        .toString())
                        .put("state", state));
            }
        }
        problems.sort(Comparator.comparing(Problem::since).thenComparing(Problem::object));
        ObjectNode document = document(problems, objects);
        document.set("atRest", atRest);
        return document;
    }

    private static ObjectNode document(List<Problem> problems, long objects) {
        ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("asDeclared", problems.isEmpty()).put("objects", objects);
        ArrayNode list = document.putArray("problems");
        for (Problem problem : problems) {
            list.addObject()
                    .put("object", problem.object())
                    .put("reason", problem.reason())
                    .put("message", problem.message())
                    .put("since", Timestamps.seconds(problem.since()));
        }
        return document;
    }

    /// What is wrong with a source of manifests is told file by file, because each file is one person's to mend.
    private static List<Problem> eachFile(ApiObject object, Problem problem) {
        List<Problem> files = new ArrayList<>();
        for (JsonNode error : object.status().path("errors")) {
            String file = error.path("file").asText();
            String line =
                    error.path("line").asInt() > 0 ? ":" + error.path("line").asInt() : "";
            String directory = object.spec().at("/source/directory/path").asText();
            files.add(new Problem(
                    file.isEmpty() ? directory : directory + "/" + file + line,
                    error.path("reason").asText(problem.reason()),
                    error.path("message").asText(),
                    problem.since()));
        }
        return object.kind().equals("Sync") && !files.isEmpty() ? files : List.of(problem);
    }
}
