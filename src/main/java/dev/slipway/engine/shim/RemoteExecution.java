package dev.slipway.engine.shim;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/// An [Execution] behind a shim: a connection for control and one for each stream.
final class RemoteExecution implements Execution {
    private static final int UNKNOWN_END = 137;

    private final ShimLink link;
    private final List<SocketChannel> connections;

    /// @param connections for control, stdin, stdout, stderr; the shim ends those that the process does not have
    RemoteExecution(ShimLink link, List<SocketChannel> connections) {
        this.link = link;
        this.connections = connections;
    }

    @Override
    public int pid() {
        return link.started().orElseThrow().pid();
    }

    @Override
    public OutputStream stdin() {
        return Channels.newOutputStream(connections.get(1));
    }

    @Override
    public InputStream stdout() {
        return Channels.newInputStream(connections.get(2));
    }

    @Override
    public InputStream stderr() {
        return Channels.newInputStream(connections.get(3));
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
        Launcher.closeAll(connections.subList(1, connections.size()));
        link.hangUp();
    }
}
