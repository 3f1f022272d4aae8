package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A thousand containers come and go, in pods that do, every other one with users of its own, and of each of these two
/// kinds every other one with a port of the host: what was made for one is gone with it, on the host and in the engine.
class CyclesKernelTest {
    private static final List<SandboxRequest.Users> USERS =
            List.of(new SandboxRequest.Users.OfHost(), SandboxRequest.Users.Own.USUAL);
    private static final int PODS = 250;
    private static final int FIRST_PORT = 22_000;
    private static final int CONTAINERS = 4;
    private static final int AT_ONCE = 4;
    private static final int WARM = 50;
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int READY_USERS = 2;
    private static final int SPARE = 12;
    /// 330 bytes for each container of those pods that come when the engine is warm: less than its request or its
    /// state has. One small object of each would not be noticed.
    private static final long SPARE_BYTES = 256L << 10;

    @Test
    void a_thousand_containers_that_came_and_went_have_left_nothing() throws Exception {
        comeAndGo(PODS);
    }

    static void comeAndGo(int pods) throws Exception {
        try (RuntimeLab lab = RuntimeLab.open()) {
            cycle(lab, 0, AT_ONCE * 2);
            HostCount before = HostCount.settled(lab, READY_USERS);
            long descriptors = descriptors();
            long threads = threads();

            long children = ProcessHandle.current().children().count();
            cycle(lab, AT_ONCE * 2, WARM);
            before.awaitAgain(lab);
            long heap = heap();

            cycle(lab, AT_ONCE * 2 + WARM, pods - WARM);

            before.awaitAgain(lab);
            RuntimeLab.await(() -> ProcessHandle.current().children().count() <= children);
            RuntimeLab.await(() -> heap() <= heap + SPARE_BYTES);
            assertEquals(List.of(), lab.runtime().list());
            RuntimeLab.await(() -> descriptors() <= descriptors + SPARE);
            RuntimeLab.await(() -> threads() <= threads + SPARE);
        }
    }

    private static void cycle(RuntimeLab lab, int first, int count) throws Exception {
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Callable<String>> lives = IntStream.range(first, first + count)
                    .<Callable<String>>mapToObj(number -> () -> live(lab, request(lab, number)))
                    .toList();
            for (Future<String> end : workers.invokeAll(lives)) {
                assertEquals("gone", end.get());
            }
        }
    }

    private static SandboxRequest request(RuntimeLab lab, int number) {
        SandboxRequest plain = Requests.sandbox(new PodUid("pod-" + number));
        return Requests.withUsers(
                number % 4 < 2 ? plain : Requests.withPort(plain, lab.port(FIRST_PORT + number)),
                USERS.get(number % 2));
    }

    private static String live(RuntimeLab lab, SandboxRequest request) throws Exception {
        PodUid pod = request.uid();
        ContainerName web = new ContainerName(pod, "web");
        lab.sandbox(request);
        for (int attempt = 0; attempt < CONTAINERS; attempt++) {
            lab.started(RuntimeLab.shell(web, attempt, "exit 5"));
            ContainerState end = lab.runtime().awaitEnd(web, attempt, LIMIT).orElseThrow();
            assertEquals(5, assertInstanceOf(ContainerState.Exited.class, end).exitCode());
            lab.runtime().remove(web, attempt);
        }
        lab.runtime().removePod(pod);
        assertTrue(lab.runtime().find(pod).isEmpty());
        return "gone";
    }

    /// What is in use when all has been collected that can be.
    private static long heap() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    private static long descriptors() {
        return entries("/proc/self/fd");
    }

    private static long threads() {
        return entries("/proc/self/task");
    }

    private static long entries(String directory) {
        try (Stream<Path> entries = Files.list(Path.of(directory))) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
