package dev.slipway.engine.shim;

import dev.slipway.engine.launch.Stdio;
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
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

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

        private final byte letter;

        Role(char letter) {
            this.letter = (byte) letter;
        }

        static Set<Role> of(Stdio stdio) {
            return of(new Streams(stdio.stdin(), true, !stdio.terminal()));
        }

        static Set<Role> of(Streams wanted) {
            Set<Role> roles = EnumSet.of(CONTROL);
            if (wanted.stdin()) {
                roles.add(STDIN);
            }
            if (wanted.stdout()) {
                roles.add(STDOUT);
            }
            if (wanted.stderr()) {
                roles.add(STDERR);
            }
            return roles;
        }
    }

    record Launched(ChildProcess shim, Map<Role, SocketChannel> connections) {
        /// Control is always asked for.
        SocketChannel control() {
            return Objects.requireNonNull(connections.get(Role.CONTROL));
        }
    }

    /// @param directory with a plan in it
    /// @param name shown by ps(1)
    /// @param target the process whose namespaces the plan enters; empty if it enters none's
    Launched launch(RunDirectory directory, String name, Set<Role> roles, Optional<Fd> target) throws IOException {
        try (LockedDirectory locked = lock(directory);
                Fd listener = UnixListener.open(LockedDirectory.shortName(locked.fd(), ShimFiles.SOCKET))) {
            Map<Role, SocketChannel> connections = connect(locked.fd(), roles);
            try {
                ChildProcess shim = ChildProcess.start(
                        program.view(), List.of(program.file().toString(), name), locked.fd(), listener, target);
                return new Launched(shim, connections);
            } catch (LinuxException e) {
                closeAll(connections.values());
                throw e;
            }
        }
    }

    /// Connects to a shim that lives.
    static Map<Role, SocketChannel> connect(RunDirectory directory, Set<Role> roles) throws IOException {
        try (Fd fd = LockedDirectory.openUnlocked(directory.path())) {
            return connect(fd, roles);
        }
    }

    private static LockedDirectory lock(RunDirectory directory) throws IOException {
        return LockedDirectory.open(directory.path())
                .orElseThrow(() -> new LinuxException(
                        Errno.EAGAIN.number(), "lock", directory.path().toString()));
    }

    private static Map<Role, SocketChannel> connect(Fd directory, Set<Role> roles) throws IOException {
        Map<Role, SocketChannel> connections = new EnumMap<>(Role.class);
        try {
            for (Role role : roles) {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                connections.put(role, channel);
                channel.connect(UnixDomainSocketAddress.of(LockedDirectory.shortName(directory, ShimFiles.SOCKET)));
                channel.write(ByteBuffer.wrap(new byte[] {role.letter}));
            }
            return connections;
        } catch (IOException e) {
            closeAll(connections.values());
            throw e;
        }
    }

    static void closeAll(Collection<SocketChannel> connections) throws IOException {
        for (SocketChannel channel : connections) {
            channel.close();
        }
    }
}
