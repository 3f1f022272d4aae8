package dev.slipway.door.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The verbs that are the engine itself. They stand here for help, completion and suggestions; the launcher script
/// starts another main class for them, which reads their words.
abstract class EngineVerbs implements Callable<Integer> {
    @Option(names = "--root", paramLabel = "DIR", description = "Durable data (default: /var/lib/slipway).")
    private @Nullable Path root;

    @Option(names = "--run", paramLabel = "DIR", description = "Sockets and namespaces (default: /run/slipway).")
    private @Nullable Path run;

    @Option(names = "--listen", paramLabel = "HOST:PORT", description = "TLS listener, or off.")
    private String listen = "";

    @Override
    public Integer call() throws IOException {
        throw new IOException(
                "the engine is started by bin/slipway, with the verb first: slipway serve, slipway up DIR, slipway dismantle");
    }

    /// `slipway serve`.
    @Command(name = "serve", description = "Be the engine: watch directories, reconcile, serve the API until stopped.")
    static final class Serve extends EngineVerbs {
        @Option(
                names = "--manifests",
                paramLabel = "DIR",
                description = "Directory to watch; may be given several times.")
        private List<Path> manifests = new ArrayList<>();
    }

    /// `slipway dismantle`.
    @Command(
            name = "dismantle",
            description = "End all containers, and take mounts, cgroups and networks off this host; data stay.")
    static final class Dismantle extends EngineVerbs {}

    /// `slipway up DIR`.
    @Command(name = "up", description = "Serve, show live how DIR converges, then stay (or leave).")
    static final class Up extends EngineVerbs {
        @Parameters(paramLabel = "DIR", description = "Directory of manifests.")
        private @Nullable Path directory;

        @Option(names = "--exit", description = "Leave when it has converged, with exit code 1 if it has not.")
        private boolean exit;

        @Option(
                names = "--timeout",
                paramLabel = "TIME",
                description = "How long that may take, as 90s or 5m (default: 5m).")
        private String timeout = "";
    }
}
