package dev.slipway.engine.volume;

import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.ThreadOfItsOwn;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Volumes that are a file system each: memory, and directories of NFS servers. They outlive containers and the engine,
/// and end when they are detached or the host goes down; what a server has stays there.
///
/// Thread-safe; one volume is mounted or detached by one thread at a time.
public final class MountedVolumes {
    private static final Logger LOG = Logger.getLogger(MountedVolumes.class);

    /// Within it a server must answer before the kernel is asked to mount, which would wait for minutes.
    private static final Duration REACH_LIMIT = Duration.ofSeconds(5);

    /// Within it a mount must be done for its caller to hear of it.
    private static final Duration MOUNT_LIMIT = Duration.ofSeconds(20);

    /// Within it the kernel has taken leave of a server that is alive.
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(5);

    /// So many mounts may wait for servers that do not answer; each takes a thread.
    private static final int MOST_PENDING = 16;

    private final Path directory;
    private final NfsExport.Mounter nfs;
    private final Duration mountLimit;
    /// Guarded by this.
    private final Map<VolumeName, Pending> pending = new HashMap<>();

    /// @param directory of the mount points; made when it is needed
    MountedVolumes(Path directory, NfsExport.Mounter nfs) {
        this(directory, nfs, MOUNT_LIMIT);
    }

    MountedVolumes(Path directory, NfsExport.Mounter nfs, Duration mountLimit) {
        this.directory = directory;
        this.nfs = nfs;
        this.mountLimit = mountLimit;
    }

    /// A mount that the kernel has been asked for.
    private static final class Pending {
        private final CompletableFuture<Path> end = new CompletableFuture<>();
        /// Nobody wants it any more. Guarded by the volumes.
        private boolean isAbandoned;
    }

    /// A volume in memory, or the one that is there.
    ///
    /// @param sizeBytes that it takes at most; else half of the machine's memory
    public Path memory(VolumeName name, Optional<Long> sizeBytes, Ownership ownership) throws IOException {
        Optional<Path> found = find(name);
        if (found.isPresent()) {
            return found.get();
        }
        Path point = point(name);
        String size = sizeBytes.map(bytes -> ",size=" + bytes).orElse("");
        Mounts.tmpfs(
                point, "mode=%04o,uid=%d,gid=%d%s".formatted(ownership.mode(), ownership.uid(), ownership.gid(), size));
        return point;
    }

    /// A directory of an NFS server, mounted by the kernel's client, or as it is mounted already.
    ///
    /// @throws IOException also when nobody answers there, or the kernel has no client. A mount for which a server
    ///     lets the kernel wait goes on meanwhile, and is found when it is done
    public Path nfs(VolumeName name, NfsExport export) throws IOException {
        Optional<Pending> before = pending(name);
        if (before.isPresent()) {
            return await(export, before.get(), Duration.ZERO);
        }
        Optional<Path> found = find(name);
        if (found.isPresent()) {
            return found.get();
        }
        InetAddress address = InetAddress.getByName(export.server());
        reach(export, new InetSocketAddress(address, export.port()));
        return await(export, begin(name, export, address), mountLimit);
    }

    private synchronized Optional<Pending> pending(VolumeName name) {
        return Optional.ofNullable(pending.get(name));
    }

    private synchronized Pending begin(VolumeName name, NfsExport export, InetAddress address) throws IOException {
        if (pending.size() >= MOST_PENDING) {
            throw new IOException(
                    "mount %s: %d mounts wait for servers that do not answer".formatted(export, MOST_PENDING));
        }
        Path point = point(name);
        Pending begun = new Pending();
        pending.put(name, begun);
        ThreadOfItsOwn.begin("nfs", () -> {
            try {
                mount(export, address, point);
                end(name, begun);
                begun.end.complete(point);
            } catch (IOException | RuntimeException e) {
                end(name, begun);
                begun.end.completeExceptionally(e);
            }
            return point;
        });
        return begun;
    }

