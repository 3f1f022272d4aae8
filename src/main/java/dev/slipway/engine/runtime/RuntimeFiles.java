package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import java.nio.file.Path;

/// Where the runtime keeps what. Knows names, does no I/O.
///
/// ```
/// <root>/pods/<uid>/logs/<container>/<attempt>.log     until the pod is removed
/// <run>/pods/<uid>/sandbox.json                        what was asked for, and the address
/// <run>/pods/<uid>/etc/{hosts,hostname,resolv.conf}    mounted into every container
/// <run>/pods/<uid>/<container>.<attempt>.json          one attempt: what was asked for, how it ended
/// ```
///
/// Records lie below the run directory, a tmpfs, because what they describe dies with the host: nothing has to be
/// synced
/// on the way to a running process, and after a reboot nothing stale is left.
record RuntimeFiles(Path root, Path run) {
    Path pods() {
        return run.resolve("pods");
    }

    Path durablePods() {
        return root.resolve("pods");
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

    Path attempt(ContainerName container, int attempt) {
        return pod(container.pod()).resolve("%s.%d.json".formatted(container.name(), attempt));
    }

    Path log(ContainerName container, int attempt) {
        return durablePod(container.pod())
                .resolve("logs")
                .resolve(container.name())
                .resolve(attempt + ".log");
    }
}
