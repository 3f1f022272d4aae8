package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// A whole engine that may have little memory, as a service manager limits it: it sizes itself by the limit, which is
/// nothing to its containers, and theirs are nothing to it. When it is killed for memory all the same, the next one
/// goes on from where it was.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EngineMemoryIT {
    private static final Path CLASSIC = Path.of("/sys/fs/cgroup/memory");
    private static final boolean IS_CLASSIC = Files.exists(CLASSIC.resolve("memory.usage_in_bytes"));
    private static final long LIMIT_BYTES = 192 << 20;
    private static final long MARGIN_BYTES = 1 << 20;
    private static final int BALLAST_BYTES = 700_000;
    private static final String STAY = "exec /bin/busybox sleep 3600";
    /// Holds as much as it reads.
    private static final String EAT = "/bin/busybox dd if=/dev/zero of=/dev/null bs=%d count=1 2>/dev/null; ";

    private Path cgroup = CLASSIC;
    private EngineProcess engine;

    @BeforeAll
    void start() throws IOException {
        Path parent = IS_CLASSIC ? CLASSIC : Path.of("/sys/fs/cgroup");
        cgroup = Files.createDirectory(
                parent.resolve("slwmemory" + ProcessHandle.current().pid()));
        limit(LIMIT_BYTES);
        engine = SharedEngine.withToolbox(EngineProcess.startInCgroup(cgroup));
    }

    @AfterAll
    void stop() throws IOException {
        try {
            limit(LIMIT_BYTES);
            engine.close();
        } finally {
            // What it started ends with it, a moment later.
            engine.await("the cgroup to be empty", () -> cgroup.toFile().delete());
        }
    }

    @Test
    void it_sizes_its_heap_by_its_limit() {
        String most = engine.shell(
                        Path.of("/"),
                        System.getProperty("java.home")
                                + "/bin/jcmd %d VM.flags | grep -o ' -XX:MaxHeapSize=[0-9]*'".formatted(engine.pid()))
                .orFail()
                .out();

        assertEquals(LIMIT_BYTES * 0.4, Long.parseLong(most.strip().replaceAll(".*=", "")), 4 * MARGIN_BYTES);
    }

    @Test
    void containers_that_want_too_much_die_by_their_own_limits_alone() throws IOException {
        long killed = killed();
        long pid = engine.pid();
        List<Sample> hogs = List.of(hog("hog-1"), hog("hog-2"), hog("hog-3"));

        for (Sample hog : hogs) {
            engine.awaitField(hog.object(), ".status.phase", "Failed");
            assertEquals(
                    "OOMKilled 137",
                    engine.field(hog.object(), ".status.containerStatuses[0].state.terminated.reason") + " "
                            + engine.field(hog.object(), ".status.containerStatuses[0].state.terminated.exitCode"));
            hog.delete(engine);
        }

        assertEquals(killed, killed(), "of the engine's cgroup");
        assertTrue(ProcessHandle.of(pid).isPresent());
        Sample.container("after", STAY).in(engine).running(engine).delete(engine);
    }

    private Sample hog(String name) {
        Sample hog = Sample.pod(name, "exec /bin/busybox tail -c 300000000 /dev/zero");
        engine.apply(hog.with("restartPolicy: Never")
                .yaml()
                .replace(
                        "    imagePullPolicy: Never",
                        "    imagePullPolicy: Never\n    resources: {limits: {memory: 24Mi}}"));
        return hog;
    }

    @Test
    void what_the_engine_may_have_is_no_limit_of_its_containers() throws IOException {
        long killed = killed();

        Sample free = Sample.container("free", EAT.formatted(2 * LIMIT_BYTES) + "echo eaten $?; " + STAY)
                .in(engine);

        free.wrote(engine, "eaten");
        assertEquals("eaten 0\n", free.logs(engine));
        assertEquals(killed, killed());
        free.delete(engine);
    }

    @Test
    void an_engine_that_was_killed_for_memory_goes_on_when_it_is_started_again() throws Exception {
        Sample steady =
                Sample.container("steady", "echo here; " + STAY).in(engine).running(engine);
        Sample ending = Sample.container("ending", STAY).in(engine).running(engine);
        long first = steady.pid(engine);
        long second = ending.pid(engine);
        long killed = killed();
        Set<String> written = new TreeSet<>();

        limit(used() + MARGIN_BYTES);
        String ballast = "x".repeat(BALLAST_BYTES);
        engine.await("its end", () -> {
            String name = "ballast-" + written.size();
            if (write(name, ballast)) {
                written.add("configmap/" + name);
            }
            return ProcessHandle.of(engine.pid()).isEmpty();
        });
        assertTrue(killed() > killed, "it ended for another reason");
        assertTrue(ProcessHandle.of(first).isPresent(), "a container ended with it");
        ProcessHandle.of(second).orElseThrow().destroyForcibly();
        limit(LIMIT_BYTES);
        engine.restart();

        engine.awaitField(ending.object(), ".status.restartCount", "1");
        ending.running(engine);
        steady.running(engine);
        assertEquals(first, steady.pid(engine));
        assertEquals("0", engine.field(steady.object(), ".status.restartCount"));
        assertEquals("here\n", steady.logs(engine));
        for (String each : written) {
            assertEquals(ballast, engine.field(each, ".data.ballast"), "it was acknowledged");
        }
        Sample.container("late", STAY).in(engine).running(engine).delete(engine);
        engine.kubectl("delete", "configmap", "-l", "made=heavy").orFail();
        steady.delete(engine);
        ending.delete(engine);
    }

    /// @return whether the engine said that it has it
    private boolean write(String name, String ballast) {
        String object =
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s, labels: {made: heavy}}, data: {ballast: %s}}"
                        .formatted(name, ballast);
        return engine.kubectlWith("---\n" + object, "create", "-f", "-").code() == 0;
    }

    private void limit(long bytes) throws IOException {
        Path memory = cgroup.resolve(IS_CLASSIC ? "memory.limit_in_bytes" : "memory.max");
        Path swap = cgroup.resolve(IS_CLASSIC ? "memory.memsw.limit_in_bytes" : "memory.swap.max");
        if (IS_CLASSIC && Files.exists(swap)) {
            // Together they are never less than memory alone.
            Files.writeString(swap, "-1");
        }
        Files.writeString(memory, Long.toString(bytes));
        if (Files.exists(swap)) {
            Files.writeString(swap, IS_CLASSIC ? Long.toString(bytes) : "0");
        }
    }

    private long used() throws IOException {
        Path usage = cgroup.resolve(IS_CLASSIC ? "memory.usage_in_bytes" : "memory.current");
        return Long.parseLong(Files.readString(usage).strip());
    }

    /// How many processes of the engine's cgroup were killed for memory.
    private long killed() throws IOException {
        return Files.readAllLines(cgroup.resolve(IS_CLASSIC ? "memory.oom_control" : "memory.events")).stream()
                .filter(line -> line.startsWith("oom_kill "))
                .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
                .findFirst()
                .orElseThrow();
    }
}
