package dev.slipway.engine.shim;

import java.util.List;

/// What shall run in a container beside its first process. Everything else about it is as with that process.
///
/// @param argv program and arguments
/// @param stdin whether it has one; otherwise it reads `/dev/null`
/// @param terminal one pseudo terminal for all three streams
/// @param own what it has of its own
public record Command(List<String> argv, boolean stdin, boolean terminal, Own own) {
    public Command(List<String> argv, boolean stdin, boolean terminal) {
        this(argv, stdin, terminal, Own.NOTHING);
    }

    /// What is otherwise than with the first process.
    ///
    /// @param env `NAME=value` lines that it gets beside the others, or in place of those of the same name
    /// @param user as `docker exec -u` takes it, by the container's own files; empty for the first process's
    /// @param workingDir absolute; empty for the first process's
    public record Own(List<String> env, String user, String workingDir) {
        public static final Own NOTHING = new Own(List.of(), "", "");

        public Own {
            env = List.copyOf(env);
            for (String line : env) {
                if (line.indexOf('=') < 1 || line.indexOf('\0') >= 0) {
                    throw new IllegalArgumentException("not of the form NAME=value: " + line);
                }
            }
            if (!workingDir.isEmpty() && (!workingDir.startsWith("/") || workingDir.indexOf('\0') >= 0)) {
                throw new IllegalArgumentException("working directory is not an absolute path: " + workingDir);
            }
        }
    }

    public Command {
        argv = List.copyOf(argv);
        if (argv.isEmpty() || argv.getFirst().isEmpty()) {
            throw new IllegalArgumentException("command has no program");
        }
    }
}
