package dev.slipway.engine.shim;

import java.util.List;

/// What shall run in a container beside its first process. Everything else about it is as with that process.
///
/// @param argv program and arguments
/// @param stdin whether it has one; otherwise it reads `/dev/null`
/// @param terminal one pseudo terminal for all three streams
public record Command(List<String> argv, boolean stdin, boolean terminal) {
    public Command {
        argv = List.copyOf(argv);
        if (argv.isEmpty() || argv.getFirst().isEmpty()) {
            throw new IllegalArgumentException("command has no program");
        }
    }
}
