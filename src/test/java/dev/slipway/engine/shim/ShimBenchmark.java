package dev.slipway.engine.shim;

import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ExecSpec;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.Namespaces;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.Stdio;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Prints what a start, one more process and an idle shim cost; asserts nothing on time.
class ShimBenchmark {
    private static final int WARM_UP = 60;
    private static final int ROUNDS = 200;

    @Test
    void print() throws Exception {
        try (ShimLab lab = new ShimLab()) {
            ShimLab.Started pod = lab.command("sleep", "600").start();
            Namespace prepared = new Namespace.Existing(Path.of("/proc/" + pod.pid() + "/ns/net"));
            Namespace ipc = new Namespace.Existing(Path.of("/proc/" + pod.pid() + "/ns/ipc"));
            report("start, network namespace of a pod", starts(lab, Namespaces.ofPod(prepared, ipc)));
            report("start, every namespace new", starts(lab, Namespaces.own()));
            report("one more process", execs(lab, pod));
            System.out.printf(
                    "%-40s %d KiB%n",
                    "PSS of an idle shim", ShimLab.memoryKib(lab.shimPids().getFirst(), "Pss"));
        }
    }

    private static List<Long> starts(ShimLab lab, Namespaces namespaces) throws Exception {
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < WARM_UP + ROUNDS; i++) {
            ContainerDraft container = lab.command("/bin/true").namespaces(namespaces);
            var spec = container.spec();
            long start = System.nanoTime();
            lab.shims().start(spec, ShimLab.LIMIT);
            long end = System.nanoTime();
            lab.awaitEnd(container.id());
            lab.shims().forget(container.id());
            add(micros, i, end - start);
        }
        return micros;
    }

    private static List<Long> execs(ShimLab lab, ShimLab.Started container) throws Exception {
        ProcessSpec process = new ProcessSpec(
                List.of("/bin/true"),
                List.of(),
                "/",
                Identity.ROOT,
                Privileges.standard(),
                List.of(),
                022,
                0,
                Stdio.OUTPUT_ONLY);
        ExecSpec spec = new ExecSpec(container.pid(), process, CgroupPlacement.INHERITED);
        List<Long> micros = new ArrayList<>();
        for (int i = 0; i < WARM_UP + ROUNDS; i++) {
            long start = System.nanoTime();
            ExecResult result = lab.shims().exec(spec, ShimLab.LIMIT);
            long end = System.nanoTime();
            if (result instanceof ExecResult.Running running) {
                running.execution().await(ShimLab.LIMIT);
                running.execution().close();
            }
            add(micros, i, end - start);
        }
        return micros;
    }

    private static void add(List<Long> micros, int round, long nanos) {
        if (round >= WARM_UP) {
            micros.add(nanos / 1000);
        }
    }

    private static void report(String what, List<Long> micros) {
        Collections.sort(micros);
        System.out.printf(
                "%-40s min %5d  median %5d  p90 %5d us%n",
                what, micros.getFirst(), micros.get(micros.size() / 2), micros.get(micros.size() * 9 / 10));
    }
}
