package dev.slipway;

import static org.junit.jupiter.api.Assertions.fail;

import dev.slipway.ContainerTool.Deed;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Many idle containers: how long until all run, what they cost, how long until all are gone. Prints a table and
/// asserts nothing on time.
///
/// The engine is told of all and brings them about by itself; peers are told one after the other. Memory is that of
/// engine and shims, or of conmon; crun leaves nothing behind that would watch. What one container costs is what the
/// last crowd has over the engine without any: over the new one, which has not compiled the code of starts, and over
/// the one that has, as it is when all are gone.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CrowdBenchmark {
    private static final double NOT_MEASURED = Double.NaN;
    private static final String PODS = "/api/v1/namespaces/default/pods";
    private static final int[] COUNTS = {10, 100, 200, 500};

    /// podman takes a tenth of a second for each.
    private static final int MOST_OF_PODMAN = 100;

    /// After it, memory that a burst of work has used is given back.
    private static final Duration SETTLING = Duration.ofSeconds(20);

    private static final Duration IDLING = Duration.ofSeconds(10);
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration REST = Duration.ofMillis(20);

    private BenchHost host;
    private EngineTool ours;

    @BeforeAll
    void start() throws Exception {
        host = BenchHost.start();
        ours = host.ours();
    }

    @AfterAll
    void stop() throws Exception {
        host.close();
    }

    @Test
    void many_at_once() throws Exception {
        String form = "%n%-46s %10s %9s %10s %14s %12s";
        System.out.print(String.format(
                Locale.ROOT, form, "containers", "started ms", "a second", "PSS MiB", "idle cpu, % 1", "deleted ms"));
        LockSupport.parkNanos(SETTLING.toNanos());
        double before = memory();
        print("slipway: none", NOT_MEASURED, NOT_MEASURED, before, idleCpu(), NOT_MEASURED);
        double most = NOT_MEASURED;
        for (int count : COUNTS) {
            most = crowdOfEngine(count);
            for (ContainerTool peer : host.peers().tools()) {
                if (count <= MOST_OF_PODMAN || !peer.title().startsWith("podman")) {
                    crowd(peer, count);
                }
            }
        }
        LockSupport.parkNanos(SETTLING.toNanos());
        double after = memory();
        print("slipway: none, afterwards", NOT_MEASURED, NOT_MEASURED, after, idleCpu(), NOT_MEASURED);
        int count = COUNTS[COUNTS.length - 1];
        System.out.println(String.format(
                Locale.ROOT,
                "%n%na container of %d: %.1f KiB over none afterwards, %.1f KiB over none at first",
                count,
                (most - after) * 1024 / count,
                (most - before) * 1024 / count));
    }

    /// @return MiB of memory
    private double crowdOfEngine(int count) throws Exception {
        double started = timed(() -> {
            for (int i = 0; i < count; i++) {
                ours.send("POST", PODS, pod("many" + i));
            }
            awaitNone("?limit=1&fieldSelector=status.phase!=Running");
        });
        LockSupport.parkNanos(SETTLING.toNanos());
        double memory = memory();
        double cpu = idleCpu();
        double deleted = timed(() -> {
            ours.send("DELETE", PODS, "");
            awaitNone("?limit=1");
        });
        print("slipway: " + count + " pods", started, count / started * 1000, memory, cpu, deleted);
        return memory;
    }

    private void crowd(ContainerTool peer, int count) throws Exception {
        double started = timed(() -> each(peer, Deed.START, count));
        boolean isWatched = peer.title().startsWith("podman");
        double memory = isWatched
                ? ProcessCosts.pssMib(line ->
                        line.contains("conmon") && line.contains(host.peers().home()))
                : NOT_MEASURED;
        double deleted = timed(() -> {
            each(peer, Deed.STOP, count);
            each(peer, Deed.DELETE, count);
        });
        print(peer.title() + ": " + count, started, count / started * 1000, memory, NOT_MEASURED, deleted);
    }

    private static void each(ContainerTool peer, Deed deed, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            peer.perform(deed, "many" + i);
        }
    }

    private void awaitNone(String selection) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        String now = ours.send("GET", PODS + selection, "");
        while (!now.contains("\"items\":[]")) {
            if (System.nanoTime() > deadline) {
                fail("still there after " + LIMIT + ": " + now);
            }
            LockSupport.parkNanos(REST.toNanos());
            now = ours.send("GET", PODS + selection, "");
        }
    }

    private static String pod(String name) {
        return """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"%s"},"spec":{"terminationGracePeriodSeconds":0,
                 "containers":[{"name":"main","image":"toolbox","imagePullPolicy":"Never",
                 "command":["/bin/busybox","sleep","3600"]}]}}""".formatted(name);
    }

    private double memory() throws IOException {
        String run = host.engine().run().toString();
        return ProcessCosts.pssMib(line -> line.contains(run));
    }

    /// Of one processor, in percent.
    private double idleCpu() throws IOException {
        double before = ProcessCosts.cpuMillis(host.engine().pid());
        LockSupport.parkNanos(IDLING.toNanos());
        return (ProcessCosts.cpuMillis(host.engine().pid()) - before) / IDLING.toMillis() * 100;
    }

    private static void print(String what, double started, double aSecond, double memory, double cpu, double deleted) {
        System.out.print(String.format(
                Locale.ROOT,
                "%n%-46s %10s %9s %10s %14s %12s",
                what,
                number("%.0f", started),
                number("%.1f", aSecond),
                number("%.1f", memory),
                number("%.2f", cpu),
                number("%.0f", deleted)));
    }

    private static String number(String form, double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, form, value);
    }

    private static double timed(Task task) throws Exception {
        long before = System.nanoTime();
        task.run();
        return (System.nanoTime() - before) / 1e6;
    }

    private interface Task {
        void run() throws Exception;
    }
}
