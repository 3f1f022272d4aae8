package dev.slipway.door.cli;

import dev.slipway.door.client.EngineClient;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.NamedPod;
import dev.slipway.door.command.PodContainer;
import dev.slipway.door.command.Resource;
import dev.slipway.door.session.DetachKeys;
import dev.slipway.door.session.RawTerminal;
import dev.slipway.door.session.UserSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Which container a session is with, and what of this command's streams it gets.
final class SessionPlace {
    @Mixin
    private Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "NAME", description = "A Container, a Pod, or deployment/NAME.")
    private String name = "";

    @Option(
            names = {"-c", "--container"},
            paramLabel = "NAME",
            description = "Which container of the pod.")
    private String container = "";

    @Option(
            names = {"-i", "--stdin"},
            description = "Pass standard input on.")
    private boolean stdin;

    @Option(
            names = {"-t", "--tty"},
            description = "With this terminal.")
    private boolean terminal;

    /// With the terminal that was asked for, if there is one: as kubectl, so that a line that people type works in a
    /// script too.
    Opened open() throws IOException {
        EngineClient engine = connection.engine();
        String pod = NamedPod.of(engine, connection.namespace(), name);
        PodContainer chosen = PodContainer.of(engine, connection.namespace(), pod, container, System.err);
        boolean hasTerminal = terminal && RawTerminal.exists(stdin);
        if (terminal && !hasTerminal) {
            System.err.println(
                    stdin
                            ? "Going on without -t: standard input is not a terminal"
                            : "Going on without -t: no terminal");
        }
        String path = Resource.PODS.object(connection.namespace(), pod);
        return new Opened(engine, path, chosen, stdin, hasTerminal);
    }

    /// A container, and the streams that it gets.
    ///
    /// @param path of its Pod
    record Opened(EngineClient engine, String path, PodContainer container, boolean stdin, boolean terminal) {
        /// Without what the container's own process lacks. With a raw terminal, whoever joins one that has none could
        /// not even leave: its keys are no signals there.
        Opened asItsProcessIs() {
            boolean passesInput = stdin && container.readsInput();
            if (stdin && !passesInput) {
                System.err.println("Going on without -i: container %s has no stdin".formatted(container.name()));
            }
            if (terminal && !container.hasTerminal()) {
                System.err.println("Going on without -t: container %s has no tty".formatted(container.name()));
            }
            return new Opened(engine, path, container, passesInput, terminal && container.hasTerminal());
        }

        /// @return the exit code
        int run(String part, List<String> more, DetachKeys detach) throws IOException {
            List<String> query = new ArrayList<>(more);
            query.add("stdin=" + stdin + "&stdout=true&stderr=" + !terminal + "&tty=" + terminal);
            query.add("container=" + Resource.encode(container.name()));
            return new UserSession(
                            stdin ? System.in : null,
                            System.out,
                            System.err,
                            terminal,
                            terminal ? detach : DetachKeys.NONE)
                    .run(engine, path + "/" + part + "?" + String.join("&", query));
        }
    }
}
