package dev.slipway.door.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway exec NAME -- COMMAND`. The engine's API does not serve it yet; the words say what there is instead.
@Command(name = "exec", description = "Run a command in a container (not in this version).")
final class ExecCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "NAME", description = "A Container, or a Pod.")
    private String name = "";

    @Parameters(index = "1..*", paramLabel = "COMMAND", description = "Program and arguments, behind --.")
    private List<String> command = new ArrayList<>();

    @Option(
            names = {"-i", "--stdin"},
            description = "Pass standard input on.")
    private boolean stdin;

    @Option(
            names = {"-t", "--tty"},
            description = "With a terminal.")
    private boolean terminal;

    @Override
    public Integer call() throws IOException {
        throw new IOException("""
            exec is not served by this version of the engine; nothing was run.
            Instead:      slipway logs %1$s
                          slipway describe container %1$s
                          slipway get container %1$s -o wide      has its pid, for nsenter(1) as root""".formatted(name));
    }
}
