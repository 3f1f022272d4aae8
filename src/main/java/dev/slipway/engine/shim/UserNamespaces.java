package dev.slipway.engine.shim;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.plan.Architecture;
import dev.slipway.engine.plan.LaunchPlan;
import dev.slipway.engine.plan.LaunchPlanner;
import dev.slipway.engine.plan.PlanWriter;
import dev.slipway.engine.shim.Launcher.Launched;
import dev.slipway.engine.shim.Launcher.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalInt;

/// Makes user namespaces. No thread of a Java virtual machine can: the kernel refuses it to processes of several
/// threads. So a shim does, and holds the namespaces until they are pinned. Safe for use by many threads.
public final class UserNamespaces {
    private final ShimFiles files;
    private final Launcher launcher;
    private final ShimReader reader;

    UserNamespaces(ShimFiles files, Launcher launcher, ShimReader reader) {
        this.files = files;
        this.launcher = launcher;
        this.reader = reader;
    }

    /// Is given the process that holds the namespaces, as long as the call takes.
    public interface Holding {
        /// @param pid whose `/proc/<pid>/ns/{user,net,ipc}` are the namespaces; the user namespace has no ids
        ///     yet
        void of(int pid) throws IOException;
    }

    /// Makes a user namespace, with network and ipc namespaces that belong to it. What is not pinned by `holding`
    /// is gone when this returns.
    ///
    /// @param name of a directory that is not in use
    /// @throws IOException also when the kernel refuses
    public void make(String name, Holding holding, Duration limit) throws IOException, InterruptedException {
        LaunchPlan plan = LaunchPlanner.userNamespace();
        RunDirectory directory = new RunDirectory(files.execs().resolve("user-" + name));
        directory.remove();
        directory.create(CgroupPlacement.INHERITED, PlanWriter.write(plan, Architecture.ofHost()));
        Launched launched;
        try {
            launched = launcher.launch(directory, "namespaces", EnumSet.of(Role.CONTROL), Optional.empty());
        } catch (IOException e) {
            directory.remove();
            throw e;
        }
        ShimLink link =
                new ShimLink(launched.control(), Optional.of(launched.shim()), () -> Shims.removeLeft(directory));
        reader.add(link);
        try {
            await(link, plan, limit);
            holding.of(launched.shim().pid());
        } finally {
            link.hangUp();
        }
    }

    /// What user 0 of a process' user namespace is on the host; empty for the host's own users.
    static OptionalInt firstHostId(int pid) throws IOException {
        return users(pid).map(users -> OptionalInt.of(users.first())).orElse(OptionalInt.empty());
    }

    /// Who there is in a process' user namespace; empty for the host's own users. Slipway gives each one range.
    static Optional<ContainerRoot.Users> users(int pid) throws IOException {
        String[] map = Files.readString(Path.of("/proc/%d/uid_map".formatted(pid)))
                .strip()
                .split("\\s+");
        return map[1].equals("0")
                ? Optional.empty()
                : Optional.of(new ContainerRoot.Users(Integer.parseInt(map[1]), Long.parseLong(map[2])));
    }

    private static void await(ShimLink link, LaunchPlan plan, Duration limit) throws IOException, InterruptedException {
        if (!link.awaitStart(limit)) {
            link.killShim();
            throw new IOException(
                    StartFailures.late("make a user namespace", limit).words());
        }
        if (link.started().isEmpty()) {
            throw new IOException(link.failed()
                    .map(event ->
                            StartFailures.of(plan, event.step(), event.errno()).words())
                    .orElse("make a user namespace: the shim ended"));
        }
    }
}
