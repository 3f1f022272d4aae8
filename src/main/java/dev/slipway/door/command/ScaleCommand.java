package dev.slipway.door.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway scale NAME --replicas N`: says how many pods there shall be, and leaves the doing to the engine.
@Command(name = "scale", description = "Say how many pods a Deployment or ReplicaSet shall have.")
public final class ScaleCommand implements Callable<Integer> {
    private static final String MERGE = "application/merge-patch+json";

    @Mixin
    private Connection connection = new Connection();

    @Parameters(
            arity = "1..2",
            paramLabel = "[KIND] NAME",
            description = "A Deployment by its name, or KIND NAME, or KIND/NAME.")
    private List<String> words = List.of();

    @Option(names = "--replicas", paramLabel = "N", required = true, description = "How many.")
    private int replicas;

    @Override
    public Integer call() throws IOException {
        EngineClient engine = connection.engine();
        boolean isBare = words.size() == 1 && !words.getFirst().contains("/");
        Target target = isBare
                ? new Target("deployment", words.getFirst())
                : Target.of(words).getFirst();
        WrongUsageException.unless(!target.name().isEmpty(), "say which object: NAME, KIND NAME or KIND/NAME");
        Resource resource =
                isBare ? Resource.DEPLOYMENTS : Resources.discover(engine).named(target.kind());
        ObjectNode scale = ObjectCodec.json().createObjectNode();
        scale.putObject("spec").put("replicas", replicas);
        engine.exchange(
                "PATCH",
                resource.object(connection.namespace(), target.name()) + "/scale?fieldManager=slipway-cli",
                EngineClient.Content.of(MERGE, ObjectCodec.toBytes(scale)));
        System.out.println(resource.words(target.name()) + " scaled");
        return 0;
    }
}
