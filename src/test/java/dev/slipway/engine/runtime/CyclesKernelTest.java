package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Pods come and go, many times: what was made for one is gone with it, on the host and in the engine.
class CyclesKernelTest {
    private static final int CYCLES = 100;
    private static final int AT_ONCE = 4;
    private static final int SPARE = 12;

    @Test
    void pods_that_came_and_went_have_left_nothing() throws Exception {
        comeAndGo(CYCLES);
    }

    static void comeAndGo(int pods) throws Exception {
        try (RuntimeLab lab = RuntimeLab.open()) {
            cycle(lab, 0, AT_ONCE * 2);
            HostCount before = HostCount.settled(lab);
            long descriptors = descriptors();
            long threads = threads();

            cycle(lab, AT_ONCE * 2, pods);

            before.awaitAgain(lab);
            assertEquals(List.of(), lab.runtime().list());
            RuntimeLab.await(() -> descriptors() <= descriptors + SPARE);
            RuntimeLab.await(() -> threads() <= threads + SPARE);
        }
    }

    private static void cycle(RuntimeLab lab, int first, int count) throws Exception {
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Callable<String>> lives = IntStream.range(first, first + count)
                    .<Callable<String>>mapToObj(number -> () -> live(lab, new PodUid("pod-" + number)))
                    .toList();
            for (Future<String> end : workers.invokeAll(lives)) {
                assertEquals("gone", end.get());
            }
        }
    }

    private static String live(RuntimeLab lab, PodUid pod) throws Exception {
        ContainerName web = new ContainerName(pod, "web");
        lab.sandbox(Requests.sandbox(pod));
        lab.started(RuntimeLab.shell(web, 0, "exit 5"));
        assertEquals(
                5,
                assertInstanceOf(
                                ContainerState.Exited.class,
                                lab.awaitEnd(web, 0).state())
                        .exitCode());
        lab.runtime().removePod(pod);
        assertTrue(lab.runtime().find(pod).isEmpty());
        return "gone";
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
