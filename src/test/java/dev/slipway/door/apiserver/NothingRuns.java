package dev.slipway.door.apiserver;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.streams.ContainerFiles;
import dev.slipway.door.streams.ContainerSessions;
import dev.slipway.door.streams.Session;
import dev.slipway.door.usage.UsageSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// An engine that has not started anything.
record NothingRuns() implements ContainerSessions, ContainerFiles, UsageSource {
    @Override
    public boolean isKept(ApiObject pod, String container) {
        return false;
    }

    @Override
    public Outgoing take(ApiObject pod, String container, String path, String as) throws IOException {
        throw new IOException("nothing runs");
    }

    @Override
    public void put(ApiObject pod, String container, Place place, InputStream archive) throws IOException {
        throw new IOException("nothing runs");
    }

    @Override
    public Optional<Total> container(ApiObject pod, String container) {
        return Optional.empty();
    }

    @Override
    public Total host() {
        return new Total(Duration.ZERO, 0, 0);
    }

    @Override
    public List<Process> processes(ApiObject pod, String container) {
        return List.of();
    }

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
