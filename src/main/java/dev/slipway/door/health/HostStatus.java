package dev.slipway.door.health;

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
///  "problems": [{"object": "pods/default/web", "reason": "ImagePullBackOff", "message": "...", "since": "2026-..."}]}
/// ```
///
/// What is wrong for the longest time comes first.
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
        long objects = 0;
        for (Kind kind : kinds.all()) {
            if (kind.name().kind().equals("Event")) {
                continue;
            }
            for (ApiObject object : store.list(kind.name().resource(), "").items()) {
                objects++;
                StatusRules.problem(object, kind).ifPresent(problems::add);
            }
        }
        problems.sort(Comparator.comparing(Problem::since).thenComparing(Problem::object));
        return document(problems, objects);
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
}
