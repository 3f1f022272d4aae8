package dev.slipway.app;

import dev.slipway.actor.resolve.StopSignals;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.streams.ContainerSessions;
import dev.slipway.door.streams.Session;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.HostRuntime;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.Execution;
import dev.slipway.engine.shim.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.OptionalInt;

/// Opens sessions in the containers that the runtime has.
record RuntimeSessions(HostRuntime runtime) implements ContainerSessions {
    @Override
    public State state(ApiObject pod, String container) {
        return runtime.find(new PodUid(pod.uid()))
                .flatMap(found -> found.latest(container))
                .map(Attempt::state)
                .map(RuntimeSessions::state)
                .orElse(State.GONE);
    }

    private static State state(ContainerState state) {
        return switch (state) {
            case ContainerState.Running running -> State.RUNNING;
            case ContainerState.Paused paused -> State.PAUSED;
            case ContainerState.Created created -> State.GONE;
            case ContainerState.Exited exited -> State.GONE;
            case ContainerState.Lost lost -> State.GONE;
        };
    }

    @Override
    public Session exec(ApiObject pod, String container, Exec exec) throws IOException, InterruptedException {
        Own own = exec.own();
        Command command = new Command(
                exec.command(),
                exec.stdin(),
                exec.terminal(),
                new Command.Own(own.env(), own.user(), own.workingDir()));
        return switch (runtime.exec(name(pod, container), command)) {
            case ExecResult.Running running -> new Running(running.execution());
            case ExecResult.Refused refused ->
                throw new IOException(refused.failure().words());
            case ExecResult.NotRunning gone ->
                throw new IOException("container not found (\"%s\"): %s".formatted(container, gone.words()));
        };
    }

    @Override
    public Session attach(ApiObject pod, String container, Wanted wanted) throws IOException, InterruptedException {
        Streams streams = new Streams(wanted.stdin(), wanted.stdout(), wanted.stderr());
        return new Running(runtime.attach(name(pod, container), streams));
    }

    @Override
    public void signal(ApiObject pod, String container, String signal) throws IOException {
        int number = StopSignals.number(signal)
                .orElseThrow(() -> new IOException("unknown signal \"%s\"".formatted(signal)));
        runtime.signal(name(pod, container), number);
    }

    @Override
    public SocketChannel connect(ApiObject pod, int port) throws IOException {
        return runtime.connect(new PodUid(pod.uid()), port);
    }

    private static ContainerName name(ApiObject pod, String container) {
        return new ContainerName(new PodUid(pod.uid()), container);
    }

    private record Running(Execution execution) implements Session {
        @Override
        public OutputStream stdin() {
            return execution.stdin();
        }

        @Override
        public InputStream stdout() {
            return execution.stdout();
        }

        @Override
        public InputStream stderr() {
            return execution.stderr();
        }

        @Override
        public void resize(int rows, int columns) throws IOException {
            execution.resize(rows, columns);
        }

        @Override
        public OptionalInt await(Duration limit) throws IOException, InterruptedException {
            return execution.await(limit);
        }

        @Override
        public void close() throws IOException {
            execution.close();
        }
    }
}
