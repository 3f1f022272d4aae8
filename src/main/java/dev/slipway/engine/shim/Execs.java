package dev.slipway.engine.shim;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ExecSpec;
import dev.slipway.engine.launch.ExecUser;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.Stdio;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.plan.Architecture;
import dev.slipway.engine.plan.LaunchPlan;
import dev.slipway.engine.plan.LaunchPlanner;
import dev.slipway.engine.plan.PlanWriter;
import dev.slipway.engine.shim.Launcher.Launched;
import dev.slipway.engine.shim.Launcher.Role;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Starts further processes in running containers, each with a shim of its own.
///
/// @param numbers names run directories
record Execs(ShimFiles files, Launcher launcher, ShimReader reader, AtomicLong numbers) {
    static final ExecResult NONE_RUNS = new ExecResult.NotRunning("its first process has ended");

    /// One more like the first, but for the command.
    ExecResult run(int pid, ProcessSpec first, Command command, CgroupPlacement cgroup, Duration limit)
            throws IOException, InterruptedException {
        Optional<Fd> target = TargetProcess.hold(pid, cgroup);
        if (target.isEmpty()) {
            return NONE_RUNS;
        }
        try (Fd held = target.get()) {
            ExecSpec spec =
                    new ExecSpec(pid, UserNamespaces.firstHostId(pid), like(first, command, pid, cgroup), cgroup);
            return run(spec, held, limit);
        }
    }

    ExecResult run(ExecSpec spec, Duration limit) throws IOException, InterruptedException {
        try (Fd target = TargetProcess.hold(spec.pid(), spec.cgroup())
                .orElseThrow(() -> new IOException("no container runs as process " + spec.pid()))) {
            return run(spec, target, limit);
        }
    }

    private ExecResult run(ExecSpec spec, Fd target, Duration limit) throws IOException, InterruptedException {
        LaunchPlan plan = LaunchPlanner.exec(spec);
        RunDirectory directory = files.exec(numbers.incrementAndGet());
        directory.create(spec.cgroup(), PlanWriter.write(plan, Architecture.ofHost()));
        Launched launched;
        try {
            launched = launcher.launch(directory, "exec", Role.of(spec.process().stdio()), Optional.of(target));
        } catch (IOException e) {
            directory.remove();
            throw e;
        }
        ShimLink link =
                new ShimLink(launched.control(), Optional.of(launched.shim()), () -> Shims.removeLeft(directory));
        reader.add(link);
        RemoteExecution execution = new RemoteExecution(link, launched.connections());
        boolean started = false;
        try {
            StartResult result = Shims.awaitStart(plan, link, directory, limit);
            started = result instanceof StartResult.Started;
            return switch (result) {
                case StartResult.Started running -> new ExecResult.Running(execution);
                case StartResult.Failed failed -> new ExecResult.Refused(failed);
            };
        } finally {
            if (!started) {
                execution.close();
            }
        }
    }

    private static ProcessSpec like(ProcessSpec first, Command command, int pid, CgroupPlacement cgroup)
            throws IOException {
        Command.Own own = command.own();
        Map<String, String> env = new LinkedHashMap<>();
        first.env().forEach(line -> put(env, line));
        if (command.terminal()) {
            env.putIfAbsent("TERM", "TERM=xterm");
        }
        Identity identity = first.identity();
        if (!own.user().isEmpty()) {
            try (ContainerRoot root = ContainerRoot.open(pid, cgroup)) {
                ExecUser user = ExecUser.of(own.user(), first, root.directory());
                identity = user.identity();
                user.home().ifPresent(home -> put(env, "HOME=" + home));
            }
        }
        own.env().forEach(line -> put(env, line));
        return new ProcessSpec(
                command.argv(),
                List.copyOf(env.values()),
                own.workingDir().isEmpty() ? first.cwd() : own.workingDir(),
                identity,
                first.privileges(),
                first.limits(),
                first.umask(),
                first.oomScoreAdj(),
                new Stdio(command.stdin(), false, command.terminal()));
    }

    private static void put(Map<String, String> env, String line) {
        env.put(line.substring(0, Math.max(0, line.indexOf('='))), line);
    }
}
