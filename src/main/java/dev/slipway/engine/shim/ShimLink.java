package dev.slipway.engine.shim;

import dev.slipway.engine.linux.ChildProcess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/// The control connection to one shim. What the shim says is taken by the reader's thread; everybody may wait for
/// it and send requests.
final class ShimLink {
    private static final Logger LOG = Logger.getLogger(ShimLink.class);
    private static final int SIGNAL = 1;
    private static final int RESIZE = 2;

    private final SocketChannel channel;
    private final Optional<ChildProcess> shim;
    private final Runnable onEnd;
    private final ByteBuffer incoming = ByteBuffer.allocate(ShimEvent.BYTES).order(ByteOrder.nativeOrder());
    private final CompletableFuture<ShimEvent.Started> started = new CompletableFuture<>();
    private final CompletableFuture<ShimEvent.Failed> failed = new CompletableFuture<>();
    private final CompletableFuture<ShimEvent.Exited> exited = new CompletableFuture<>();
    private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
    /// From then on its number may be another process'.
    private boolean isReaped;

    /// @param channel connected, and named as control
    /// @param shim if this engine has started it, and so has to reap it
    /// @param onEnd called on the reader's thread when the shim is gone
    ShimLink(SocketChannel channel, Optional<ChildProcess> shim, Runnable onEnd) {
        this.channel = channel;
        this.shim = shim;
        this.onEnd = onEnd;
    }

    SocketChannel channel() {
        return channel;
    }

    /// Reads what has come.
    ///
    /// @return false at the end
    boolean read() throws IOException {
        int count = channel.read(incoming);
        if (!incoming.hasRemaining()) {
            switch (ShimEvent.parse(incoming.flip())) {
                case ShimEvent.Started event -> started.complete(event);
                case ShimEvent.Failed event -> failed.complete(event);
                case ShimEvent.Exited event -> exited.complete(event);
            }
            incoming.clear();
        }
        return count >= 0;
    }

    /// Called on the reader's thread.
    ///
    /// @return whether the shim has been reaped, or was not ours to reap
    boolean reap() throws IOException {
        isReaped = isReaped || shim.isEmpty() || shim.get().reap().isPresent();
        return isReaped;
    }

    /// The shim is gone: nobody waits any longer.
    void end() {
        ended.complete(true);
        onEnd.run();
    }

    /// The shim is not heard any more: nobody waits for it any longer.
    void abandon() {
        ended.complete(true);
    }

    /// Waits until the program is executed, the start has failed, or the shim is gone.
    ///
    /// @return false after `limit`
    boolean awaitStart(Duration limit) throws InterruptedException {
        return await(CompletableFuture.anyOf(started, failed, ended), limit);
    }

    boolean awaitEnd(Duration limit) throws InterruptedException {
        return await(ended, limit);
    }

    /// Waits for the end of the process, which may come before that of its shim.
    boolean awaitExit(Duration limit) throws InterruptedException {
        return await(CompletableFuture.anyOf(exited, ended), limit);
    }

    Optional<ShimEvent.Started> started() {
        return Optional.ofNullable(started.getNow(null));
    }

    Optional<ShimEvent.Failed> failed() {
        return Optional.ofNullable(failed.getNow(null));
    }

    Optional<ShimEvent.Exited> exited() {
        return Optional.ofNullable(exited.getNow(null));
    }

    boolean isRunning() {
        return started.isDone() && !exited.isDone() && !ended.isDone();
    }

    boolean isRunningAs(int pid) {
        return isRunning() && started().orElseThrow().pid() == pid;
    }

    boolean hasEnded() {
        return ended.isDone();
    }

    /// Does nothing when the process has ended.
    void signal(int number) throws IOException {
        request(SIGNAL, number);
    }

    void resize(int rows, int columns) throws IOException {
        request(RESIZE, rows << 16 | columns);
    }

    /// For a shim that does not answer: kills it, and its process with it.
    void killShim() throws IOException {
        if (shim.isPresent() && !ended.isDone()) {
            shim.get().kill();
        }
    }

    /// Leaves the shim; its end of the connection closes soon.
    void hangUp() throws IOException {
        try {
            channel.shutdownOutput();
        } catch (ClosedChannelException e) {
            LOG.trace("a shim has ended before its client left", e);
        }
    }

    private synchronized void request(int kind, int value) throws IOException {
        if (ended.isDone()) {
            return;
        }
        ByteBuffer request = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
        request.putInt(kind).putInt(value).flip();
        try {
            channel.write(request);
        } catch (IOException e) {
            // Only the end of the shim closes a connection, at its end or, when the reader has heard of it, at ours.
            LOG.debug("a shim has ended before a request", e);
        }
    }

    private static boolean await(CompletableFuture<?> event, Duration limit) throws InterruptedException {
        try {
            event.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }
}
