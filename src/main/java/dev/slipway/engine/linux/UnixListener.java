package dev.slipway.engine.linux;

import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import jnr.ffi.Pointer;

/// Listening sockets in the file system, to be handed to another process. Java's own cannot be.
///
/// @spec https://man7.org/linux/man-pages/man7/unix.7.html unix(7)
public final class UnixListener {
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM_CLOEXEC = 1 | 02000000;
    private static final int ADDRESS_BYTES = 110;
    private static final int PATH_OFFSET = 2;
    private static final int BACKLOG = 64;

    private UnixListener() {}

    /// Makes a socket at `path`, at most 107 bytes, where nothing may be yet.
    public static Fd open(String path) throws LinuxException {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length >= ADDRESS_BYTES - PATH_OFFSET) {
            throw new LinuxException(Errno.ENAMETOOLONG.number(), "bind", path);
        }
        Fd socket = new Fd((int) Syscalls.call(SyscallNumber.SOCKET, path, AF_UNIX, SOCK_STREAM_CLOEXEC, 0));
        try {
            Pointer address = Syscalls.buffer(ADDRESS_BYTES);
            address.putShort(0, (short) AF_UNIX);
            address.put(PATH_OFFSET, name, 0, name.length);
            Syscalls.call(SyscallNumber.BIND, path, socket.number(), address.address(), ADDRESS_BYTES);
            Reference.reachabilityFence(address);
            Syscalls.call(SyscallNumber.LISTEN, path, socket.number(), BACKLOG);
            return socket;
        } catch (LinuxException e) {
            socket.close();
            throw e;
        }
    }
}
