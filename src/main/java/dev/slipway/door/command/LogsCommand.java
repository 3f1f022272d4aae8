package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.door.client.EngineClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway logs NAME`: what a container wrote. A `Container` and its pod share the name, so either is meant.
/// `slipway logs image/NAME`: how an Image was built. `slipway logs -l LABELS`: what all pods with these labels wrote.
@Command(name = "logs", description = "Print what a container wrote, or how an image was built.")
public final class LogsCommand implements Callable<Integer> {
    /// How many lines of each pod are enough where there may be many pods, as in kubectl.
    private static final int LINES_OF_MANY = 10;

    @Mixin
    private Connection connection = new Connection();

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "A Container, a Pod, deployment/NAME or image/NAME.")
    private String name = "";

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "LABELS",
            description = "Of all pods whose labels match; 10 lines of each, unless --tail says otherwise.")
    private String selector = "";

    @Option(
            names = {"-c", "--container"},
            paramLabel = "NAME",
            description = "Which container of the pod.")
    private String container = "";

    @Option(names = "--all-containers", description = "Of all containers of the pod.")
    private boolean allContainers;

    @Option(names = "--prefix", description = "With pod and container in front of each line.")
    private boolean prefix;

    @Option(
            names = {"-f", "--follow"},
            description = "Go on printing.")
    private boolean follow;

    @Option(
            names = {"-p", "--previous"},
            description = "Of the run before the last restart.")
    private boolean previous;

    @Option(names = "--timestamps", description = "With the time of each line.")
    private boolean timestamps;

    @Option(names = "--tail", paramLabel = "LINES", description = "Only the last lines.")
    private Long tail = Long.MIN_VALUE;

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            converter = Seconds.class,
            description = "Only lines younger than that: 90 or 90s, 5m, 1h.")
    private long since = -1;

    @Override
    public Integer call() throws IOException {
        WrongUsageException.unless(name.isEmpty() != selector.isEmpty(), "say NAME, or -l LABELS");
        WrongUsageException.unless(container.isEmpty() || !allContainers, "say -c NAME or --all-containers, not both");
        EngineClient engine = connection.engine();
        LogStreams.print(engine, streams(engine), follow, System.out);
        return 0;
    }

    private List<LogStreams.Source> streams(EngineClient engine) throws IOException {
        Named named = Named.of(name);
        if (named.isImage()) {
            String path = "/apis/slipway.dev/v1alpha1/images/" + Resource.encode(named.name()) + "/log?" + query();
            return List.of(new LogStreams.Source("", path));
        }
        List<LogStreams.Source> streams = new ArrayList<>();
        for (JsonNode pod : pods(engine)) {
            for (String each : containers(pod)) {
                streams.add(stream(pod.at("/metadata/name").asText(), each));
            }
        }
        if (streams.isEmpty()) {
            System.err.println("No pods found.");
        }
        return streams;
    }

    private Iterable<JsonNode> pods(EngineClient engine) throws IOException {
        String namespace = connection.namespace();
        if (!selector.isEmpty()) {
            Selectors selectors = Selectors.ofLabels(selector);
            return engine.json(selectors.in(Resource.PODS.collection(namespace)))
                    .path("items");
        }
        String pod = NamedPod.of(engine, namespace, name);
        return List.of(engine.json(Resource.PODS.object(namespace, pod)));
    }

    private List<String> containers(JsonNode pod) throws IOException {
        return allContainers
                ? PodContainer.names(pod)
                : List.of(PodContainer.of(pod, container, System.err).name());
    }

    private LogStreams.Source stream(String pod, String of) {
        String path = Resource.PODS.object(connection.namespace(), pod) + "/log?" + query() + "&container="
                + Resource.encode(of);
        return new LogStreams.Source(prefix ? "[pod/%s/%s] ".formatted(pod, of) : "", path);
    }

    private String query() {
        List<String> query = new ArrayList<>(List.of("follow=" + follow, "previous=" + previous));
        query.add("timestamps=" + timestamps);
        long lines = tail != Long.MIN_VALUE ? tail : selector.isEmpty() ? -1 : LINES_OF_MANY;
        if (lines >= 0) {
            query.add("tailLines=" + lines);
        }
        if (since >= 0) {
            query.add("sinceSeconds=" + since);
        }
        return String.join("&", query);
    }
}
