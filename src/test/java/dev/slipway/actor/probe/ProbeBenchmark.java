package dev.slipway.actor.probe;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.actor.probe.Probe.Kind;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.reconcile.TimerDelays;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.FakeRuntime;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What many probes cost: a thousand containers, each asked by HTTP once a second. Both ends are in this process, so
/// the engine's share is about half of what is printed. Asserts nothing on time.
class ProbeBenchmark {
    private static final int CONTAINERS = 1000;
    private static final int WARM_UP = 10;
    private static final int ROUNDS = 20;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void print() throws Exception {
        LongAdder answers = new LongAdder();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 1024);
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
                TimerDelays delays = new TimerDelays();
                SqliteObjectStore store = SqliteObjectStore.open(folder)) {
            server.setExecutor(workers);
            server.createContext("/", exchange -> {
                answers.increment();
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
            });
            server.start();
            Schedule schedule = new Schedule(InstantSource.system(), delays, workers);
            EventRecorder recorder = new EventRecorder(store, new EventSource("slipway", "here"), schedule);
            HostChecks checks = new HostChecks(new FakeRuntime(Instant.EPOCH), "v1.35.0", workers);
            try (Prober prober = new Prober(checks, recorder, schedule, new Random(1))) {
                for (int i = 0; i < CONTAINERS; i++) {
                    PodUid pod = new PodUid("pod-" + i);
                    prober.watch(pod, List.of(subject(pod, server.getAddress().getPort())));
                }
                measure(answers);
            }
            recorder.close();
        } finally {
            server.stop(0);
        }
    }

    private static void measure(LongAdder answers) {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        await(answers, WARM_UP * CONTAINERS);
        long begin = System.nanoTime();
        long cpu = system.getProcessCpuTime();
        long before = answers.sum();
        await(answers, before + ROUNDS * CONTAINERS);
        double seconds = (System.nanoTime() - begin) / 1e9;
        double used = (system.getProcessCpuTime() - cpu) / 1e9;
        long asked = answers.sum() - before;
        System.out.printf(
                "%d containers, %.0f probes/s, %.1f %% of a cpu, %.0f us a probe (both ends), %d platform threads%n",
                CONTAINERS,
                asked / seconds,
                100 * used / seconds,
                1e6 * used / asked,
                ManagementFactory.getThreadMXBean().getThreadCount());
    }

    private static void await(LongAdder answers, long count) {
        long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (answers.sum() < count) {
            assertTrue(System.nanoTime() < deadline, "nobody asks any more");
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static Subject subject(PodUid pod, int port) {
        Probe probe = new Probe(
                Kind.LIVENESS,
                new Check.HttpGet(false, "127.0.0.1", port, "/", List.of()),
                Duration.ZERO,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                1,
                3,
                Optional.empty());
        return new Subject(
                new ContainerName(pod, "main"),
                pod + "-main",
                Instant.now().minusSeconds(60),
                new Involved("v1", "Pod", "default", pod.value(), pod.value(), ""),
                List.of(probe),
                Optional.empty(),
                "127.0.0.1",
                false,
                false,
                Optional.of(new Subject.Earlier(true, true)));
    }
}
