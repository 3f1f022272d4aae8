package dev.slipway.door.command;

import dev.slipway.door.client.EngineClient;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which engine to talk to, and in which namespace: options that every verb has.
public final class Connection {
    @Option(
            names = "--run",
            paramLabel = "DIR",
            description = "Run directory of the engine (default: SLIPWAY_RUN, else /run/slipway).")
    private @Nullable String run;

    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NAME",
            description = "Namespace (default: ${DEFAULT-VALUE}).")
    private String namespace = "default";

    public EngineClient engine() {
        String directory = run != null ? run : Variables.of(System.getenv(), "SLIPWAY_RUN", "/run/slipway");
        return new EngineClient(Path.of(directory, "slipway.sock"));
    }

    public String namespace() {
        return namespace;
    }
}
