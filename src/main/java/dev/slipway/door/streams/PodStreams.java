package dev.slipway.door.streams;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.Query;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.UpgradeOffer;
import dev.slipway.door.spdy.SpdyEncoder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/// Answers `pods/<name>/exec`, `attach` and `portforward`.
///
/// What can be refused is refused before the upgrade, as a `Status`. A client that has met a refusal of its WebSocket
/// asks again for SPDY and shows what it is told then, so both are refused in the same order.
public final class PodStreams {
    /// Those of the client are odd.
    private static final int OWN_PING = 2;

    /// As long as Kubernetes gives a client to open its streams.
    private static final Duration BEGIN_LIMIT = Duration.ofSeconds(30);

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
        ContainerSessions.Exec exec = new ContainerSessions.Exec(command, wanted.stdin(), terminal, own(query));
        return command(request, "exec", wanted, () -> sessions.exec(pod, container, exec));
    }

    public Reply attach(ApiObject pod, String container, ApiRequest request) {
        ContainerSessions.Wanted wanted = wanted(request.query());
        requireRunning(pod, container, "attach to");
        return command(request, "attach", wanted, () -> sessions.attach(pod, container, wanted));
    }

    public Reply forward(ApiObject pod, ApiRequest request) {
        String phase = pod.status().path("phase").asText();
        if (!phase.equals("Running")) {
            throw RefusedException.badRequest(
                    "unable to forward port because pod is not running. Current status=" + phase);
        }
        Agreed agreed = agree(request, "portforward", List.of(PortForward.PROTOCOL), PortForward.SPDY_PROTOCOL);
        return new Reply.Upgrade(new PortForward(port -> sessions.connect(pod, port), workers), agreed.spdy());
    }

    /// Beside what Kubernetes has: `env=NAME=value`, `user=` and `workingDir=`, as those of `docker exec`.
    private static ContainerSessions.Own own(Query query) {
        List<String> env = query.all("env");
        String workingDir = query.text("workingDir");
        for (String line : env) {
            if (line.indexOf('=') < 1) {
                throw RefusedException.badRequest("env must be NAME=value, but is \"%s\"".formatted(line));
            }
        }
        if (!workingDir.isEmpty() && !workingDir.startsWith("/")) {
            throw RefusedException.badRequest("workingDir must be an absolute path");
        }
        return new ContainerSessions.Own(env, query.text("user"), workingDir);
    }

    /// With a terminal there is no stderr, whoever asks for it: no client opens a stream for it then.
    private static ContainerSessions.Wanted wanted(Query query) {
        ContainerSessions.Wanted wanted = new ContainerSessions.Wanted(
                query.flag("stdin"), query.flag("stdout"), query.flag("stderr") && !query.flag("tty"));
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

    private Reply command(
            ApiRequest request, String verb, ContainerSessions.Wanted wanted, RemoteCommand.Opening opening) {
        Agreed agreed = agree(request, verb, ChannelProtocol.words(), SpdyLine.PROTOCOL);
        Set<String> streams = SpdyLine.expected(wanted, request.query().flag("tty"));
        RemoteCommand.Lines lines =
                agreed.spdy().isPresent() ? socket -> new SpdyLine(socket, streams, BEGIN_LIMIT) : ChannelLine::of;
        return new Reply.Upgrade(
                new RemoteCommand(wanted, verb.equals("exec"), lines, opening, workers), agreed.spdy());
    }

    /// @param spdy present when that is spoken, else a WebSocket
    private record Agreed(Optional<Reply.Upgrade.Spdy> spdy) {}

    private static Agreed agree(ApiRequest request, String verb, List<String> onWebSocket, String onSpdy) {
        Optional<UpgradeOffer> offer = request.offer();
        boolean isSpdy = offer.filter(each -> each.transport() == UpgradeOffer.Transport.SPDY)
                .isPresent();
        List<String> served = isSpdy ? List.of(onSpdy) : onWebSocket;
        if (offer.flatMap(each -> each.choose(served)).isEmpty()) {
            throw RefusedException.badRequest("%s needs a WebSocket with one of the protocols %s, or SPDY/3.1 with %s"
                    .formatted(verb, String.join(", ", onWebSocket), onSpdy));
        }
        return new Agreed(
                isSpdy ? Optional.of(new Reply.Upgrade.Spdy(onSpdy, SpdyEncoder.ping(OWN_PING))) : Optional.empty());
    }
}
