package dev.slipway.door.cli;

import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Named;
import dev.slipway.door.command.NamedPod;
import dev.slipway.door.command.PodContainer;
import dev.slipway.door.command.Resource;
import dev.slipway.door.command.Seconds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway logs NAME`: what a container wrote. A `Container` and its pod share the name, so either is meant.
/// `slipway logs image/NAME`: how an Image was built.
@Command(name = "logs", description = "Print what a container wrote, or how an image was built.")
final class LogsCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Parameters(paramLabel = "NAME", description = "A Container, a Pod, deployment/NAME or image/NAME.")
    private String name = "";

    @Option(
            names = {"-c", "--container"},
            paramLabel = "NAME",
            description = "Which container of the pod.")
    private String container = "";

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
    private long tail = -1;

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            converter = Seconds.class,
            description = "Only lines younger than that: 90 or 90s, 5m, 1h.")
    private long since = -1;

    @Override
    public Integer call() throws IOException {
        List<String> query = new ArrayList<>(List.of("follow=" + follow, "previous=" + previous));
        query.add("timestamps=" + timestamps);
        if (tail >= 0) {
            query.add("tailLines=" + tail);
        }
        if (since >= 0) {
            query.add("sinceSeconds=" + since);
        }
        EngineClient engine = connection.engine();
        String path = path(engine, query) + "/log?" + String.join("&", query);
        EngineClient.Content any = EngineClient.Content.accepting("*/*");
        try (EngineResponse response = engine.send("GET", path, any)) {
            byte[] buffer = new byte[16 * 1024];
            var body = response.orRefused().body();
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                System.out.write(buffer, 0, count);
                System.out.flush();
            }
        }
        return 0;
    }

    private String path(EngineClient engine, List<String> query) throws IOException {
        Named named = Named.of(name);
        if (named.isImage()) {
            return "/apis/slipway.dev/v1alpha1/images/" + Resource.encode(named.name());
        }
        String pod = NamedPod.of(engine, connection.namespace(), name);
        PodContainer chosen = PodContainer.of(engine, connection.namespace(), pod, container, System.err);
        query.add("container=" + Resource.encode(chosen.name()));
        return Resource.PODS.object(connection.namespace(), pod);
    }
}
