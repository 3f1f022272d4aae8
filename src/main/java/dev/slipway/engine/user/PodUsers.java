package dev.slipway.engine.user;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.UserNamespace;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.shim.UserNamespaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// Makes, keeps and forgets the user namespaces of pods. Thread-safe; calls for one pod come from one thread at a time.
public final class PodUsers {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final UserNamespaces namespaces;
    private final IdRanges ranges;

    public PodUsers(UserNamespaces namespaces, IdRanges ranges) {
        this.namespaces = namespaces;
        this.ranges = ranges;
    }

    /// Files that namespaces are kept alive at.
    ///
    /// @param ipc empty where nobody needs it
    public record Pins(Path user, Path net, Optional<Path> ipc) {}

    /// A pod's user namespace, with network and ipc namespaces that belong to it, all pinned. What was pinned there
    /// before is let go.
    ///
    /// @throws IOException also when the kernel has no user namespaces, or no more of them
    public UserNamespace make(PodUid pod, Pins pins) throws IOException, InterruptedException {
        int first = ranges.take(pod);
        namespaces.make(pod.value(), holder -> keep(holder, first, pins), LIMIT);
        return new UserNamespace(pins.user(), first);
    }

    /// Notes what an earlier engine made.
    public void adopt(PodUid pod, UserNamespace user) {
        ranges.adopt(pod, user.firstHostId());
    }

    /// Lets go of the namespaces and gives the ids back; nothing of the pod runs any more.
    public void remove(PodUid pod, Pins pins) throws IOException {
        for (Path pin : List.of(pins.user(), pins.net())) {
            unpin(pin);
        }
        ranges.release(pod);
    }

    /// Whether a namespace is pinned there.
    public static boolean isPinned(Path pin) throws IOException {
        return Mounts.isMountPoint(pin);
    }

    public static void unpin(Path pin) throws IOException {
        Mounts.detach(pin);
        Files.deleteIfExists(pin);
    }

    private static void keep(int holder, int first, Pins pins) throws IOException {
        // The kernel takes each map once, in one write.
        for (String map : List.of("uid_map", "gid_map")) {
            Files.writeString(
                    process(holder).resolve(map), "0 %d %d".formatted(first, IdRanges.SIZE), StandardOpenOption.WRITE);
        }
        pin(holder, "user", pins.user());
        pin(holder, "net", pins.net());
        if (pins.ipc().isPresent()) {
            pin(holder, "ipc", pins.ipc().get());
        }
    }

    private static void pin(int holder, String kind, Path file) throws IOException {
        unpin(file);
        Files.createFile(file);
        Mounts.bind(process(holder).resolve("ns").resolve(kind).toString(), file);
    }

    private static Path process(int pid) {
        return Path.of("/proc/" + pid);
    }
}
