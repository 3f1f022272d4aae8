package dev.slipway.engine.shim;

import dev.slipway.engine.shim.Launcher.Role;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;

/// An [Execution] behind a shim: a connection for control and one for each stream.
final class RemoteExecution implements Execution {
    private static final int UNKNOWN_END = 137;

    private final ShimLink link;
    private final Map<Role, SocketChannel> streams;

    /// @param connections for control, which is the link's, and for streams; the shim ends those that the process
    ///     does not have
    RemoteExecution(ShimLink link, Map<Role, SocketChannel> connections) {
        this.link = link;
        this.streams = new EnumMap<>(connections);
        streams.remove(Role.CONTROL);
    }

    @Override
    public int pid() {
        return link.started().orElseThrow().pid();
    }

    @Override
    public OutputStream stdin() {
        SocketChannel channel = streams.get(Role.STDIN);
        return channel == null ? OutputStream.nullOutputStream() : Channels.newOutputStream(channel);
    }

    @Override
    public InputStream stdout() {
        return output(Role.STDOUT);
    }

    @Override
    public InputStream stderr() {
        return output(Role.STDERR);
    }

    @Override
    public void signal(int number) throws IOException {
        link.signal(number);
    }

    @Override
    public void resize(int rows, int columns) throws IOException {
        link.resize(rows, columns);
    }

    @Override
    public OptionalInt await(Duration limit) throws InterruptedException {
        if (!link.awaitExit(limit)) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(link.exited().map(ShimEvent.Exited::exitCode).orElse(UNKNOWN_END));
    }

    /// The shim of one more process kills it when its client leaves; that of a container lets it run.
    @Override
    public void close() throws IOException {
        Launcher.closeAll(streams.values());
        link.hangUp();
    }

    private InputStream output(Role role) {
        SocketChannel channel = streams.get(role);
        return channel == null ? InputStream.nullInputStream() : Channels.newInputStream(channel);
    }
}
