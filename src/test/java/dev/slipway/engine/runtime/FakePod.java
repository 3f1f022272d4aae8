package dev.slipway.engine.runtime;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What [FakeRuntime], whose lock guards it, knows of one pod.
final class FakePod {
    Optional<PodState.Sandbox> sandbox = Optional.empty();
    final Map<String, Container> containers = new LinkedHashMap<>();

    static final class Container {
        Attempt attempt;
        final FakeRuntime.Behaviour behaviour;
        Optional<Instant> deadline = Optional.empty();

        Container(Attempt attempt, FakeRuntime.Behaviour behaviour) {
            this.attempt = attempt;
            this.behaviour = behaviour;
        }

        void resume() {
            if (attempt.state() instanceof ContainerState.Paused paused) {
                become(new ContainerState.Running(paused.pid(), paused.startedAt()));
            }
        }

        void become(ContainerState state) {
            attempt = new Attempt(
                    attempt.container(),
                    attempt.number(),
                    attempt.id(),
                    attempt.image(),
                    attempt.mounted(),
                    attempt.fingerprint(),
                    state);
        }
    }
}
