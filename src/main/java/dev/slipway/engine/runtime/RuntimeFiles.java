package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.user.PodUsers;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Where the runtime keeps what. Knows names, does no I/O.
///
/// ```
/// <root>/pods/<uid>/logs/<container>/<attempt>.log     until the pod, or a later attempt, is removed
/// <root>/mountpoints                                   below the layers of every image
/// <root>/seccomp                                       profiles that people wrote; only read
/// <run>/pods/<uid>/sandbox.json                        what was asked for, and the address
/// <run>/pods/<uid>/etc/{hosts,hostname,resolv.conf}    mounted into every container
/// <run>/pods/<uid>/ipc                                 pin of the ipc namespace
/// <run>/pods/<uid>/pid                                 pin of the pid namespace, of pods that share one
/// <run>/pods/<uid>/user                                pin of the user namespace, of pods that have one
/// <run>/pods/<uid>/net                                 pin of the network namespace, until it has become the pod's
/// <run>/pods/<uid>/shm                                 mounted into every container at /dev/shm
/// <run>/pods/<uid>/<container>.<attempt>.json          one attempt: what was asked for, how it ended
/// <run>/empty                                          for whatever has to be given a directory with nothing in it
/// ```
///
/// Records lie below the run directory, usually a tmpfs, because what they describe dies with the host: nothing has to
/// be synced on the way to a running process.
///
/// @param root for what outlives the host's power, for instance `/var/lib/slipway`
/// @param run for what does not, for instance `/run/slipway`
/// @param rotation how much is kept of each log
public record RuntimeFiles(Path root, Path run, LogSettings.Rotation rotation) {
    private static final Pattern LOG = Pattern.compile("(\\d{1,9})\\.log(\\..*)?");
    private static final Pattern ATTEMPT = Pattern.compile("([a-z0-9-]+)\\.(\\d{1,9})\\.json");

    Path pods() {
        return run.resolve("pods");
    }

    Path durablePods() {
        return root.resolve("pods");
    }

    Path seccompProfiles() {
        return root.resolve("seccomp");
    }

    Path pod(PodUid uid) {
        return pods().resolve(uid.value());
    }

    Path durablePod(PodUid uid) {
        return durablePods().resolve(uid.value());
    }

    Path sandbox(PodUid uid) {
        return pod(uid).resolve("sandbox.json");
    }

    Path etc(PodUid uid, String file) {
        return pod(uid).resolve("etc").resolve(file);
    }

    Path ipc(PodUid uid) {
        return pod(uid).resolve("ipc");
    }

    Path pid(PodUid uid) {
        return pod(uid).resolve("pid");
    }

    /// Where namespaces are pinned.
    PodUsers.Pins pins(PodUid uid, boolean sharesIpc) {
        return new PodUsers.Pins(
                pod(uid).resolve("user"),
                pod(uid).resolve("net"),
                sharesIpc ? Optional.of(ipc(uid)) : Optional.empty());
    }

    Path sharedMemory(PodUid uid) {
        return pod(uid).resolve("shm");
    }

    Path empty() {
        return run.resolve("empty");
    }

    /// What the engine mounts something on, as files of a lowest layer: where they are there already, mounting
    /// makes nothing in the layer that a container writes to. On the file system of the layers, so that ids are
    /// translated in it where they are in those.
    Path mountPoints() {
        return root.resolve("mountpoints");
    }

    /// The container and the number of the attempt that a file's name stands for; empty for other files.
    static Optional<AttemptFile> attemptOf(PodUid uid, String fileName) {
        Matcher matcher = ATTEMPT.matcher(fileName);
        return matcher.matches()
                ? Optional.of(
                        new AttemptFile(new ContainerName(uid, matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    record AttemptFile(ContainerName container, int attempt) {}

    Path attempt(ContainerName container, int attempt) {
        return pod(container.pod()).resolve("%s.%d.json".formatted(container.name(), attempt));
    }

    Path logs(ContainerName container) {
        return durablePod(container.pod()).resolve("logs").resolve(container.name());
    }

    Path log(ContainerName container, int attempt) {
        return logs(container).resolve(attempt + ".log");
    }

    /// The number of the attempt that a log is of, also a rotated one; empty for other files.
    static Optional<Integer> attemptOfLog(Path file) {
        Matcher matcher = LOG.matcher(file.getFileName().toString());
        return matcher.matches() ? Optional.of(Integer.valueOf(matcher.group(1))) : Optional.empty();
    }
}
