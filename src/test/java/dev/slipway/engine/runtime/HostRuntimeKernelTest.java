package dev.slipway.engine.runtime;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// The real runtime keeps the promises that the fake one keeps.
class HostRuntimeKernelTest extends ContainerRuntimeContractTest {
    private RuntimeLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = RuntimeLab.open();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Override
    ContainerRuntime runtime() {
        return lab.runtime();
    }

    @Override
    void passTime() {
        LockSupport.parkNanos(2_000_000);
    }

    @Override
    void awaitReady(ContainerName container, int attempt) {
        RuntimeLab.await(
                () -> !lab.attempt(container, attempt).state().isAlive() || lab.hasLogged(container, attempt, "ready"));
    }

    @Override
    ContainerRequest running(ContainerName container, int attempt) {
        return RuntimeLab.shell(
                container, attempt, "trap 'exit 143' TERM; echo ready; while true; do sleep 0.05; done");
    }

    @Override
    ContainerRequest stubborn(ContainerName container, int attempt) {
        return RuntimeLab.shell(container, attempt, "trap '' TERM; echo ready; while true; do sleep 0.05; done");
    }

    @Override
    ContainerRequest exiting(ContainerName container, int attempt, int code) {
        return RuntimeLab.shell(container, attempt, "exit " + code);
    }

    @Override
    ContainerRequest impossible(ContainerName container, int attempt) {
        return Requests.container(container.pod(), container.name(), attempt, RuntimeLab.image(), List.of("/no/such"));
    }
}
