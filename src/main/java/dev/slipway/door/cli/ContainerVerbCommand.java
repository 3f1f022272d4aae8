package dev.slipway.door.cli;

import dev.slipway.door.client.EngineClient;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Named;
import dev.slipway.door.command.Resource;
import dev.slipway.door.command.WrongUsageException;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway restart|kill NAME`: what is done to a `Container` once, without changing what is desired.
abstract class ContainerVerbCommand implements Callable<Integer> {
    private static final Resource CONTAINERS = new Resource("slipway.dev", "v1alpha1", "containers", "Container", true);

    @Mixin
    private Connection connection = new Connection();

    @Parameters(paramLabel = "NAME", description = "A Container.")
    private String name = "";

    /// `slipway restart`.
    @Command(name = "restart", description = "End a container's process and start it again. Its layer is kept.")
    static final class Restart extends ContainerVerbCommand {
        @Override
        String verb() {
            return "restart";
        }
    }

    /// `slipway kill`.
    @Command(name = "kill", description = "Send a signal to a container. Its restart policy decides what follows.")
    static final class Kill extends ContainerVerbCommand {
        @Option(
                names = {"-s", "--signal"},
                paramLabel = "SIGNAL",
                description = "Name or number (default: SIGKILL).")
        private String signal = "SIGKILL";

        @Override
        String verb() {
            return "kill?signal=" + URLEncoder.encode(signal, StandardCharsets.UTF_8);
        }
    }

    /// The subresource, and its query.
    abstract String verb();

    @Override
    public Integer call() throws IOException {
        Named named = Named.of(name);
        WrongUsageException.unless(named.mayBeContainer(), "\"%s\" names no Container".formatted(name));
        connection
                .engine()
                .exchange(
                        "POST",
                        CONTAINERS.object(connection.namespace(), named.name()) + "/" + verb(),
                        EngineClient.Content.NONE);
        System.out.println(CONTAINERS.words(named.name()) + " " + verb().replaceFirst("\\?.*", "") + ": asked");
        return 0;
    }
}
