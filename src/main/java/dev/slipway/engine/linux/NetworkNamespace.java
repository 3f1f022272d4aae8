package dev.slipway.engine.linux;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/// A network namespace held by a descriptor: it lives until the last descriptor, pin and process are gone.
///
/// A namespace belongs to a thread, so everything that enters one is done by a platform thread that ends afterwards.
///
/// @spec https://man7.org/linux/man-pages/man7/network_namespaces.7.html network_namespaces(7)
public final class NetworkNamespace implements AutoCloseable {
    private static final long CLONE_NEWNET = 0x40000000L;

    private final Fd fd;

    private NetworkNamespace(Fd fd) {
        this.fd = fd;
    }

    /// Makes a namespace, empty but for a loopback interface that is down.
    public static NetworkNamespace create() throws IOException {
        return ThreadOfItsOwn.run("netns", () -> {
            Syscalls.call(SyscallNumber.UNSHARE, "network namespace", CLONE_NEWNET);
            return open(Path.of("/proc/thread-self/ns/net"));
        });
    }

    /// Opens a namespace by a file of `/proc/<pid>/ns` or a pin.
    public static NetworkNamespace open(Path path) throws LinuxException {
        return new NetworkNamespace(Fd.open(path, 0));
    }

    /// Keeps the namespace alive at `file`, which is made, until [#unpin].
    public void pin(Path file) throws IOException {
        try {
            Files.createFile(file);
        } catch (FileAlreadyExistsException e) {
            // Left behind by a crash; what may be mounted on it is hidden by this pin, so it goes first.
            Mounts.detach(file);
        }
        Mounts.bind("/proc/self/fd/" + fd.number(), file);
    }

    /// Takes away a pin and its file; nothing happens if there is none.
    public static void unpin(Path file) throws IOException {
        Mounts.detach(file);
        Files.deleteIfExists(file);
    }

    /// Runs `task` inside; sockets that it opens stay inside wherever they are used later. It must neither start a
    /// thread nor wake a virtual one: a thread is born into the namespace of the one that starts it.
    public <T> T inside(Callable<T> task) throws IOException {
        return ThreadOfItsOwn.run("netns", () -> {
            Syscalls.call(SyscallNumber.SETNS, "network namespace", fd.number(), CLONE_NEWNET);
            return task.call();
        });
    }

    /// Tells it apart from every other one that exists at the same time.
    public long id() throws IOException {
        return (long) Files.getAttribute(Path.of("/proc/self/fd/" + fd.number()), "unix:ino");
    }

    /// For the fields of netlink messages that name a namespace by descriptor.
    public int number() {
        return fd.number();
    }

    @Override
    public void close() {
        fd.close();
    }
}
