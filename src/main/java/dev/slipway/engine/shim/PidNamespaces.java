package dev.slipway.engine.shim;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.KernelView;
import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.Namespaces;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.RootFilesystem;
import dev.slipway.engine.launch.SeccompProfile;
import dev.slipway.engine.launch.Stdio;
import dev.slipway.engine.launch.UserNamespace;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jboss.logging.Logger;

/// Pid namespaces that several containers join. Safe for use by many threads, with one caller for each namespace.
///
/// Such a namespace ends with its first process, and any container can end. So the first process is one that does
/// nothing: a branch of a shim, as nobody, without capabilities, in an empty read-only root, under the default filter.
/// What containers could do to it gains them nothing. It is found again as containers are.
public final class PidNamespaces {
    private static final Logger LOG = Logger.getLogger(PidNamespaces.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final String NAME = "pause";
    private static final int SIGKILL = 9;
    private static final int NOBODY = 65534;
    private static final int LAST_TO_BE_CHOSEN = -998;
    private static final long POLL_NANOS = 1_000_000;

    private final Shims shims;

    public PidNamespaces(Shims shims) {
        this.shims = shims;
    }

    /// @param first names the run of the first process
    /// @param pin file that keeps the namespace in reach
    /// @param root a directory with nothing in it but places to mount on
    /// @param log which stays empty
    /// @param net and `user`: what the first process joins, so that it needs none of its own
    public record Wanted(
            ContainerId first,
            Path pin,
            Path root,
            Path log,
            Optional<Path> net,
            Optional<UserNamespace> user,
            CgroupPlacement cgroup) {}

    /// Whether its first process runs.
    public boolean isAlive(ContainerId first) throws IOException {
        return shims.find(first) instanceof Found.Running;
    }

    /// As [#isAlive]; not where that cannot be said, so that who asks looks again.
    public boolean isKnownToBeAlive(ContainerId first) {
        try {
            return isAlive(first);
        } catch (IOException e) {
            LOG.debugf(e, "a pid namespace cannot be looked after first=%s", first);
            return false;
        }
    }

    /// Makes one and pins it.
    public void make(Wanted wanted) throws IOException, InterruptedException {
        unpin(wanted.pin());
        switch (shims.startPause(spec(wanted), START_LIMIT)) {
            case StartResult.Started started -> {
                Files.createFile(wanted.pin());
                Mounts.bind("/proc/%d/ns/pid".formatted(started.pid()), wanted.pin());
            }
            case StartResult.Failed failed -> throw new IOException("make a pid namespace: " + failed.words());
        }
    }

    /// Takes away a pin and its file; nothing happens if there is none.
    public static void unpin(Path pin) throws IOException {
        Mounts.detach(pin);
        Files.deleteIfExists(pin);
    }

    /// Kills a first process, and with it all others, and forgets it; nothing happens if there is none.
    public void forget(ContainerId first, Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (isAlive(first)) {
            shims.signal(first, SIGKILL);
            if (System.nanoTime() >= deadline) {
                throw new IOException("process %s was killed and does not end".formatted(first));
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        shims.forget(first);
    }

    private static ContainerSpec spec(Wanted wanted) {
        Namespace own = new Namespace.New();
        Namespace net = wanted.net().<Namespace>map(Namespace.Existing::new).orElse(new Namespace.Host());
        return new ContainerSpec(
                wanted.first(),
                new RootFilesystem.Directory(wanted.root(), true),
                List.of(),
                new Namespaces(own, own, own, net, own, wanted.user()),
                new ProcessSpec(
                        List.of(NAME),
                        List.of(),
                        "/",
                        new Identity(NOBODY, NOBODY, List.of()),
                        new Privileges(Set.of(), true, SeccompProfile.RUNTIME_DEFAULT),
                        List.of(),
                        022,
                        LAST_TO_BE_CHOSEN,
                        Stdio.OUTPUT_ONLY),
                KernelView.standard(NAME),
                wanted.cgroup(),
                new LogSettings(wanted.log(), LogSettings.Rotation.STANDARD));
    }
}
