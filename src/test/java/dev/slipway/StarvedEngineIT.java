package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.EngineProcess.Ran;
import dev.slipway.engine.linux.Mounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// A whole engine whose host has no more of something: space, inodes, processes, descriptors. What runs goes on, the
/// API answers, who is held up is told why, and all is right again when there is some. An engine of its own, with
/// everything that it keeps on a small disk of its own.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StarvedEngineIT {
    private static final String STAY = "exec /bin/busybox sleep 3600";
    private static final Path PROCESS_CGROUPS = Path.of("/sys/fs/cgroup/pids");
    private static final long NEXT_TO_NOTHING = 64 << 10;
    private static final RecoveryTimes TIMES = new RecoveryTimes();

    private Path disk;
    private EngineProcess engine;
    private Sample steady;
    private long pid;
    private Leftovers before;

    @BeforeAll
    void start() throws IOException {
        disk = Files.createTempDirectory(Path.of("/tmp"), "slwd");
        Mounts.tmpfs(disk, "size=96m,nr_inodes=6000");
        engine = SharedEngine.fresh(disk);
        steady = Sample.container("steady", "echo here; " + STAY).in(engine).running(engine);
        pid = steady.pid(engine);
        before = Leftovers.settled(engine);
    }

    @AfterAll
    void stop() throws IOException {
        TIMES.print();
        try {
            engine.close();
        } finally {
            Mounts.detach(disk);
            Files.delete(disk);
        }
    }

    /// It goes on filling, as others may just have had something there that they needed for a moment.
    @Test
    void a_container_that_fills_the_disk_is_deleted_and_all_is_well() {
        Sample filler = Sample.container(
                        "filler",
                        "while true; do /bin/busybox dd if=/dev/zero bs=64k >> /fill; /bin/busybox usleep 20000; done 2> /dev/null")
                .in(engine);
        engine.await("the disk to be full", () -> disk.toFile().getUsableSpace() < NEXT_TO_NOTHING);

        Sample late = heldUp("no space left on device");
        filler.delete(engine);

        allIsWell("disk full", late);
    }

    @Test
    void a_container_that_makes_files_until_there_are_no_more_is_deleted_and_all_is_well() {
        Sample filler = Sample.container(
                        "filler",
                        "i=0; /bin/busybox mkdir /many; while true; do if echo > /many/$i; then i=$((i+1));"
                                + " else /bin/busybox usleep 20000; fi; done 2> /dev/null")
                .in(engine);
        engine.await("no inode to be left", () -> !canMakeFile());

        Sample late = heldUp("no space left on device");
        filler.delete(engine);

        allIsWell("no more inodes", late);
    }

    @Test
    void an_engine_that_may_have_no_more_processes_goes_on_when_it_may() throws IOException {
        Path parent = Files.isDirectory(PROCESS_CGROUPS) ? PROCESS_CGROUPS : Path.of("/sys/fs/cgroup");
        Path cgroup = Files.createDirectory(parent.resolve("slwstarved" + engine.pid()));
        try {
            join(cgroup);
            Files.writeString(cgroup.resolve("pids.max"), Files.readString(cgroup.resolve("pids.current")));
            Sample late = heldUp("resource temporarily unavailable");
            Files.writeString(cgroup.resolve("pids.max"), "max");
            allIsWell("no more processes", late);
        } finally {
            join(parent);
            engine.await("the cgroup to be empty", () -> cgroup.toFile().delete());
        }
    }

    @Test
    void an_engine_that_may_open_nothing_more_goes_on_when_it_may() throws IOException {
        Sample restarted = Sample.container("restarted", STAY).in(engine).running(engine);
        long first = restarted.pid(engine);
        long usual = softLimit();
        try {
            limitDescriptors(descriptors());
            ProcessHandle.of(first).orElseThrow().destroyForcibly();
            engine.await("its end", () -> ProcessHandle.of(first).isEmpty());
            assertTrue(Files.exists(Path.of("/proc/" + pid)), "what ran has ended");
        } finally {
            limitDescriptors(usual);
        }

        long gone = System.nanoTime();
        engine.await(
                "it to run again",
                () -> engine.field(restarted.object(), ".status.phase").equals("Running")
                        && restarted.pid(engine) != first);
        TIMES.since(gone, "no more descriptors, one that has ended", "running");
        restarted.delete(engine);
        allIsWell(
                "no more descriptors, one that comes after",
                Sample.container("late", STAY).in(engine));
    }

    /// A container that cannot be started and says why, while objects are written and read as ever.
    private Sample heldUp(String why) {
        Sample late = Sample.container("late", STAY).in(engine);
        engine.await("a reason", () -> reasons().contains(why));
        engine.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: words}, data: {greeting: hello}}");
        engine.kubectl("annotate", "container/steady", "now=" + why.replace(' ', '-'), "--overwrite")
                .orFail();
        assertEquals("hello", engine.field("configmap/words", ".data.greeting"));
        engine.kubectl("delete", "configmap/words").orFail();
        assertEquals("here\n", steady.logs(engine));
        return late;
    }

    private String reasons() {
        return (engine.field("container/late", ".status.conditions[*].message")
                        + engine.kubectl("get", "events", "-o", "jsonpath={.items[*].message}")
                                .out())
                .toLowerCase(Locale.ROOT);
    }

    private void allIsWell(String fault, Sample late) {
        long gone = System.nanoTime();
        late.running(engine);
        TIMES.since(gone, fault, "running");
        late.delete(engine);
        engine.kubectl("delete", "events", "--all").orFail();
        assertEquals(pid, steady.pid(engine));
        assertEquals("0", engine.field(steady.object(), ".status.restartCount"));
        // What was not made ready meanwhile is when the next container has been.
        engine.await("nothing to be left", () -> Leftovers.count(engine).isAtMost(before));
    }

    private boolean canMakeFile() {
        try {
            Files.delete(Files.createTempFile(disk, "try", ""));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void join(Path cgroup) throws IOException {
        Files.writeString(cgroup.resolve("cgroup.procs"), Long.toString(engine.pid()));
    }

    private long descriptors() {
        try (Stream<Path> all = Files.list(Path.of("/proc/%d/fd".formatted(engine.pid())))) {
            return all.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long softLimit() throws IOException {
        return Files.readAllLines(Path.of("/proc/%d/limits".formatted(engine.pid()))).stream()
                .filter(line -> line.startsWith("Max open files"))
                .map(line -> line.split("\\s{2,}")[1])
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElseThrow();
    }

    private void limitDescriptors(long soft) {
        Ran.run(new ProcessBuilder("prlimit", "--pid", Long.toString(engine.pid()), "--nofile=" + soft + ":"), "")
                .orFail();
    }
}
