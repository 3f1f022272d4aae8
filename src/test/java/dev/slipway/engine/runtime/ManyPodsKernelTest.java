package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Many pods at once, each by a worker of its own.
class ManyPodsKernelTest {
    private static final int PODS = 12;
    private static final int TERM = 15;

    private RuntimeLab lab;

    @BeforeEach
    void open() throws IOException {
        lab = RuntimeLab.open();
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void pods_that_live_side_by_side_leave_nothing() throws Exception {
        int before = lab.mounts().size();

        together(pod -> {
            ContainerName web = new ContainerName(pod, "web");
            ContainerName side = new ContainerName(pod, "side");
            lab.sandbox(Requests.sandbox(pod));
            lab.started(RuntimeLab.idle(web, 0));
            lab.started(RuntimeLab.shell(side, 0, "exit 5"));
            lab.runtime().pause(web);
            assertEquals(5, exited(lab.awaitEnd(side, 0)).exitCode());
            lab.runtime().remove(side, 0);
            lab.runtime().resume(web);
            lab.awaitLog(web, 0, "idle");
            lab.runtime().stop(web, TERM, Duration.ofSeconds(60));
            assertEquals(0, exited(lab.awaitEnd(web, 0)).exitCode());
            lab.started(RuntimeLab.idle(web, 1));
            lab.runtime().removePod(pod);
            return pod;
        });

        assertEquals(List.of(), lab.runtime().list());
        assertEquals(Set.of(), lab.cgroups().pods());
        assertEquals(Set.of(), lab.snapshots().writables());
        assertEquals(before, lab.mounts().size(), () -> "mounts are left");
        assertEquals(List.of(), entries(lab.run().resolve("containers")));
        assertEquals(List.of(), entries(lab.files().pods()));
    }

    @Test
    void all_of_them_are_found_after_the_engine_was_killed() throws Exception {
        together(pod -> {
            lab.sandbox(Requests.sandbox(pod));
            return lab.started(RuntimeLab.idle(new ContainerName(pod, "web"), 0));
        });
        List<PodState> running = sorted(lab.runtime().list());

        List<PodState> found = sorted(lab.restart());

        assertEquals(running, found);
        assertEquals(PODS, lab.runtime().counts().running());
        lab.runtime().retain(Set.of(pod(0)));
        assertEquals(1, lab.runtime().counts().running());
    }

    @FunctionalInterface
    private interface Life {
        Object of(PodUid pod) throws Exception;
    }

    private static void together(Life life) throws Exception {
        try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Object>> lives = IntStream.range(0, PODS)
                    .<Callable<Object>>mapToObj(number -> () -> life.of(pod(number)))
                    .toList();
            List<Future<Object>> ends = new ArrayList<>(workers.invokeAll(lives));
            for (Future<Object> end : ends) {
                end.get();
            }
        }
    }

    private static PodUid pod(int number) {
        return new PodUid("pod-" + number);
    }

    private static List<PodState> sorted(List<PodState> states) {
        return states.stream()
                .sorted((one, other) -> one.uid().compareTo(other.uid()))
                .toList();
    }

    private static ContainerState.Exited exited(Attempt attempt) {
        return assertInstanceOf(ContainerState.Exited.class, attempt.state());
    }

    private static List<Path> entries(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        }
    }
}
