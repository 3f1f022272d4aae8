package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.Execution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// How long it takes to start one more process in a running container: from the call to the moment at which its program
/// is known to be executed, and to its exit code. Prints figures and asserts nothing on time.
class SessionsBenchmark {
    private static final int WARM_UP = 100;
    private static final int ROUNDS = 300;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final ContainerName WEB = new ContainerName(new PodUid("pod"), "web");

    @Test
    void exec_into_a_running_container() throws Exception {
        List<Long> executed = new ArrayList<>();
        List<Long> ended = new ArrayList<>();
        try (RuntimeLab lab = RuntimeLab.open()) {
            lab.sandbox(Requests.sandbox(WEB.pod()));
            lab.started(RuntimeLab.shell(WEB, 0, "sleep 600"));
            for (int i = 0; i < WARM_UP + ROUNDS; i++) {
                long begun = System.nanoTime();
                ExecResult result = lab.runtime().exec(WEB, new Command(List.of("true"), false, false));
                long running = System.nanoTime();
                if (result instanceof ExecResult.Running(Execution execution)) {
                    execution.await(LIMIT);
                    if (i >= WARM_UP) {
                        executed.add((running - begun) / 1000);
                        ended.add((System.nanoTime() - begun) / 1000);
                    }
                    execution.close();
                }
            }
        }
        report("call to program executed", executed);
        report("call to exit code", ended);
    }

    private static void report(String what, List<Long> micros) {
        Collections.sort(micros);
        System.out.printf(
                "exec %-30s min %5d  median %5d  p90 %5d us%n",
                what, micros.getFirst(), micros.get(micros.size() / 2), micros.get(micros.size() * 9 / 10));
    }
}
