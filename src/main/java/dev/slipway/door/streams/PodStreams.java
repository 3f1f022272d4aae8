package dev.slipway.door.streams;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.Query;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import java.util.List;
import java.util.concurrent.Executor;

/// Answers `pods/<name>/exec`, `attach` and `portforward`.
///
/// What can be refused is refused before the upgrade, as a `Status`. A client that has met a refusal of its WebSocket
/// asks again by `POST`, for SPDY, and shows what it is told then: so that is refused in the same order, and at last
/// because SPDY is not served.
public final class PodStreams {
    private final ContainerSessions sessions;
    private final Executor workers;

    /// @param workers runs the tasks of conversations; virtual threads
    public PodStreams(ContainerSessions sessions, Executor workers) {
        this.sessions = sessions;
        this.workers = workers;
    }

    public Reply exec(ApiObject pod, String container, ApiRequest request) {
        Query query = request.query();
        boolean terminal = query.flag("tty");
        ContainerSessions.Wanted wanted = wanted(query);
        List<String> command = query.all("command");
        if (command.isEmpty() || command.getFirst().isEmpty()) {
            throw RefusedException.badRequest("you must specify at least one command for the container");
        }
        requireRunning(pod, container, "exec into");
        requireOffer(request, "exec", ChannelProtocol.words());
        ContainerSessions.Exec exec = new ContainerSessions.Exec(command, wanted.stdin(), terminal);
        return new Reply.Upgrade(new RemoteCommand(wanted, true, () -> sessions.exec(pod, container, exec), workers));
    }

    public Reply attach(ApiObject pod, String container, ApiRequest request) {
        ContainerSessions.Wanted wanted = wanted(request.query());
        requireRunning(pod, container, "attach to");
        requireOffer(request, "attach", ChannelProtocol.words());
        return new Reply.Upgrade(
                new RemoteCommand(wanted, false, () -> sessions.attach(pod, container, wanted), workers));
    }

    public Reply forward(ApiObject pod, ApiRequest request) {
        String phase = pod.status().path("phase").asText();
        if (!phase.equals("Running")) {
            throw RefusedException.badRequest(
                    "unable to forward port because pod is not running. Current status=" + phase);
        }
        requireOffer(request, "portforward", List.of(PortForward.PROTOCOL));
        return new Reply.Upgrade(new PortForward(port -> sessions.connect(pod, port), workers));
    }

    private static ContainerSessions.Wanted wanted(Query query) {
        ContainerSessions.Wanted wanted =
                new ContainerSessions.Wanted(query.flag("stdin"), query.flag("stdout"), query.flag("stderr"));
        if (!wanted.stdin() && !wanted.stdout() && !wanted.stderr()) {
            throw RefusedException.badRequest("you must specify at least 1 of stdin, stdout, stderr");
        }
        return wanted;
    }

    private void requireRunning(ApiObject pod, String container, String verb) {
        String phase = pod.status().path("phase").asText();
        if (phase.equals("Succeeded") || phase.equals("Failed")) {
            throw RefusedException.badRequest(
                    "cannot %s a container in a completed pod; current phase is %s".formatted(verb, phase));
        }
        switch (sessions.state(pod, container)) {
            case RUNNING -> {}
            case PAUSED ->
                throw new RefusedException(
                        409,
                        "Conflict",
                        "cannot %s container \"%s\": it is paused, resume it first".formatted(verb, container));
            case GONE ->
                throw new RefusedException(
                        500, "InternalError", "container not found (\"%s\"): it is not running".formatted(container));
        }
    }

    private static void requireOffer(ApiRequest request, String verb, List<String> protocols) {
        if (request.webSocket().flatMap(offer -> offer.choose(protocols)).isEmpty()) {
            throw RefusedException.badRequest(
                    ("%s needs a WebSocket with one of the protocols %s; kubectl 1.31 and later offer that, "
                                    + "SPDY alone is not served")
                            .formatted(verb, String.join(", ", protocols)));
        }
    }
}
