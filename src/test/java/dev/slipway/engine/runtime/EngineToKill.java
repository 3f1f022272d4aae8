package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import java.nio.file.Path;
import java.time.Duration;

/// A process that makes pods, most with users of their own, starts containers, ends them and removes them, until it is
/// killed. Writes a line when it has got going.
final class EngineToKill {
    private static final int TERM = 15;

    private EngineToKill() {}

    /// @param arguments directory of the lab
    public static void main(String[] arguments) throws Exception {
        RuntimeLab lab = RuntimeLab.open(Path.of(arguments[0]));
        for (int number = 0; true; number++) {
            live(lab, new PodUid("pod-" + number), number);
            if (number == 1) {
                System.out.println("ready");
            }
        }
    }

    private static void live(RuntimeLab lab, PodUid pod, int number) throws Exception {
        ContainerName web = new ContainerName(pod, "web");
        ContainerName side = new ContainerName(pod, "side");
        lab.sandbox(
                number % 3 == 0
                        ? Requests.sandbox(pod)
                        : Requests.withUsers(Requests.sandbox(pod), SandboxRequest.Users.Own.USUAL));
        lab.started(RuntimeLab.idle(web, 0));
        lab.started(RuntimeLab.shell(side, 0, "exit 5"));
        lab.awaitEnd(side, 0);
        lab.runtime().remove(side, 0);
        lab.started(RuntimeLab.idle(side, 1));
        lab.runtime().stop(side, TERM, Duration.ofSeconds(60));
        if (number % 2 == 0) {
            lab.runtime().removePod(pod);
        }
    }
}
