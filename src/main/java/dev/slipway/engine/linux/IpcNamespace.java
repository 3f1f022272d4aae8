package dev.slipway.engine.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// An ipc namespace (System V objects and message queues) that lives by its pin alone, so that it outlasts every
/// process that joins it.
///
/// @spec https://man7.org/linux/man-pages/man7/ipc_namespaces.7.html ipc_namespaces(7)
public final class IpcNamespace {
    private static final long CLONE_NEWIPC = 0x08000000L;

    private IpcNamespace() {}

    /// Makes a namespace and keeps it alive at `file`, which is made if it is missing, until [#unpin].
    public static void pin(Path file) throws IOException {
        if (!Files.exists(file)) {
            Files.createFile(file);
        }
        // A namespace belongs to the thread that made it, and is gone with that thread where nothing else holds it.
        ThreadOfItsOwn.run("ipc", () -> {
            Syscalls.call(SyscallNumber.UNSHARE, "ipc namespace", CLONE_NEWIPC);
            Mounts.bind("/proc/thread-self/ns/ipc", file);
            return file;
        });
    }

    /// Takes away a pin and its file; nothing happens if there is none.
    public static void unpin(Path file) throws IOException {
        Mounts.detach(file);
        Files.deleteIfExists(file);
    }
}
