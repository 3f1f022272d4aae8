package dev.slipway.door.apiserver;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.streams.ContainerSessions;
import dev.slipway.door.streams.Session;
import java.io.IOException;
import java.nio.channels.SocketChannel;

/// An engine that has not started anything.
record NothingRuns() implements ContainerSessions {
    @Override
    public State state(ApiObject pod, String container) {
        return State.GONE;
    }

    @Override
    public Session exec(ApiObject pod, String container, Exec exec) throws IOException {
        throw new IOException("nothing runs");
    }

    @Override
    public Session attach(ApiObject pod, String container, Wanted wanted) throws IOException {
        throw new IOException("nothing runs");
    }

    @Override
    public void signal(ApiObject pod, String container, String signal) throws IOException {
        throw new IOException("nothing runs");
    }

    @Override
    public SocketChannel connect(ApiObject pod, int port) throws IOException {
        throw new IOException("nothing runs");
    }
}
