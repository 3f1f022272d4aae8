package dev.slipway.engine.shim;

import dev.slipway.engine.linux.ChildProcess;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.LockedDirectory;
import dev.slipway.engine.linux.UnixListener;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/// Starts shims and connects to them.
///
/// The socket is made, and connected to, before the shim exists: so nothing has to be waited for, and a shim that ends
/// at once is heard all the same. The lock on the run directory is taken here and passes to the shim, so that there is
/// no moment in which a run directory with a plan looks abandoned.
record Launcher(ShimBinary program) {
    /// What a connection is for: its first byte.
    enum Role {
        CONTROL('c'),
        STDIN('i'),
        STDOUT('o'),
        STDERR('e');

        static final List<Role> ALL = List.of(CONTROL, STDIN, STDOUT, STDERR);

        private final byte letter;

        Role(char letter) {
            this.letter = (byte) letter;
        }
    }

    /// @param connections in the order of the roles asked for
    record Launched(ChildProcess shim, List<SocketChannel> connections) {
        /// Control is always asked for first.
        SocketChannel control() {
            return connections.getFirst();
        }
    }

    /// @param directory with a plan in it
    /// @param name shown by ps(1)
    Launched launch(RunDirectory directory, String name, List<Role> roles) throws IOException {
        try (LockedDirectory locked = lock(directory);
                Fd listener = UnixListener.open(LockedDirectory.shortName(locked.fd(), ShimFiles.SOCKET))) {
            List<SocketChannel> connections = connect(locked.fd(), roles);
            try {
                ChildProcess shim = ChildProcess.start(
                        program.view(), List.of(program.file().toString(), name), locked.fd(), listener);
                return new Launched(shim, connections);
            } catch (LinuxException e) {
                closeAll(connections);
                throw e;
            }
        }
    }

    /// Connects to a shim that lives.
    static List<SocketChannel> connect(RunDirectory directory, List<Role> roles) throws IOException {
        try (Fd fd = LockedDirectory.openUnlocked(directory.path())) {
            return connect(fd, roles);
        }
    }

    private static LockedDirectory lock(RunDirectory directory) throws IOException {
        return LockedDirectory.open(directory.path())
                .orElseThrow(() -> new LinuxException(
                        Errno.EAGAIN.number(), "lock", directory.path().toString()));
    }

    private static List<SocketChannel> connect(Fd directory, List<Role> roles) throws IOException {
        List<SocketChannel> connections = new ArrayList<>();
        try {
            for (Role role : roles) {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                connections.add(channel);
                channel.connect(UnixDomainSocketAddress.of(LockedDirectory.shortName(directory, ShimFiles.SOCKET)));
                channel.write(ByteBuffer.wrap(new byte[] {role.letter}));
            }
            return connections;
        } catch (IOException e) {
            closeAll(connections);
            throw e;
        }
    }

    static void closeAll(List<SocketChannel> connections) throws IOException {
        for (SocketChannel channel : connections) {
            channel.close();
        }
    }
}
