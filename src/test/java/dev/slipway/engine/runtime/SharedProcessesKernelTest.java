package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.SandboxRequest.Ipc;
import dev.slipway.engine.runtime.SandboxRequest.Sharing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Containers of a pod that see each other's processes.
@Timeout(60)
class SharedProcessesKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final ContainerName SIDE = new ContainerName(POD, "side");
    private static final Sharing SHARED = new Sharing(false, true, Ipc.POD, false);

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
    void a_container_finds_and_ends_the_process_of_another_one() throws Exception {
        lab.sandbox(request(SHARED));
        lab.started(idle());
        lab.awaitLog(WEB, 0, "pid");

        String output = lab.output(RuntimeLab.shell(
                SIDE, 0, "cat /proc/1/comm; test $$ -ne 1 && kill -TERM " + pidOf(WEB) + " && echo signalled"));

        assertEquals("pause\nsignalled\n", output);
        assertInstanceOf(ContainerState.Exited.class, lab.awaitEnd(WEB, 0).state());
    }

    /// Kernels from 6.14 on kill who is born in a cgroup that was killed before.
    @Test
    void a_pod_whose_first_process_was_killed_with_its_cgroup_has_another_one() throws Exception {
        lab.sandbox(request(SHARED));
        Path cgroup = lab.cgroups().find(CgroupName.of(POD, "pause")).unified().orElseThrow();
        Files.writeString(cgroup.resolve("cgroup.kill"), "1");
        RuntimeLab.await(
                () -> lab.runtime().find(POD).flatMap(PodState::sandbox).isEmpty());

        lab.sandbox(request(SHARED));

        assertEquals("pause\n", lab.output(RuntimeLab.shell(WEB, 0, "cat /proc/1/comm")));
    }

    @Test
    void it_is_the_same_with_users_of_its_own() throws Exception {
        lab.sandbox(request(new Sharing(false, true, Ipc.CONTAINER, true)));
        lab.started(idle());
        lab.awaitLog(WEB, 0, "pid");

        assertEquals(
                "signalled\n",
                lab.output(RuntimeLab.shell(SIDE, 0, "kill -TERM " + pidOf(WEB) + " && echo signalled")));
        assertInstanceOf(ContainerState.Exited.class, lab.awaitEnd(WEB, 0).state());
    }

    @Test
    void what_a_program_forgets_is_reaped() throws Exception {
        lab.sandbox(request(SHARED));

        String output = lab.output(RuntimeLab.shell(
                WEB,
                0,
                "for i in 1 2 3 4 5; do sh -c 'sleep 0.01 & exit 0'; done;"
                        + " until test $(ls -d /proc/[0-9]* 2>/dev/null | grep -c .) -le 6"
                        + " && ! grep -q -E '^State:.Z' /proc/[0-9]*/status 2>/dev/null; do sleep 0.02; done;"
                        + " echo clean"));

        assertEquals("clean\n", output);
    }

    @Test
    void the_end_of_one_container_ends_no_other_and_leaves_nothing_of_its_own() throws Exception {
        lab.sandbox(request(SHARED));
        lab.started(idle());
        lab.awaitLog(WEB, 0, "pid");

        String left =
                lab.output(RuntimeLab.shell(SIDE, 0, "sleep 1234 & echo $!")).strip();

        assertEquals(
                "gone\n",
                lab.output(
                        RuntimeLab.shell(SIDE, 1, "while test -e /proc/" + left + "; do sleep 0.02; done; echo gone")));
        assertInstanceOf(ContainerState.Running.class, lab.attempt(WEB, 0).state());
    }

    @Test
    void the_namespace_is_found_again_by_the_next_engine() throws Exception {
        lab.sandbox(request(SHARED));
        lab.started(idle());
        lab.awaitLog(WEB, 0, "pid");
        int pid = pidOf(WEB);

        lab.restart();

        assertEquals(
                "pause\n0\n", lab.output(RuntimeLab.shell(SIDE, 0, "cat /proc/1/comm; kill -0 " + pid + "; echo $?")));
    }

    @Test
    void its_first_process_is_worth_nothing_to_whoever_takes_it_over() throws Exception {
        lab.sandbox(request(SHARED));
        Security tracer = new Security(
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                false,
                true,
                false,
                List.of("SYS_PTRACE"),
                List.of(),
                Security.Seccomp.RUNTIME_DEFAULT,
                false,
                false);

        String output = lab.output(Requests.withSecurity(
                RuntimeLab.shell(
                        WEB,
                        0,
                        "grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/1/status; ls /proc/1/fd;"
                                + " ls /proc/1/root; kill -KILL 1; sleep 0.1; cat /proc/1/comm"),
                tracer));

        assertEquals(
                "Uid:\t65534\t65534\t65534\t65534\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
                        + "NoNewPrivs:\t1\nSeccomp:\t2\ndev\netc\nproc\nsys\npause\n",
                output);
    }

    @Test
    void nothing_is_left_when_the_pod_is_removed() throws Exception {
        lab.sandbox(request(SHARED));
        lab.started(idle());

        lab.runtime().removePod(POD);

        assertFalse(Files.exists(lab.files().pod(POD)));
        assertTrue(lab.mounts().stream().noneMatch(mount -> mount.endsWith("pid")));
        try (var runs = Files.list(lab.run().resolve("containers"))) {
            assertEquals(List.of(), runs.toList());
        }
    }

    @Test
    void a_first_process_that_was_killed_is_replaced() throws Exception {
        lab.sandbox(request(SHARED));
        int first = firstProcess();
        assertTrue(ProcessHandle.of(first).orElseThrow().destroyForcibly());

        RuntimeLab.await(
                () -> lab.runtime().find(POD).flatMap(PodState::sandbox).isEmpty());
        lab.sandbox(request(SHARED));

        assertEquals("pause\n", lab.output(RuntimeLab.shell(WEB, 0, "cat /proc/1/comm")));
    }

    private int firstProcess() throws IOException {
        for (Path cgroup : List.of(Path.of("/sys/fs/cgroup/unified"), Path.of("/sys/fs/cgroup"))) {
            Path procs = cgroup.resolve(lab.cgroupParent()).resolve("pod/pause/cgroup.procs");
            if (Files.exists(procs)) {
                return Integer.parseInt(Files.readString(procs).strip());
            }
        }
        throw new IllegalStateException("it has no cgroup");
    }

    private static ContainerRequest idle() {
        return RuntimeLab.shell(WEB, 0, "trap 'exit 0' TERM; echo pid $$; while true; do sleep 0.05; done");
    }

    private int pidOf(ContainerName container) throws IOException {
        return Integer.parseInt(lab.log(container, 0).strip().substring("pid ".length()));
    }

    private static SandboxRequest request(Sharing sharing) {
        SandboxRequest plain = Requests.sandbox(POD);
        return new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                sharing,
                plain.volumes());
    }
}
