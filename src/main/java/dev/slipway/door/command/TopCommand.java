package dev.slipway.door.command;

import dev.slipway.door.client.EngineClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway top NAME`: the processes of a container, as the host sees them; the container needs no ps(1).
@Command(name = "top", description = "Show the processes of a container.")
public final class TopCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Parameters(paramLabel = "NAME", description = "A Container, a Pod, or deployment/NAME.")
    private String name = "";

    @Option(
            names = {"-c", "--container"},
            paramLabel = "NAME",
            description = "Which container of the pod.")
    private String container = "";

    @Override
    public Integer call() throws IOException {
        String query = container.isEmpty() ? "" : "?container=" + Resource.encode(container);
        EngineClient engine = connection.engine();
        String pod = NamedPod.of(engine, connection.namespace(), name);
        String path = Resource.PODS.object(connection.namespace(), pod) + "/top" + query;
        new Columns(false, false, "").lines(engine.json(path)).forEach(System.out::println);
        return 0;
    }
}
