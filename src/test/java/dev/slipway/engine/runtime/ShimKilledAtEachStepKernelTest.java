package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.runtime.SandboxRequest.Sharing;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.StruckShims;
import dev.slipway.engine.shim.StruckShims.From;
import dev.slipway.engine.volume.Ownership;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A shim is killed before each of its calls, and before each of those that its child makes until it executes the
/// program. What is said of the end is said by this engine and the next one alike, and is either how the container
/// ended or that nobody knows; what is asked for again is done; nothing is left, and no volume has lost a byte.
class ShimKilledAtEachStepKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final int TERM = 15;
    private static final int NOT_STARTED = -1;
    private static final int KILLED = 137;
    private static final String LAST_WORDS = "echo begun; exit 7";

    /// 1 for every single call; otherwise each story's own, as neighbours are much alike.
    private static final int STRIDE = Integer.getInteger("slipway.faults.stride", 0);

    private RuntimeLab lab;
    private StruckShims shims;
    private Path data;

    /// Something that has shims started, of which the first one will be killed.
    private interface Story {
        /// @return before which call it was; empty when it had ended before
        Optional<String> unfold(int call) throws Exception;
    }

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        shims = StruckShims.of(lab.root().getParent());
        lab.restart();
        data = lab.volumes().ensure(new VolumeName("data"), Ownership.ROOT);
        Files.writeString(data.resolve("file"), "kept");
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void one_that_starts_a_container_and_sees_it_end() throws Exception {
        atEachCall(29, call -> {
            lab.sandbox(sandbox(Sharing.OF_POD));
            shims.strike(From.BEGUN, call);
            assertOneEnd(lab.runtime().start(container(0, LAST_WORDS)));
            return shims.struck();
        });
    }

    @Test
    void one_that_sees_a_container_end_while_no_engine_runs() throws Exception {
        Path go = data.resolve("go");
        atEachCall(5, call -> {
            lab.sandbox(sandbox(Sharing.OF_POD));
            shims.strike(From.EXECUTED, call);
            StartOutcome outcome =
                    lab.runtime().start(container(0, "until [ -e /data/go ]; do sleep 0.01; done; " + LAST_WORDS));
            List<Optional<String>> struck = new ArrayList<>();
            lab.whileDown(() -> {
                Files.createFile(go);
                struck.add(shims.struck());
            });
            Files.delete(go);
            assertOneEnd(outcome);
            return struck.getFirst();
        });
    }

    /// It has nothing to do until its container goes on.
    @Test
    void one_whose_container_is_paused() throws Exception {
        HostCount before = HostCount.settled(lab);
        lab.sandbox(sandbox(Sharing.OF_POD));
        lab.started(container(0, "trap 'exit 0' TERM; echo idle; sleep 100000 & wait"));
        lab.awaitLog(WEB, 0, "idle");
        lab.runtime().pause(WEB);

        shimOf(0).destroyForcibly();

        assertInstanceOf(ContainerState.Lost.class, lab.awaitEnd(WEB, 0).state());
        assertGoesOnAfter(before);
    }

    @Test
    void one_whose_container_has_time_to_stop() throws Exception {
        HostCount before = HostCount.settled(lab);
        lab.sandbox(sandbox(Sharing.OF_POD));
        lab.started(container(0, "trap 'echo asked' TERM; echo idle; while true; do sleep 0.01; done"));
        lab.awaitLog(WEB, 0, "idle");
        lab.runtime().stop(WEB, TERM, LONG);
        lab.awaitLog(WEB, 0, "asked");

        shimOf(0).destroyForcibly();

        assertInstanceOf(ContainerState.Lost.class, lab.awaitEnd(WEB, 0).state());
        assertGoesOnAfter(before);
    }

    /// The parent of the container's first process.
    private ProcessHandle shimOf(int attempt) {
        int pid = lab.attempt(WEB, attempt).state().process().orElseThrow();
        return ProcessHandle.of(pid).flatMap(ProcessHandle::parent).orElseThrow();
    }

    private void assertGoesOnAfter(HostCount before) throws Exception {
        assertEquals(lab.runtime().list(), lab.restart());
        lab.started(container(1, "cat /data/file; exit 7"));
        assertEquals(7, exited(1).exitCode());
        assertEquals("kept\n", lab.log(WEB, 1));
        lab.runtime().retain(Set.of());
        before.awaitAgain(lab);
    }

    @Test
    void one_that_keeps_the_processes_of_a_pod() throws Exception {
        SandboxRequest shared = sandbox(new Sharing(false, true, SandboxRequest.Ipc.POD, false));
        atEachCall(37, call -> {
            shims.strike(From.BEGUN, call);
            SandboxOutcome outcome = lab.runtime().ensureSandbox(shared);
            boolean lives = outcome instanceof SandboxOutcome.Ready;
            if (lives) {
                // It has nothing to do until its end.
                lab.runtime().removePod(POD);
            }
            Optional<String> struck = shims.struck();
            assertTrue(lives || struck.isPresent(), outcome::toString);
            lab.sandbox(shared);
            return struck;
        });
    }

    @Test
    void one_of_a_further_process_in_a_container() throws Exception {
        int interfaces = HostCount.settled(lab).interfaces();
        lab.sandbox(sandbox(Sharing.OF_POD));
        Attempt attempt = lab.started(RuntimeLab.idle(WEB, 0));
        lab.awaitLog(WEB, 0, "idle");
        // In place of the ready network that the pod has got, another one is made.
        lab.chores().await();
        assertEquals(interfaces + 1, HostCount.of(lab).interfaces());
        HostCount before = HostCount.of(lab);
        Optional<String> struck = Optional.of("");
        for (int call = 1; struck.isPresent(); call += stride(13)) {
            shims.strike(From.BEGUN, call);
            Session session = session();
            struck = shims.struck();
            String words = "call %d, %s: %s".formatted(call, struck, session);
            assertTrue(Set.of(NOT_STARTED, 3, KILLED).contains(session.code()), words);
            assertTrue(session.said().equals("said\n") || session.code() != 3, words);
            before.awaitAgain(lab);
            // The kernel forgets what was killed when its parent does.
            RuntimeLab.await(() -> processes() <= 2);
            assertEquals(new Session(3, "said\n"), session());
            assertEquals(attempt, lab.attempt(WEB, 0), words);
        }
        lab.runtime().stop(WEB, TERM, LONG);
        assertEquals(0, exited(0).exitCode());
    }

    private void atEachCall(int usualStride, Story story) throws Exception {
        HostCount before = HostCount.settled(lab);
        Optional<String> struck = Optional.of("");
        for (int call = 1; struck.isPresent(); call += stride(usualStride)) {
            try {
                struck = story.unfold(call);
                assertEquals(lab.runtime().list(), lab.restart());
                lab.started(container(1, "cat /data/file; exit 7"));
                assertEquals(7, exited(1).exitCode());
                assertEquals("kept\n", lab.log(WEB, 1));
                lab.runtime().retain(Set.of());
                before.awaitAgain(lab);
                assertEquals("kept", Files.readString(data.resolve("file")));
            } catch (Exception | AssertionError e) {
                throw new AssertionError("call %d, %s".formatted(call, struck), e);
            }
        }
    }

    private static int stride(int usual) {
        return STRIDE == 0 ? usual : STRIDE;
    }

    /// It has not started and nothing is known of it, or it has ended as it wanted and all that it wrote is there,
    /// or nobody knows how it ended.
    private void assertOneEnd(StartOutcome outcome) throws IOException {
        if (!(outcome instanceof StartOutcome.Started)) {
            assertInstanceOf(StartOutcome.Failed.class, outcome, outcome::toString);
            assertEquals(List.of(), lab.runtime().find(POD).orElseThrow().attempts());
            return;
        }
        ContainerState end = lab.awaitEnd(WEB, 0).state();
        String log = Files.exists(lab.runtime().log(WEB, 0)) ? lab.log(WEB, 0) : "";
        switch (end) {
            case ContainerState.Exited exited -> {
                assertEquals(7, exited.exitCode());
                assertEquals("begun\n", log);
            }
            case ContainerState.Lost lost -> assertTrue(log.isEmpty() || log.equals("begun\n"), log);
            default -> throw new AssertionError(end.toString());
        }
    }

    /// @param code of its end, or [#NOT_STARTED]
    private record Session(int code, String said) {}

    private Session session() throws Exception {
        Command command = new Command(List.of("/bin/sh", "-c", "echo said; exit 3"), false, false);
        if (lab.runtime().exec(WEB, command) instanceof ExecResult.Running(var execution)) {
            try (execution) {
                String said = new String(execution.stdout().readAllBytes(), StandardCharsets.UTF_8);
                return new Session(execution.await(LONG).orElseThrow(), said);
            }
        }
        return new Session(NOT_STARTED, "");
    }

    /// Of the container, which has a shell that may have another process.
    private int processes() {
        Path cgroup = lab.cgroups().find(CgroupName.of(POD, "web.0")).unified().orElseThrow();
        try {
            return Files.readAllLines(cgroup.resolve("cgroup.procs")).size();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private ContainerState.Exited exited(int attempt) {
        return assertInstanceOf(
                ContainerState.Exited.class, lab.awaitEnd(WEB, attempt).state());
    }

    private static ContainerRequest container(int attempt, String script) {
        return Requests.withMounts(
                RuntimeLab.shell(WEB, attempt, script),
                new ContainerRequest.VolumeMount("data", "/data", "", false, "None"));
    }

    private static SandboxRequest sandbox(Sharing sharing) {
        SandboxRequest plain = Requests.sandbox(POD, Map.of("data", new PodVolume.Managed("data")));
        return new SandboxRequest(
                POD, plain.namespace(), plain.name(), plain.hostname(), plain.network(), sharing, plain.volumes());
    }
}
