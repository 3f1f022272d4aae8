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
/// client ----------> stdin, size of the terminal     a task of its own
/// client <---------- stdout                          the conversation's task
/// client <---------- stderr                          a task of its own
/// client <--Status-- when both outputs have ended and the process has, then the socket is closed
/// ```
///
/// Whoever ends first ends the others: the client's end closes the session, which ends its streams; the session's end
/// closes the socket, which ends the reader.
///
/// @param wanted the streams that the client asked for; the others are read and forgotten
/// @param tellsExit whether the session's end is that of a command with an exit code
/// @param lines of the protocol that was agreed on
/// @param workers runs a task each for what is read beside stdout
record RemoteCommand(ContainerSessions.Wanted wanted, boolean tellsExit, Lines lines, Opening opening, Executor workers)
        implements Conversation {
    private static final Logger LOG = Logger.getLogger(RemoteCommand.class);
    private static final Duration LONG = Duration.ofHours(1);

    /// How the client's streams share a connection.
    @FunctionalInterface
    interface Lines {
        ClientLine of(MessageSocket socket);
    }

    /// Opens the session, once the client is there.
    @FunctionalInterface
    interface Opening {
        /// @throws IOException when that cannot be; the message is for the user
        Session open() throws IOException, InterruptedException;
    }

    @Override
    public void hold(MessageSocket socket) throws IOException, InterruptedException {
        try (ClientLine client = lines.of(socket)) {
            client.begin();
            Optional<Session> opened = open(client);
            if (opened.isPresent()) {
                serve(socket, client, opened.get());
            }
        }
    }

    private void serve(MessageSocket socket, ClientLine client, Session opened)
            throws IOException, InterruptedException {
        try (Session session = opened) {
            socket.onClose(() -> end(session));
            workers.execute(() -> listen(socket, client, new Keyboard(session)));
            client.finish(run(client, session));
        }
    }

    private Optional<Session> open(ClientLine client) throws IOException, InterruptedException {
        try {
            return Optional.of(opening.open());
        } catch (IOException e) {
            client.finish(SessionStatus.failed(Objects.requireNonNullElse(e.getMessage(), e.toString())));
            return Optional.empty();
        }
    }

    /// @return the `Status` to end with
    private byte[] run(ClientLine client, Session session) throws IOException, InterruptedException {
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

    private static void output(ClientLine client, int channel, boolean wanted, InputStream from) throws IOException {
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
            throw new IOException("a stream of a session: " + e.getCause(), e);
        }
    }

    private static void listen(MessageSocket socket, ClientLine client, ClientLine.Input keyboard) {
        try {
            client.listen(keyboard);
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
    private static final class Keyboard implements ClientLine.Input {
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
