package dev.slipway.engine.volume;

import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Volumes that are a file system each: memory, and directories of NFS servers. They outlive containers and the engine,
/// and end when they are detached or the host goes down; what a server has stays there.
///
/// Thread-safe; one volume is mounted or detached by one thread at a time.
public final class MountedVolumes {
    /// Within it a server must answer before the kernel is asked to mount, which would wait for minutes.
    private static final Duration REACH_LIMIT = Duration.ofSeconds(5);

    private final Path directory;
    private final NfsExport.Mounter nfs;

    /// @param directory of the mount points; made when it is needed
    MountedVolumes(Path directory, NfsExport.Mounter nfs) {
        this.directory = directory;
        this.nfs = nfs;
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
    /// @throws IOException also when nobody answers there, or the kernel has no client
    public Path nfs(VolumeName name, NfsExport export) throws IOException {
        Optional<Path> found = find(name);
        if (found.isPresent()) {
            return found.get();
        }
        InetAddress address = InetAddress.getByName(export.server());
        reach(export, new InetSocketAddress(address, export.port()));
        Path point = point(name);
        mount(export, address, point);
        return point;
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

    /// Takes a volume off; who still uses it keeps it until the last use ends. Nothing happens if there is none.
    public void detach(VolumeName name) throws IOException {
        Path point = directory.resolve(name.value());
        while (Mounts.detach(point)) {
            // Somebody may have mounted over it.
            continue;
        }
        Files.deleteIfExists(point);
    }

    /// Takes all off.
    public void dismantle() throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> points;
        try (Stream<Path> entries = Files.list(directory)) {
            points = entries.toList();
        }
        for (Path point : points) {
            detach(new VolumeName(point.getFileName().toString()));
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
