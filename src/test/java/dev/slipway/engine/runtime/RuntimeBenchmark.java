package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.slipway.ProcessCosts;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What the runtime by itself needs for each thing that it can be asked for, and how it bears many containers. Prints
/// figures and asserts nothing on time.
class RuntimeBenchmark {
    private static final int WARM_UP = 10;
    private static final int ROUNDS = 50;
    private static final int TERM = 15;
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Map<String, List<Long>> micros = new LinkedHashMap<>();

    @Test
    void each_thing_by_itself() throws Exception {
        try (RuntimeLab lab = RuntimeLab.open()) {
            for (int round = -WARM_UP; round < ROUNDS; round++) {
                live(lab, round);
            }
        }
        micros.forEach(RuntimeBenchmark::report);
    }

    private void live(RuntimeLab lab, int round) throws Exception {
        PodUid pod = new PodUid("pod-" + (round + WARM_UP));
        ContainerName web = new ContainerName(pod, "web");
        HostRuntime runtime = lab.runtime();
        measure(round, "make a sandbox", () -> lab.sandbox(Requests.sandbox(pod)));
        measure(round, "start", () -> lab.started(RuntimeLab.idle(web, 0)));
        lab.awaitLog(web, 0, "idle");
        measure(round, "exec, to its exit code", () -> exec(lab, web));
        measure(round, "pause", () -> {
            runtime.pause(web);
            return "";
        });
        measure(round, "resume", () -> {
            runtime.resume(web);
            return "";
        });
        measure(round, "kill, to its exit code", () -> {
            runtime.stop(web, TERM, Duration.ZERO);
            return runtime.awaitEnd(web, 0, LIMIT).orElseThrow();
        });
        ContainerName polite = new ContainerName(pod, "polite");
        lab.started(RuntimeLab.shell(polite, 0, "exec sleep 1000"));
        measure(round, "remove the pod, one container running", () -> {
            runtime.removePod(pod);
            return "";
        });
    }

    @Test
    void starts_in_a_second() throws Exception {
        try (RuntimeLab lab = RuntimeLab.open()) {
            System.out.printf("%n%-46s %9s%n", "pods made and started, so many at once", "a second");
            for (int atOnce : new int[] {1, 4, 16}) {
                int pods = 100;
                long begun = System.nanoTime();
                start(lab, atOnce, "at-" + atOnce, pods);
                System.out.printf("%-46d %9.1f%n", atOnce, pods * 1e9 / (System.nanoTime() - begun));
                for (PodState pod : lab.runtime().list()) {
                    lab.runtime().removePod(pod.uid());
                }
            }
        }
    }

    /// Leaves nothing, or fails.
    @Test
    void a_thousand_come_and_go() throws Exception {
        long begun = System.nanoTime();
        CyclesKernelTest.comeAndGo(1000);
        System.out.printf(
                "%n1000 pods made, 4 containers in each started, ended, removed: %d ms%n",
                (System.nanoTime() - begun) / 1_000_000);
    }

    @Test
    void many() throws Exception {
        System.out.printf(
                "%n%-12s %11s %19s %16s %15s%n",
                "containers", "started ms", "found by next ms", "KiB a container", "all removed ms");
        for (int count : new int[] {200, 500}) {
            try (RuntimeLab lab = RuntimeLab.open()) {
                long begun = System.nanoTime();
                start(lab, 4, "many", count);
                long started = System.nanoTime();
                List<PodState> found = lab.restart();
                long recovered = System.nanoTime();
                double kibibytes = memory(found) / (double) count;
                long measured = System.nanoTime();
                for (PodState pod : found) {
                    lab.runtime().removePod(pod.uid());
                }
                System.out.printf(
                        "%-12d %11d %19d %16.1f %15d%n",
                        found.size(),
                        (started - begun) / 1_000_000,
                        (recovered - started) / 1_000_000,
                        kibibytes,
                        (System.nanoTime() - measured) / 1_000_000);
            }
        }
    }

    private static void start(RuntimeLab lab, int atOnce, String name, int count) throws Exception {
        try (ExecutorService workers = Executors.newFixedThreadPool(atOnce)) {
            List<Callable<Attempt>> starts = IntStream.range(0, count)
                    .<Callable<Attempt>>mapToObj(number -> () -> {
                        PodUid pod = new PodUid(name + "-" + number);
                        lab.sandbox(Requests.sandbox(pod));
                        return lab.started(RuntimeLab.shell(new ContainerName(pod, "web"), 0, "exec sleep 1000"));
                    })
                    .toList();
            for (Future<Attempt> start : workers.invokeAll(starts)) {
                start.get();
            }
        }
    }

    private static int exec(RuntimeLab lab, ContainerName container) throws IOException, InterruptedException {
        ExecResult result = lab.runtime().exec(container, new Command(List.of("true"), false, false));
        try (var execution = assertInstanceOf(ExecResult.Running.class, result).execution()) {
            return execution.await(LIMIT).orElseThrow();
        }
    }

    /// KiB of the shims' own: a shim is its container's parent.
    private static long memory(List<PodState> pods) throws IOException {
        long total = 0;
        for (PodState pod : pods) {
            for (Attempt attempt : pod.attempts()) {
                int pid = assertInstanceOf(ContainerState.Running.class, attempt.state())
                        .pid();
                long shim = ProcessHandle.of(pid)
                        .flatMap(ProcessHandle::parent)
                        .orElseThrow()
                        .pid();
                total += ProcessCosts.number(Path.of("/proc/" + shim + "/smaps_rollup"), "Pss");
            }
        }
        return total;
    }

    private void measure(int round, String what, Callable<?> deed) throws Exception {
        long begun = System.nanoTime();
        Object result = deed.call();
        if (round >= 0 && result != null) {
            micros.computeIfAbsent(what, none -> new ArrayList<>()).add((System.nanoTime() - begun) / 1000);
        }
    }

    private static void report(String what, List<Long> all) {
        Collections.sort(all);
        System.out.printf(
                "%-40s min %6d  median %6d  p90 %6d us%n",
                what, all.getFirst(), all.get(all.size() / 2), all.get(all.size() * 9 / 10));
    }
}
