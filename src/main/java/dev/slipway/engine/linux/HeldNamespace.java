package dev.slipway.engine.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A namespace of any kind, held by a descriptor: it lives until the last descriptor, pin and process are gone.
///
/// @spec https://man7.org/linux/man-pages/man7/namespaces.7.html namespaces(7)
public final class HeldNamespace implements AutoCloseable {
    private static final long CLONE_NEWIPC = 0x08000000L;

    private final Fd fd;

    private HeldNamespace(Fd fd) {
        this.fd = fd;
    }

    /// @param path like `/proc/<pid>/ns/user`
    public static HeldNamespace open(Path path) throws LinuxException {
        return new HeldNamespace(Fd.open(path, 0));
    }

    /// Makes an ipc namespace (System V objects and message queues).
    ///
    /// @spec https://man7.org/linux/man-pages/man7/ipc_namespaces.7.html ipc_namespaces(7)
    public static HeldNamespace ofIpc() throws IOException {
        // A namespace belongs to the thread that made it, and is gone with that thread where nothing else holds it.
        return ThreadOfItsOwn.run("ipc", () -> {
            Syscalls.call(SyscallNumber.UNSHARE, "ipc namespace", CLONE_NEWIPC);
            return open(Path.of("/proc/thread-self/ns/ipc"));
        });
    }

    /// Keeps the namespace alive at `file`, which is made; what was pinned there before is let go.
    public void pin(Path file) throws IOException {
        unpin(file);
        Files.createFile(file);
        Mounts.bind(path().toString(), file);
    }

    /// Leads to the namespace as long as this is open.
    public Path path() {
        return Path.of("/proc/self/fd/" + fd.number());
    }

    /// Takes away a pin and its file; nothing happens if there is none.
    public static void unpin(Path file) throws IOException {
        Mounts.detach(file);
        Files.deleteIfExists(file);
    }

    @Override
    public void close() {
        fd.close();
    }
}
