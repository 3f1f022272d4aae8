package dev.slipway.door.streams;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.SinkStream;
import java.io.IOException;

/// Answers `pods/<name>/archive?path=`: GET is a tar archive of what is there, PUT unpacks one in that directory. The
/// first name in the archive may be another (`as=`), and all may be given to the container's root (`owner=root`).
///
/// @param sessions knows which containers run
public record PodArchive(ContainerFiles files, ContainerSessions sessions) {
    public Reply answer(ApiObject pod, String container, ApiRequest request) {
        String path = request.query().text("path");
        if (!path.startsWith("/")) {
            throw RefusedException.badRequest("path must be an absolute path in the container");
        }
        String as = request.query().text("as");
        if (as.contains("/") || as.equals(".") || as.equals("..")) {
            throw RefusedException.badRequest("as must be a name without slashes");
        }
        if (sessions.state(pod, container) == ContainerSessions.State.GONE && !files.isKept(pod, container)) {
            throw new RefusedException(
                    409,
                    "Conflict",
                    "container \"%s\" is not running, and its writable layer was not kept".formatted(container));
        }
        try {
            return switch (request.method()) {
                case "GET" -> {
                    // Opened again when the answer begins: a client that has gone meanwhile leaves nothing open.
                    files.take(pod, container, path, as).close();
                    yield new Reply.Stream("application/x-tar", sink -> {
                        try (ContainerFiles.Outgoing outgoing = files.take(pod, container, path, as)) {
                            outgoing.writeTo(new SinkStream(sink));
                        }
                    });
                }
                case "PUT" -> {
                    boolean toRoot = request.query().text("owner").equals("root");
                    files.put(pod, container, new ContainerFiles.Place(path, as, toRoot), request.upload());
                    yield Reply.ok(JsonNodeFactory.instance
                            .objectNode()
                            .put("kind", "Status")
                            .put("apiVersion", "v1")
                            .put("status", "Success"));
                }
                default -> throw RefusedException.methodNotAllowed();
            };
        } catch (ContainerFiles.MissingPathException e) {
            throw new RefusedException(404, "NotFound", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw RefusedException.badRequest(String.valueOf(e.getMessage()));
        }
    }
}