    private synchronized void end(VolumeName name, Pending ended) {
        pending.remove(name);
        if (ended.isAbandoned) {
            try {
                unmount(name);
            } catch (IOException e) {
                LOG.warnf("mount that nobody wants any more not taken off volume=%s: %s", name, e.getMessage());
            }
        }
    }

    private static Path await(NfsExport export, Pending mount, Duration limit) throws IOException {
        try {
            return mount.end.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new IOException(
                    "mount %s: the server does not answer; the kernel goes on trying".formatted(export), e);
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while mounting " + export);
        }
    }

    /// Where a volume is mounted, if it is; also one whose server does not answer any more.
    public Optional<Path> find(VolumeName name) throws IOException {
        return type(name).map(type -> directory.resolve(name.value()));
    }

    /// Whether a volume is there and its data are in memory.
    public boolean isMemory(VolumeName name) throws IOException {
        return type(name).filter("tmpfs"::equals).isPresent();
    }

    private Optional<String> type(VolumeName name) throws IOException {
        return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                ? Mounts.typeAt(directory.toRealPath().resolve(name.value()))
                : Optional.empty();
    }

    /// Takes a volume off; who still uses it keeps it until the last use ends. One that is still being mounted is
    /// taken off afterwards. Nothing happens if there is none.
    public void detach(VolumeName name) throws IOException {
        synchronized (this) {
            Pending mount = pending.get(name);
            if (mount != null) {
                mount.isAbandoned = true;
                return;
            }
        }
        unmount(name);
    }

    /// The mount is off at once. Then the kernel takes leave of the server, and for one that is dead that takes
    /// minutes: nobody waits for it.
    private void unmount(VolumeName name) throws IOException {
        Path point = directory.resolve(name.value());
        AtomicBoolean isLeft = new AtomicBoolean();
        Future<Path> detached = ThreadOfItsOwn.begin("nfs", () -> {
            while (!isLeft.get() && Mounts.detach(point)) {
                // Somebody may have mounted over it.
                continue;
            }
            return point;
        });
        try {
            detached.get(LEAVE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // What is mounted there from now on is another volume of that name.
            isLeft.set(true);
            if (find(name).isPresent()) {
                throw new IOException("unmount volume %s: the kernel does not come to an end".formatted(name), e);
            }
            LOG.warnf("server does not answer, and the kernel takes leave of it alone volume=%s", name);
        } catch (ExecutionException e) {
            throw failure(e);
        } catch (InterruptedException e) {
            isLeft.set(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while unmounting volume " + name);
        }
        Files.deleteIfExists(point);
    }

    private static IOException failure(ExecutionException e) {
        return e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
    }

    /// Takes all off.
    public void dismantle() throws IOException {
        for (VolumeName name : list()) {
            detach(name);
        }
    }

    /// Those that are mounted, or were to be. No server is asked.
    List<VolumeName> list() throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(point -> new VolumeName(point.getFileName().toString()))
                    .toList();
        }
    }

    private Path point(VolumeName name) throws IOException {
        return Files.createDirectories(directory.resolve(name.value()));
    }

    private static void reach(NfsExport export, InetSocketAddress server) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(server, (int) REACH_LIMIT.toMillis());
        } catch (IOException e) {
            throw new IOException(
                    "reach NFS server %s, port %d: %s".formatted(export.server(), export.port(), e.getMessage()), e);
        }
    }

    private void mount(NfsExport export, InetAddress address, Path point) throws IOException {
        LinuxException refused = null;
        for (String version : export.versions()) {
            try {
                nfs.mount(export.source(address), point, export.readOnly(), export.options(address, version));
                return;
            } catch (LinuxException e) {
                refused = e;
                if (e.errno() != Errno.EPROTONOSUPPORT) {
                    break;
                }
            }
        }
        String why = refused == null
                ? "no version"
                : refused.errno() == Errno.ENODEV ? "this kernel has no NFS client" : refused.getMessage();
        throw new IOException("mount %s: %s".formatted(export, why), refused);
    }
}
