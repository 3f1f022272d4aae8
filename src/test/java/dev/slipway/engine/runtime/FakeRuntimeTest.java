package dev.slipway.engine.runtime;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;

/// The fake keeps the promises that the real one keeps.
class FakeRuntimeTest extends ContainerRuntimeContractTest {
    private static final LocalImage IMAGE = Requests.image(RunParameters.EMPTY, List.of());

    private final FakeRuntime fake = new FakeRuntime(Instant.parse("2026-01-31T10:00:00Z"));

    @BeforeEach
    void let_commands_say_what_happens() {
        fake.behave(request -> switch (request.command().getFirst()) {
            case "run" -> new Behaviour.Runs();
            case "ignore" -> new Behaviour.IgnoresSignals();
            case "exit" ->
                new Behaviour.Exits(Integer.parseInt(request.command().get(1)));
            default ->
                new Behaviour.IsRefused(new StartOutcome.NotExecuted(
                        "execute " + request.command().getFirst() + ": no such file"));
        });
    }

    @Override
    ContainerRuntime runtime() {
        return fake;
    }

    @Override
    void passTime() {
        fake.advance(Duration.ofMillis(50));
    }

    @Override
    void awaitReady(ContainerName container, int attempt) {
        // Whatever a fake container hears, it hears at once.
    }

    @Override
    ContainerRequest running(ContainerName container, int attempt) {
        return Requests.container(container.pod(), container.name(), attempt, IMAGE, List.of("run"));
    }

    @Override
    ContainerRequest stubborn(ContainerName container, int attempt) {
        return Requests.container(container.pod(), container.name(), attempt, IMAGE, List.of("ignore"));
    }

    @Override
    ContainerRequest exiting(ContainerName container, int attempt, int code) {
        return Requests.container(
                container.pod(), container.name(), attempt, IMAGE, List.of("exit", Integer.toString(code)));
    }

    @Override
    ContainerRequest impossible(ContainerName container, int attempt) {
        return Requests.container(container.pod(), container.name(), attempt, IMAGE, List.of("/no/such"));
    }
}
