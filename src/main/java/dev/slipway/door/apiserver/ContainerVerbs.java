package dev.slipway.door.apiserver;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.api.WriteOptions.FieldValidation;
import dev.slipway.desired.api.Written;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.RequestBody;
import dev.slipway.door.streams.ContainerSessions;
import java.io.IOException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Answers POST on the verbs of a `Container`, for scripts: `pause`, `resume`, `stop`, `start` and `restart` write what
/// is desired and leave the doing to the engine, as a patch would; `kill` sends a signal now. The answer is the
/// `Container`.
final class ContainerVerbs {
    private static final String GROUP = "slipway.dev";
    private static final GroupResource PODS = GroupResource.core("pods");
    private static final String MAIN = "main";
    private static final Map<String, String> STATES =
            new TreeMap<>(Map.of("pause", "Paused", "resume", "Running", "start", "Running", "stop", "Stopped"));

    private final ObjectApi objects;
    private final ContainerSessions sessions;
    private final RequestBody bodies;
    private final InstantSource clock;

    ContainerVerbs(ObjectApi objects, ContainerSessions sessions, RequestBody bodies, InstantSource clock) {
        this.objects = objects;
        this.sessions = sessions;
        this.bodies = bodies;
        this.clock = clock;
    }

    /// What discovery tells of them.
    static List<ServedResource.Part> parts() {
        return List.of("kill", "pause", "restart", "resume", "start", "stop").stream()
                .map(verb -> new ServedResource.Part(verb, GROUP, "v1alpha1", "Container", List.of("create")))
                .toList();
    }

    /// Whether this is the kind whose verbs these are.
    static boolean areOf(Kind kind) {
        return kind.name().kind().equals("Container") && kind.name().group().equals(GROUP);
    }

    Reply answer(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        if (!areOf(kind) || path.namespace().isEmpty()) {
            throw RefusedException.notFound();
        }
        if (!request.method().equals("POST")) {
            throw RefusedException.methodNotAllowed();
        }
        return switch (path.subresource()) {
            case "kill" -> kill(request, kind, path);
            case "restart" -> restart(request, kind, path);
            default -> desire(request, kind, path);
        };
    }

    /// What has finished is started by beginning again, and is in no state that could be paused.
    private Reply desire(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        String verb = path.subresource();
        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        changes.putObject("spec").put("desiredState", STATES.get(verb));
        boolean hasFinished =
                objects.get(key(kind, path)).status().path("phase").asText().equals("Exited");
        if (hasFinished && (verb.equals("pause") || verb.equals("resume"))) {
            throw new RefusedException(
                    409, "Conflict", "container \"%s\" has finished; start makes it run again".formatted(path.name()));
        }
        if (hasFinished && verb.equals("start")) {
            beginAgain(changes);
        }
        return patched(request, kind, path, changes);
    }

    private Reply restart(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        ObjectNode changes = JsonNodeFactory.instance.objectNode();
        beginAgain(changes);
        return patched(request, kind, path, changes);
    }

    /// What began before this moment is ended, if it has not, and started again.
    private void beginAgain(ObjectNode changes) {
        changes.putObject("metadata")
                .putObject("annotations")
                .put(
                        GROUP + "/restarted-at",
                        clock.instant().truncatedTo(ChronoUnit.MILLIS).toString());
    }

    private Reply patched(ApiRequest request, Kind kind, ResourcePath path, ObjectNode changes) throws ApiException {
        WriteOptions options = new WriteOptions(
                request.query().optional("fieldManager").orElseGet(request::program),
                request.caller().name(),
                FieldValidation.WARN,
                false,
                false,
                "");
        Written written = objects.patch(kind, key(kind, path), new Patch.Merge(changes), options);
        return new Reply.Document(200, written.object().tree(), Reply.JSON, written.warnings());
    }

    /// The signal stands in the query or in the body, as `signal`; without one it is SIGKILL.
    private Reply kill(ApiRequest request, Kind kind, ResourcePath path) throws ApiException {
        ApiObject container = objects.get(key(kind, path));
        String signal = request.query()
                .optional("signal")
                .or(() -> bodies.isPresent(request)
                        ? Optional.of(bodies.object(request).path("signal").asText())
                                .filter(text -> !text.isEmpty())
                        : Optional.empty())
                .orElse("SIGKILL");
        Optional<ApiObject> pod = objects.store()
                .get(new ObjectKey(PODS, path.namespace(), path.name()))
                .filter(found -> found.metadata()
                        .path("ownerReferences")
                        .path(0)
                        .path("uid")
                        .asText()
                        .equals(container.uid()));
        if (pod.isEmpty() || sessions.state(pod.get(), MAIN) == ContainerSessions.State.GONE) {
            throw new RefusedException(409, "Conflict", "container \"%s\" is not running".formatted(path.name()));
        }
        try {
            sessions.signal(pod.get(), MAIN, signal);
        } catch (IOException e) {
            throw RefusedException.badRequest(String.valueOf(e.getMessage()));
        }
        return Reply.ok(container.tree());
    }

    private static ObjectKey key(Kind kind, ResourcePath path) {
        return Kinds.key(kind, path.namespace(), path.name());
    }
}
