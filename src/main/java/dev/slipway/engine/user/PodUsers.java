package dev.slipway.engine.user;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.UserNamespace;
import dev.slipway.engine.linux.HeldNamespace;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.shim.UserNamespaces;
import dev.slipway.engine.stock.Stock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Executor;

/// Makes, keeps and forgets the user namespaces of pods. Thread-safe; calls for one pod come from one thread at a time.
public final class PodUsers implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int READY = 2;

    private final UserNamespaces namespaces;
    private final IdRanges ranges;
    private final ReadyUsers ready;
    private final Stock<HeldNamespace> readyIpc;

    /// What else a network namespace needs, done when it is made before it is needed.
    @FunctionalInterface
    public interface NetworkPreparation {
        /// @param network file of the namespace
        void of(Path network) throws IOException;
    }

    /// @param filler makes namespaces before they are needed
    public PodUsers(UserNamespaces namespaces, IdRanges ranges, NetworkPreparation preparation, Executor filler) {
        this.namespaces = namespaces;
        this.ranges = ranges;
        this.ready = new ReadyUsers(namespaces, ranges, preparation, READY, filler);
        this.readyIpc = new Stock<>("ipc namespace", READY, HeldNamespace::ofIpc, HeldNamespace::close, filler);
        filler.execute(readyIpc::fill);
    }

    /// Files that namespaces are kept alive at.
    ///
    /// @param ipc empty where nobody needs it
    public record Pins(Path user, Path net, Optional<Path> ipc) {}

    /// Which ids a pod shall have.
    ///
    /// @param firstHostId empty for a free range
    /// @param size how many
    /// @param network what its network namespace may have already
    public record Wanted(OptionalInt firstHostId, int size, Networks network) {
        public static final Wanted USUAL = new Wanted(OptionalInt.empty(), IdRanges.SIZE, Networks.PREPARED);
    }

    /// What is in a network namespace when it is handed over.
    public enum Networks {
        /// Perhaps what [NetworkPreparation] has put there.
        PREPARED,
        /// Nothing but a loopback interface that is down.
        EMPTY
    }

    /// A pod's user namespace, with network and ipc namespaces that belong to it, all pinned. What was pinned there
    /// before is let go.
    ///
    /// @throws IOException also when the kernel has no user namespaces, or no more of them
    /// @throws IllegalArgumentException when the pod cannot have the ids that it wants; the message is for the user
    public UserNamespace make(PodUid pod, Pins pins, Wanted wanted) throws IOException, InterruptedException {
        IdRange range = wanted.equals(Wanted.USUAL) ? usual(pod, pins) : special(pod, pins, wanted);
        return new UserNamespace(pins.user(), range.first(), range.size());
    }

    private IdRange usual(PodUid pod, Pins pins) throws IOException, InterruptedException {
        Optional<ReadyUsers.Ready> made = ready.take();
        if (made.isEmpty()) {
            return made(pod, ranges.take(pod, IdRanges.SIZE), pins);
        }
        try (ReadyUsers.Ready namespace = made.get()) {
            ranges.hand(namespace.range(), pod);
            namespace.user().pin(pins.user());
            namespace.net().pin(pins.net());
            if (pins.ipc().isPresent()) {
                namespace.ipc().pin(pins.ipc().get());
            }
            return namespace.range();
        }
    }

    /// An ipc namespace for a pod that has the users of the host.
    public HeldNamespace ipcOfHost() throws IOException {
        Optional<HeldNamespace> made = readyIpc.take();
        return made.isPresent() ? made.get() : HeldNamespace.ofIpc();
    }

    private IdRange special(PodUid pod, Pins pins, Wanted wanted) throws IOException, InterruptedException {
        IdRange range = wanted.firstHostId().isPresent()
                ? ranges.take(pod, new IdRange(wanted.firstHostId().getAsInt(), wanted.size()))
                : ranges.take(pod, wanted.size());
        return made(pod, range, pins);
    }

    private IdRange made(PodUid pod, IdRange range, Pins pins) throws IOException, InterruptedException {
        namespaces.make(pod.value(), holder -> keep(holder, range, pins), LIMIT);
        return range;
    }

    /// Notes what an earlier engine made.
    ///
    /// @param user empty for a pod with the host's users
    public void adopt(PodUid pod, Optional<UserNamespace> user) {
        if (user.isPresent()) {
            ranges.adopt(pod, new IdRange(user.get().firstHostId(), user.get().size()));
        }
    }

    /// All pods that an earlier engine made are adopted: ids that none of them has are free again.
    public void settle() {
        ranges.settle();
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
        HeldNamespace.unpin(pin);
    }

    /// Lets go of what nobody has needed; pods keep theirs.
    @Override
    public void close() {
        try (IdRanges _ = ranges) {
            ready.close();
            readyIpc.close();
        }
    }

    private static void keep(int holder, IdRange range, Pins pins) throws IOException {
        mapIds(holder, range);
        pin(holder, "user", pins.user());
        pin(holder, "net", pins.net());
        if (pins.ipc().isPresent()) {
            pin(holder, "ipc", pins.ipc().get());
        }
    }

    /// The kernel takes each map once, in one write.
    static void mapIds(int holder, IdRange range) throws IOException {
        for (String map : List.of("uid_map", "gid_map")) {
            Files.writeString(
                    process(holder).resolve(map),
                    "0 %d %d".formatted(range.first(), range.size()),
                    StandardOpenOption.WRITE);
        }
    }

    private static void pin(int holder, String kind, Path file) throws IOException {
        try (HeldNamespace namespace = HeldNamespace.open(namespace(holder, kind))) {
            namespace.pin(file);
        }
    }

    static Path namespace(int holder, String kind) {
        return process(holder).resolve("ns").resolve(kind);
    }

    private static Path process(int pid) {
        return Path.of("/proc/" + pid);
    }
}
