package dev.slipway.actor.pod;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.Golden;
import dev.slipway.actor.pod.PodActions.Situation;
import dev.slipway.actor.pod.PodHistory.AskedStop;
import dev.slipway.actor.probe.Health;
import dev.slipway.actor.probe.Health.Illness;
import dev.slipway.actor.resolve.Host;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.MalformedYamlException;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.PodState;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is decided about a pod and what its status says, given what was stored (`pod.yaml`) and what the
/// runtime has (`runtime.yaml`). The status is that of a round in which nothing was done yet.
class PodRulesTest {
    private static final PodUid UID = new PodUid("u-1");
    private static final Digest IMAGE = new Digest("sha256:" + "a".repeat(64));

    static List<Golden.Case> cases() throws IOException {
        return Golden.cases(PodRulesTest.class);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void a_pod_is_decided_and_described(Golden.Case each) throws IOException, MalformedYamlException {
        ObjectNode tree = each.document("pod.yaml");
        tree.withObject("/metadata").put("namespace", "shop").put("uid", UID.value());
        Catalog.kinds().find("v1", "Pod").orElseThrow().complete(tree);
        ApiObject pod = ApiObject.of(tree);
        JsonNode runtime = each.document("runtime.yaml");
        Instant now = Instant.parse(runtime.path("now").asText());
        PodState state = state(runtime);
        WantedPod wanted = WantedPod.of(pod);
        Map<String, Recorded> recorded = Recorded.of(pod);

        Decision decision = PodActions.compute(
                new Situation(
                        PodEvents.fullName(pod),
                        wanted,
                        state,
                        health(runtime),
                        recorded,
                        Optional.ofNullable(runtime.get("unmet")).map(JsonNode::asText),
                        excess(runtime),
                        Map.of(),
                        history(runtime, pod)),
                now);
        ObjectNode status = PodStatusRenderer.render(
                new PodView(
                        pod,
                        wanted,
                        state,
                        state,
                        health(runtime),
                        decision.verdicts(),
                        Map.of(),
                        excess(runtime),
                        new Host("host-a", "192.0.2.1", 4000, 8L << 30, 100L << 30)),
                now);

        ObjectNode out = ObjectCodec.json().createObjectNode();
        ArrayNode actions = out.putArray("actions");
        decision.actions().forEach(action -> actions.add(words(action)));
        decision.next().ifPresent(next -> out.put("again", next.toString()));
        out.set("status", status);
        each.expect("out.yaml", out);
    }

    private static Optional<String> excess(JsonNode runtime) {
        return Optional.ofNullable(runtime.get("excess")).map(JsonNode::asText);
    }

    private static String words(PodAction action) {
        return switch (action) {
            case PodAction.EnsureSandbox ensure -> "ensure sandbox";
            case PodAction.Start start ->
                "start %s %d, restart %d in a row".formatted(start.container().name(), start.attempt(), start.streak());
            case PodAction.Create create ->
                "create %s %d".formatted(create.container().name(), create.attempt());
            case PodAction.Stop stop ->
                "stop %s %d within %s, %s"
                        .formatted(stop.container().name(), stop.attempt(), stop.grace(), stop.cause());
            case PodAction.Resize resize -> "resize " + resize.container().name();
            case PodAction.Pause pause -> "pause " + pause.container();
            case PodAction.Resume resume -> "resume " + resume.container();
            case PodAction.RemoveAttempt old -> "remove %s %d".formatted(old.container(), old.attempt());
            case PodAction.RemovePod remove -> "remove pod";
        };
    }

    private static PodState state(JsonNode runtime) {
        List<Attempt> attempts = new ArrayList<>();
        for (JsonNode attempt : runtime.path("attempts")) {
            String name = attempt.path("container").asText();
            int number = attempt.path("number").asInt();
            attempts.add(new Attempt(
                    new ContainerName(UID, name), number, name + "-" + number, IMAGE, "", state(attempt, name)));
        }
        JsonNode sandbox = runtime.path("sandbox");
        return new PodState(
                UID,
                sandbox.isTextual() ? Optional.of(new PodState.Sandbox(sandbox.asText())) : Optional.empty(),
                attempts);
    }

    private static ContainerState state(JsonNode attempt, String name) {
        if (attempt.has("running")) {
            return new ContainerState.Running(
                    1000, Instant.parse(attempt.path("running").asText()));
        }
        if (attempt.has("paused")) {
            return new ContainerState.Paused(
                    1000,
                    Instant.parse(attempt.path("paused").asText()),
                    attempt.path("held").asBoolean()
                            ? ContainerState.Paused.Cause.HELD
                            : ContainerState.Paused.Cause.ASKED);
        }
        if (attempt.has("lost")) {
            return new ContainerState.Lost(Instant.parse(attempt.path("lost").asText()));
        }
        JsonNode exited = attempt.path("exited");
        if (!exited.isObject()) {
            return new ContainerState.Created();
        }
        return new ContainerState.Exited(
                exited.path("code").asInt(),
                exited.path("signal").asInt(),
                exited.path("oom").asBoolean(),
                Instant.parse(exited.path("from").asText()),
                Instant.parse(exited.path("to").asText()));
    }

    private static PodAction.Cause cause(JsonNode runtime) {
        return PodAction.Cause.valueOf(runtime.path("cause").asText("UNWANTED"));
    }

    /// By container: `started`, `ready`, `greeted`, which are true when nothing is said, and `ill`.
    private static Map<String, Health> health(JsonNode runtime) {
        Map<String, Health> health = new HashMap<>();
        runtime.path("health").properties().forEach(entry -> {
            JsonNode said = entry.getValue();
            Optional<Illness> illness = Optional.of(said.path("ill"))
                    .filter(JsonNode::isTextual)
                    .map(cause -> new Illness(
                            Health.Cause.valueOf(cause.asText()),
                            said.path("message").asText(),
                            said.has("grace")
                                    ? Optional.of(Duration.ofSeconds(
                                            said.path("grace").asLong()))
                                    : Optional.empty()));
            health.put(
                    entry.getKey(),
                    new Health(
                            said.path("greeted").asBoolean(true),
                            said.path("started").asBoolean(true),
                            said.path("ready").asBoolean(true),
                            illness,
                            said.path("complaint").asText()));
        });
        return health;
    }

    /// What the engine remembers, or, with nothing said, what it recalls from the pod.
    private static PodHistory history(JsonNode runtime, ApiObject pod) {
        Map<String, Integer> streaks = new HashMap<>();
        Map<String, AskedStop> stops = new HashMap<>();
        runtime.path("streaks")
                .properties()
                .forEach(entry -> streaks.put(entry.getKey(), entry.getValue().asInt()));
        runtime.path("stops")
                .properties()
                .forEach(entry -> stops.put(
                        entry.getKey(),
                        new AskedStop(0, Instant.parse(entry.getValue().asText()), cause(runtime))));
        return streaks.isEmpty() && stops.isEmpty()
                ? PodHistory.recalled(pod)
                : new PodHistory(streaks, stops, Map.of());
    }
}
