package dev.slipway.door.cli;

import dev.slipway.door.command.Variables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `slipway kubeconfig`: how to point kubectl and helm at this engine.
@Command(name = "kubeconfig", description = "Print how to point kubectl and helm here.")
final class KubeconfigCommand implements Callable<Integer> {
    @Option(
            names = "--root",
            paramLabel = "DIR",
            description = "Data directory of the engine (default: SLIPWAY_ROOT, else /var/lib/slipway).")
    private @Nullable String root;

    @Option(names = "--raw", description = "Print the file itself.")
    private boolean raw;

    @Override
    public Integer call() throws IOException {
        String directory = root != null ? root : Variables.of(System.getenv(), "SLIPWAY_ROOT", "/var/lib/slipway");
        Path file = Path.of(directory, "kubeconfig").toAbsolutePath();
        if (!Files.exists(file)) {
            throw new IOException("%s is not there: start the engine once, it writes the file".formatted(file));
        }
        if (raw) {
            System.out.print(Files.readString(file));
        } else {
            System.out.println("export KUBECONFIG=" + file);
            System.err.println("# run:  eval \"$(slipway kubeconfig)\"   then: kubectl get containers,pods");
        }
        return 0;
    }
}
