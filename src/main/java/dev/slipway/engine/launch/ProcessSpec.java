package dev.slipway.engine.launch;

import java.util.List;

/// The process to execute inside a container.
///
/// @param argv program and arguments; a program without a slash is searched in the `PATH` of `env`
/// @param env `NAME=value` lines, as the process shall see them
/// @param cwd absolute; made if missing
/// @param umask permission bits that new files do not get
/// @param oomScoreAdj -1000 (never chosen) to 1000; lowering below the engine's own needs CAP_SYS_RESOURCE and is
///     skipped without it
public record ProcessSpec(
        List<String> argv,
        List<String> env,
        String cwd,
        Identity identity,
        Privileges privileges,
        List<ResourceLimit> limits,
        int umask,
        int oomScoreAdj,
        Stdio stdio) {
    public ProcessSpec {
        argv = List.copyOf(argv);
        env = List.copyOf(env);
        limits = List.copyOf(limits);
        Paths.requireAbsolute(cwd);
        if (argv.isEmpty() || argv.getFirst().isEmpty()) {
            throw new IllegalArgumentException("process has no program");
        }
        if (oomScoreAdj < -1000 || oomScoreAdj > 1000) {
            throw new IllegalArgumentException("oom score adjustment is out of range: " + oomScoreAdj);
        }
        if ((umask & ~0777) != 0) {
            throw new IllegalArgumentException("umask is out of range: " + Integer.toOctalString(umask));
        }
    }
}
