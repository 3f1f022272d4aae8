package dev.slipway.engine.dockerfile;

import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.StageOrigin;
import dev.slipway.engine.oci.Durations;
import dev.slipway.engine.oci.Healthcheck;
import dev.slipway.engine.oci.RunParameters;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One instruction of a stage.
///
/// @param globals values of `ARG` before the first `FROM`
/// @param hasCmd whether the stage has a `CMD` before it
record DockerfileStep(
        Instruction instruction,
        Optional<StageOrigin> source,
        Dockerfile.Options options,
        Map<String, String> globals,
        boolean hasCmd)
        implements BuildStep.Deferred {
    private static final List<String> SHELL = List.of("/bin/sh", "-c");
    private static final Pattern PORTS = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?(/(?:tcp|udp|sctp))?");
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    DockerfileStep {
        globals = Map.copyOf(globals);
    }

    @Override
    public String place() {
        return instruction.place();
    }

    @Override
    public String words() {
        return instruction.words();
    }

    /// Finds what can be found wrong before a build begins.
    void check() throws MalformedDockerfileException {
        switch (instruction.word()) {
            case "COPY", "ADD" -> {}
            case "HEALTHCHECK" ->
                instruction.allow(Set.of("interval", "timeout", "start-period", "start-interval", "retries"));
            default -> instruction.allow(Set.of());
        }
        if (instruction.text().isEmpty()) {
            throw instruction.refused(instruction.word() + " needs an argument");
        }
        // What variables stand for is not known yet.
        if (!instruction.text().contains("$")) {
            resolve(Map.of(), RunParameters.EMPTY);
        }
    }

    @Override
    public BuildStep resolved(Map<String, String> arguments, RunParameters parameters) throws IOException {
        try {
            return resolve(arguments, parameters);
        } catch (MalformedDockerfileException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private BuildStep resolve(Map<String, String> arguments, RunParameters parameters)
            throws MalformedDockerfileException {
        Map<String, String> variables = variables(arguments, parameters);
        String text = instruction.text();
        Change change = new Change();
        switch (instruction.word()) {
            case "ARG" -> {
                return new BuildStep.Arguments(arguments(instruction, options.arguments(), globals, variables));
            }
            case "RUN" -> {
                return run(arguments, parameters);
            }
            case "COPY", "ADD" -> {
                return new Copies(instruction, source, options.directory(), parameters, variables).step();
            }
            case "ENV" -> change.env = pairs(variables);
            case "LABEL" -> change.labels = pairs(variables);
            case "WORKDIR" -> {
                return enter(path(parameters, Words.one(instruction, text, variables)), parameters.user());
            }
            case "USER" -> change.user = Words.one(instruction, text, variables);
            case "STOPSIGNAL" -> change.stopSignal = Words.one(instruction, text, variables);
            case "EXPOSE" -> change.ports = ports(Words.split(instruction, text, variables));
            case "VOLUME" -> change.volumes = Set.copyOf(listOrWords(variables));
            case "CMD" -> change.cmd = command(parameters);
            case "ENTRYPOINT" -> {
                change.entrypoint = command(parameters);
                // Arguments that the base has for its own program mean nothing to another.
                change.cmd = hasCmd ? null : List.of();
            }
            case "SHELL" ->
                change.shell =
                        ExecForm.list(text).orElseThrow(() -> instruction.refused("SHELL must be a list in JSON"));
            case "HEALTHCHECK" -> change.healthcheck = healthcheck(parameters);
            default -> throw instruction.refused(instruction.word() + " is not supported");
        }
        return change.step();
    }

    /// As Docker does, for the user so far. The root is there already.
    private static BuildStep enter(String directory, String user) {
        Change change = new Change();
        change.workingDir = directory;
        return directory.matches("/+")
                ? change.step()
                : new BuildStep.EnterDirectory(change.step(), new BuildStep.MakeDirectory(directory, user));
    }

    /// Whatever `ENV` says wins over `ARG`.
    private static Map<String, String> variables(Map<String, String> arguments, RunParameters parameters) {
        Map<String, String> variables = new HashMap<>(arguments);
        variables.putIfAbsent("PATH", DEFAULT_PATH);
        for (String variable : parameters.env()) {
            int equals = variable.indexOf('=');
            variables.put(variable.substring(0, Math.max(0, equals)), variable.substring(equals + 1));
        }
        return variables;
    }

    /// The values that an `ARG` sets.
    ///
    /// @param given what the build says
    /// @param globals what stands before the first `FROM`, for those without a value of their own
    static Map<String, String> arguments(
            Instruction instruction, Map<String, String> given, Map<String, String> globals, Map<String, String> known)
            throws MalformedDockerfileException {
        Map<String, String> values = new TreeMap<>();
        Map<String, String> variables = new HashMap<>(known);
        for (String word : Words.split(instruction, instruction.text(), variables)) {
            int equals = word.indexOf('=');
            String name = equals < 0 ? word : word.substring(0, equals);
            String otherwise = equals < 0 ? globals.get(name) : word.substring(equals + 1);
            String value = given.containsKey(name) ? given.get(name) : otherwise;
            if (value != null) {
                values.put(name, value);
                variables.put(name, value);
            }
        }
        return values;
    }

    private BuildStep run(Map<String, String> arguments, RunParameters parameters) throws MalformedDockerfileException {
        Map<String, String> env = new TreeMap<>(arguments);
        parameters.env().forEach(variable -> env.remove(variable.replaceFirst("=.*", "")));
        Optional<List<String>> list = ExecForm.list(instruction.text());
        if (list.isPresent() && !list.get().isEmpty()) {
            return new BuildStep.Run(list.get(), env);
        }
        List<String> argv = new ArrayList<>(shell(parameters));
        argv.add(script());
        return new BuildStep.Run(argv, env);
    }

    /// A here-document alone is the script; others are left to the shell.
    private String script() throws MalformedDockerfileException {
        List<Instruction.HereDocument> documents = instruction.documents();
        if (documents.isEmpty()) {
            return instruction.text();
        }
        Instruction.HereDocument first = documents.getFirst();
        if (instruction.text().equals(first.mark())) {
            if (first.content().startsWith("#!")) {
                throw instruction.refused("a here-document for another program than the shell is not supported");
            }
            return first.content();
        }
        StringBuilder script = new StringBuilder(instruction.text()).append('\n');
        documents.forEach(document ->
                script.append(document.content()).append(document.name()).append('\n'));
        return script.toString();
    }

    private static List<String> shell(RunParameters parameters) {
        return parameters.shell().isEmpty() ? SHELL : parameters.shell();
    }

    private List<String> command(RunParameters parameters) {
        return ExecForm.list(instruction.text()).orElseGet(() -> {
            List<String> argv = new ArrayList<>(shell(parameters));
            argv.add(instruction.text());
            return argv;
        });
    }

    /// `key=value ...`, or one key and the rest of the line.
    private Map<String, String> pairs(Map<String, String> variables) throws MalformedDockerfileException {
        String[] halves = instruction.text().split("\\s+", 2);
        if (!halves[0].contains("=")) {
            if (halves.length < 2) {
                throw instruction.refused(instruction.word() + " must be: <key>=<value> ...");
            }
            return Map.of(halves[0], Words.one(instruction, halves[1], variables));
        }
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String word : Words.split(instruction, instruction.text(), variables)) {
            int equals = word.indexOf('=');
            if (equals < 1) {
                throw instruction.refused("%s has no value: %s".formatted(instruction.word(), word));
            }
            pairs.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return pairs;
    }

    private List<String> listOrWords(Map<String, String> variables) throws MalformedDockerfileException {
        Optional<List<String>> list = ExecForm.list(instruction.text());
        return list.isPresent() ? list.get() : Words.split(instruction, instruction.text(), variables);
    }

    private Set<String> ports(List<String> words) throws MalformedDockerfileException {
        Set<String> ports = new TreeSet<>();
        for (String word : words) {
            Matcher matcher = PORTS.matcher(word);
            if (!matcher.matches()) {
                throw instruction.refused("EXPOSE is no port: " + word);
            }
            int first = Integer.parseInt(matcher.group(1));
            int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
            String protocol = matcher.group(3) == null ? "/tcp" : matcher.group(3);
            for (int port = first; port <= last; port++) {
                ports.add(port + protocol);
            }
        }
        return ports;
    }

    /// A path that may be relative to the working directory.
    static String path(RunParameters parameters, String path) {
        if (path.startsWith("/")) {
            return path;
        }
        String directory = parameters.workingDir().isEmpty() ? "/" : parameters.workingDir();
        return directory.endsWith("/") ? directory + path : directory + "/" + path;
    }

    private Healthcheck healthcheck(RunParameters parameters) throws MalformedDockerfileException {
        String[] halves = instruction.text().split("\\s+", 2);
        List<String> test = new ArrayList<>();
        if (halves[0].equalsIgnoreCase("NONE")) {
            test.add("NONE");
        } else if (halves[0].equalsIgnoreCase("CMD") && halves.length == 2) {
            Optional<List<String>> list = ExecForm.list(halves[1]);
            test.add(list.isPresent() ? "CMD" : "CMD-SHELL");
            test.addAll(list.orElse(List.of(halves[1])));
        } else {
            throw instruction.refused("HEALTHCHECK must be: HEALTHCHECK NONE, or HEALTHCHECK CMD <command>");
        }
        try {
            return new Healthcheck(
                    test,
                    Durations.parse(instruction.flag("interval").orElse(null)),
                    Durations.parse(instruction.flag("timeout").orElse(null)),
                    Durations.parse(instruction.flag("start-period").orElse(null)),
                    Durations.parse(instruction.flag("start-interval").orElse(null)),
                    Integer.parseInt(instruction.flag("retries").orElse("0")));
        } catch (IllegalArgumentException e) {
            throw instruction.refused("HEALTHCHECK: " + e.getMessage());
        }
    }
}
