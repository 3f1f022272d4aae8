package dev.slipway.door.cli;

import dev.slipway.door.client.EngineClient;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.NamedPod;
import dev.slipway.door.command.Resource;
import dev.slipway.door.session.UserSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway exec NAME -- COMMAND`: runs a command in a container, and ends with its exit code. A `Container` and its
/// pod share the name, so either is meant.
@Command(name = "exec", description = "Run a command in a container.")
final class ExecCommand implements Callable<Integer> {
    @Mixin
    private Place place = new Place();

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "COMMAND",
            description = "Program and arguments, behind --.")
    private List<String> command = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        List<String> query = new ArrayList<>();
        command.forEach(word -> query.add("command=" + Resource.encode(word)));
        return place.run("exec", query);
    }

    /// Which container, and what of this command's streams it gets.
    static final class Place {
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

        int run(String part, List<String> more) throws IOException {
            List<String> query = new ArrayList<>(more);
            query.add("stdin=" + stdin + "&stdout=true&stderr=" + !terminal + "&tty=" + terminal);
            if (!container.isEmpty()) {
                query.add("container=" + Resource.encode(container));
            }
            EngineClient engine = connection.engine();
            String pod = NamedPod.of(engine, connection.namespace(), name);
            String path =
                    Resource.PODS.object(connection.namespace(), pod) + "/" + part + "?" + String.join("&", query);
            return new UserSession(stdin ? System.in : null, System.out, System.err, terminal).run(engine, path);
        }
    }

    /// `slipway attach NAME`: joins the container's own process.
    @Command(name = "attach", description = "Join what a container's own process says, and hears with -i.")
    static final class Attach implements Callable<Integer> {
        @Mixin
        private Place place = new Place();

        @Override
        public Integer call() throws IOException {
            return place.run("attach", List.of());
        }
    }
}
