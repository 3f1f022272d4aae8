package dev.slipway.engine.shim;

import dev.slipway.engine.launch.ContainerId;
import java.nio.file.Path;

/// Where the room keeps what. Knows names, does no I/O.
///
/// ```
/// <run>/bin/shim-<sha256>          the program
/// <run>/containers/<id>/           a run directory; locked by its shim as long as that lives
///     cgroup                       directories, one a line, whose processes are the container's
///     plan                         until the shim has read it
///     process                      what the first process is, for those that shall be started like it
///     sock                         control and streams
///     exit.json                    how it ended, or why it did not start
/// <run>/execs/<number>/            the same but for `process`, for one more process in a container while it runs
/// ```
record ShimFiles(Path run) {
    static final String CGROUP = "cgroup";
    static final String PLAN = "plan";
    static final String PROCESS = "process";
    static final String SOCKET = "sock";
    static final String EXIT = "exit.json";

    Path bin() {
        return run.resolve("bin");
    }

    Path containers() {
        return run.resolve("containers");
    }

    RunDirectory container(ContainerId id) {
        return new RunDirectory(containers().resolve(id.value()));
    }

    Path execs() {
        return run.resolve("execs");
    }

    RunDirectory exec(long number) {
        return new RunDirectory(execs().resolve(Long.toString(number)));
    }
}
