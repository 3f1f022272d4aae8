package dev.slipway.door.cli;

import dev.slipway.door.command.Resource;
import dev.slipway.door.command.WrongUsageException;
import dev.slipway.door.session.DetachKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Stack;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway exec NAME -- COMMAND`: runs a command in a container, and ends with its exit code. A `Container` and its
/// pod share the name, so either is meant.
@Command(name = "exec", description = "Run a command in a container.")
final class ExecCommand implements Callable<Integer> {
    @Mixin
    private SessionPlace place = new SessionPlace();

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "COMMAND",
            parameterConsumer = Rest.class,
            description = "Program and arguments; -- may stand before them.")
    private List<String> command = new ArrayList<>();

    @Option(
            names = {"-e", "--env"},
            paramLabel = "NAME[=VALUE]",
            description = "A variable for it, with the value that it has here where none is said.")
    private List<String> env = new ArrayList<>();

    @Option(
            names = {"-u", "--user"},
            paramLabel = "USER[:GROUP]",
            description = "Who it is, by name or number.")
    private String user = "";

    @Option(
            names = {"-w", "--workdir"},
            paramLabel = "DIR",
            description = "Where it begins.")
    private String workingDir = "";

    /// Takes all words from the first of the command on: what looks like an option there is one of the command.
    static final class Rest implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> words, ArgSpec into, CommandSpec verb) {
            List<String> command = into.getValue();
            while (!words.isEmpty()) {
                command.add(words.pop());
            }
        }
    }

    @Override
    public Integer call() throws IOException {
        List<String> query = new ArrayList<>();
        command.forEach(word -> query.add("command=" + Resource.encode(word)));
        WrongUsageException.unless(
                workingDir.isEmpty() || workingDir.startsWith("/"), "-w is an absolute path: " + workingDir);
        for (String variable : env) {
            String line = variable.contains("=") ? variable : here(variable);
            WrongUsageException.unless(line.indexOf('=') != 0, "-e is NAME or NAME=VALUE: " + variable);
            if (!line.isEmpty()) {
                query.add("env=" + Resource.encode(line));
            }
        }
        if (!user.isEmpty()) {
            query.add("user=" + Resource.encode(user));
        }
        if (!workingDir.isEmpty()) {
            query.add("workingDir=" + Resource.encode(workingDir));
        }
        return place.open().run("exec", query, DetachKeys.NONE);
    }

    /// Nothing where it has no value, as in Docker.
    private static String here(String variable) {
        String value = System.getenv(variable);
        return value == null ? "" : variable + "=" + value;
    }

    /// `slipway attach NAME`: joins the container's own process.
    @Command(name = "attach", description = "Join what a container's own process says, and hears with -i.")
    static final class Attach implements Callable<Integer> {
        @Mixin
        private SessionPlace place = new SessionPlace();

        @Option(
                names = "--detach-keys",
                paramLabel = "KEYS",
                description = "What is typed to leave, with -it (default: ${DEFAULT-VALUE}).")
        private String detachKeys = DetachKeys.STANDARD;

        @Override
        public Integer call() throws IOException {
            DetachKeys keys = keys();
            return place.open().asItsProcessIs().run("attach", List.of(), keys);
        }

        private DetachKeys keys() {
            try {
                return DetachKeys.parse(detachKeys);
            } catch (IllegalArgumentException e) {
                throw new WrongUsageException("--detach-keys is " + e.getMessage());
            }
        }
    }
}
