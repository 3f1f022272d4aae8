package dev.slipway.door.streams;

import dev.slipway.door.http.Conversation;
import dev.slipway.door.http.MessageSocket;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import org.jboss.logging.Logger;

/// Exec and attach: joins a client with a session.
///
/// ```
/// client --frames--> ChannelDecoder --> stdin, size of the terminal     a task of its own
/// client <--frames-- ChannelWriter  <-- stdout                          the conversation's task
/// client <--frames-- ChannelWriter  <-- stderr                          a task of its own
/// client <--Status-- when both outputs have ended and the process has, then the socket is closed
/// ```
///
/// Whoever ends first ends the others: the client's end closes the session, which ends its streams; the session's end
/// closes the socket, which ends the reader.
///
/// @param wanted the streams that the client asked for; the others are read and forgotten
/// @param tellsExit whether the session's end is that of a command with an exit code
/// @param workers runs a task each for what is read beside stdout
record RemoteCommand(ContainerSessions.Wanted wanted, boolean tellsExit, Opening opening, Executor workers)
        implements Conversation {
    private static final Logger LOG = Logger.getLogger(RemoteCommand.class);
    private static final Duration LONG = Duration.ofHours(1);

    /// Opens the session, once the client is there.
    @FunctionalInterface
    interface Opening {
        /// @throws IOException when that cannot be; the message is for the user
        Session open() throws IOException, InterruptedException;
    }

    @Override
    public void hold(MessageSocket socket) throws IOException, InterruptedException {
        ChannelProtocol protocol = ChannelProtocol.of(socket.protocol());
        ChannelWriter client = new ChannelWriter(socket, protocol);
        Optional<Session> opened = open(client);
        if (opened.isPresent()) {
            try (Session session = opened.get()) {
                socket.onClose(() -> end(session));
                workers.execute(() -> listen(socket, new ChannelDecoder(protocol, new Keyboard(session))));
                client.send(Channel.STATUS, run(client, session));
            }
        }
    }

    private Optional<Session> open(ChannelWriter client) throws IOException, InterruptedException {
        try {
            return Optional.of(opening.open());
        } catch (IOException e) {
            client.send(Channel.STATUS, SessionStatus.failed(Objects.requireNonNullElse(e.getMessage(), e.toString())));
            return Optional.empty();
        }
    }

    /// @return the `Status` to end with
    private byte[] run(ChannelWriter client, Session session) throws IOException, InterruptedException {
        FutureTask<?> errors = new FutureTask<>(() -> {
            output(client, Channel.STDERR, wanted.stderr(), session.stderr());
            return null;
        });
        workers.execute(errors);
        output(client, Channel.STDOUT, wanted.stdout(), session.stdout());
        join(errors);
        OptionalInt code = OptionalInt.empty();
        while (code.isEmpty() && (tellsExit || !wanted.stdout() && !wanted.stderr())) {
            code = session.await(LONG);
        }
        return code.isPresent() && tellsExit ? SessionStatus.exited(code.getAsInt()) : SessionStatus.ended();
    }

    private static void output(ChannelWriter client, int channel, boolean wanted, InputStream from) throws IOException {
        if (wanted) {
            client.pump(channel, from);
        } else {
            from.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static void join(FutureTask<?> task) throws IOException, InterruptedException {
        try {
            task.get();
        } catch (ExecutionException e) {
            throw new IOException("copy stderr: " + e.getCause(), e);
        }
    }

    private static void listen(MessageSocket socket, ChannelDecoder decoder) {
        try {
            for (Optional<MessageSocket.Frame> frame = socket.receive(); frame.isPresent(); frame = socket.receive()) {
                decoder.take(
                        frame.get().payload(),
                        frame.get().continues(),
                        frame.get().last());
            }
        } catch (IOException e) {
            LOG.debugf("client dropped reason=\"%s\"", e.getMessage());
            socket.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void end(Session session) {
        try {
            session.close();
        } catch (IOException e) {
            LOG.warnf("session not closed reason=\"%s\"", e.getMessage());
        }
    }

    /// What a client types goes to a process, until that takes no more; the rest is thrown away, because how the
    /// process ended is still to be told.
    private static final class Keyboard implements ChannelDecoder.Input {
        private final Session session;
        private final OutputStream stdin;
        private boolean isTaken = true;

        Keyboard(Session session) {
            this.session = session;
            this.stdin = session.stdin();
        }

        @Override
        public void stdin(ByteBuffer bytes) {
            if (!isTaken) {
                return;
            }
            try {
                stdin.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
            } catch (IOException e) {
                LOG.debugf("process takes no more input reason=\"%s\"", e.getMessage());
                isTaken = false;
            }
        }

        @Override
        public void endOfStdin() throws IOException {
            stdin.close();
        }

        @Override
        public void resize(int rows, int columns) throws IOException {
            session.resize(rows, columns);
        }
    }
}
