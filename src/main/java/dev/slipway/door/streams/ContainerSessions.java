package dev.slipway.door.streams;

import dev.slipway.desired.meta.ApiObject;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.List;

/// Opens sessions. The API server asks; whoever runs the containers answers.
public interface ContainerSessions {
    /// What a container is doing, as far as sessions are concerned.
    enum State {
        RUNNING,
        /// It stands still, and so would everything that is started in it.
        PAUSED,
        /// It has not been started, or has ended.
        GONE
    }

    State state(ApiObject pod, String container);

    /// Starts a process in a container. It ends when its session is closed.
    ///
    /// @throws IOException when it could not be started; the message is for the user
    Session exec(ApiObject pod, String container, Exec exec) throws IOException, InterruptedException;

    /// Joins the container's own process, which goes on when the session is closed.
    ///
    /// @throws IOException when it has ended
    Session attach(ApiObject pod, String container, Wanted wanted) throws IOException, InterruptedException;

    /// Sends a signal to the container's own process.
    ///
    /// @param signal name or number
    /// @throws IOException when it is none, or the process has ended; the message is for the user
    void signal(ApiObject pod, String container, String signal) throws IOException;

    /// Connects to a port inside the pod.
    ///
    /// @throws IOException when nobody listens there; the message is for the user
    SocketChannel connect(ApiObject pod, int port) throws IOException;

    /// Which streams a client wants.
    record Wanted(boolean stdin, boolean stdout, boolean stderr) {}

    /// @param stdin whether the process has one
    /// @param terminal one for all streams
    record Exec(List<String> command, boolean stdin, boolean terminal, Own own) {
        public Exec {
            command = List.copyOf(command);
        }
    }

    /// What is otherwise than with the container's own process.
    ///
    /// @param env `NAME=value` lines
    /// @param user name or number, with a group or without; empty for the same
    /// @param workingDir absolute; empty for the same
    record Own(List<String> env, String user, String workingDir) {
        public Own {
            env = List.copyOf(env);
        }
    }
}
