package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.door.client.EngineClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway stats`: what containers use, again and again on a terminal, once elsewhere.
@Command(name = "stats", description = "Show what containers use: live on a terminal, else once.")
public final class StatsCommand implements Callable<Integer> {
    private static final Duration PERIOD = Duration.ofSeconds(1);
    /// To the upper left corner; and clear from here to the end of the screen.
    private static final String HOME = "\033[H";
    private static final String CLEAR = "\033[J";

    @Mixin
    private Connection connection = new Connection();

    @Parameters(
            arity = "0..*",
            paramLabel = "NAME",
            description = "Containers, pods or deployment/NAME (default: all).")
    private List<String> names = new ArrayList<>();

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "Of all namespaces.")
    private boolean everywhere;

    @Option(names = "--no-stream", description = "Once, on a terminal too.")
    private boolean once;

    @Override
    public Integer call() throws IOException, InterruptedException {
        boolean isLive = !once && System.console() != null && System.console().isTerminal();
        if (!isLive) {
            table().forEach(System.out::println);
            return 0;
        }
        System.out.print(HOME + CLEAR);
        while (true) {
            System.out.print(HOME);
            table().forEach(line -> System.out.print(line + "\033[K\n"));
            System.out.print(CLEAR);
            System.out.flush();
            Thread.sleep(PERIOD);
        }
    }

    private List<String> table() throws IOException {
        EngineClient engine = connection.engine();
        String namespace = everywhere ? "" : connection.namespace();
        JsonNode metrics = engine.json(Resource.POD_METRICS.collection(namespace));
        Map<String, JsonNode> pods = new HashMap<>();
        engine.json(Resource.PODS.collection(namespace))
                .path("items")
                .forEach(pod -> pods.put(key(pod), pod.path("spec")));
        List<String> named = new ArrayList<>();
        for (String name : names) {
            named.addAll(NamedPod.all(engine, connection.namespace(), name));
        }
        for (String name : named) {
            if (pods.keySet().stream().noneMatch(pod -> pod.endsWith("/" + name))) {
                throw new IOException("no Container or Pod \"%s\"%s"
                        .formatted(name, everywhere ? "" : " in namespace " + connection.namespace()));
            }
        }
        return new StatsTable(everywhere, named).lines(metrics, pods);
    }

    static String key(JsonNode object) {
        JsonNode metadata = object.path("metadata");
        return metadata.path("namespace").asText() + "/" + metadata.path("name").asText();
    }
}
