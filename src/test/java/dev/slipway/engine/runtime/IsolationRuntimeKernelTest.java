package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.runtime.ContainerRequest.Access;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.Execution;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What a pod may set and see of the kernel, and what stays out of its reach.
@Timeout(60)
class IsolationRuntimeKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");

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
    void kernel_parameters_are_the_pods_and_not_the_hosts() throws Exception {
        String shmmni = Files.readString(Path.of("/proc/sys/kernel/shmmni"));
        lab.sandbox(with(
                SandboxRequest.Sharing.OF_POD,
                Map.of("net.core.somaxconn", "77", "kernel.shmmni", "123", "fs.mqueue.msg_max", "11")));

        String output = lab.output(RuntimeLab.shell(
                WEB,
                0,
                "cd /proc/sys; cat net/core/somaxconn kernel/shmmni fs/mqueue/msg_max; echo 5 > kernel/shmmni"));

        assertTrue(output.startsWith("77\n123\n11\n"), output);
        assertTrue(output.contains("Read-only file system"), output);
        assertEquals(shmmni, Files.readString(Path.of("/proc/sys/kernel/shmmni")));
    }

    @Test
    void a_pod_with_users_and_memory_of_its_own_has_its_parameters_too() throws Exception {
        lab.sandbox(with(
                new SandboxRequest.Sharing(false, SandboxRequest.Ipc.CONTAINER, true),
                Map.of("net.core.somaxconn", "78", "kernel.shmmni", "124", "kernel.sem", "250 32000 32 129")));

        assertEquals(
                "78\n124\n250\t32000\t32\t129\n",
                lab.output(RuntimeLab.shell(WEB, 0, "cd /proc/sys; cat net/core/somaxconn kernel/shmmni kernel/sem")));
    }

    @Test
    void the_engine_restarts_and_a_container_after_it_has_the_parameters() throws Exception {
        lab.sandbox(with(SandboxRequest.Sharing.OF_POD, Map.of("net.core.somaxconn", "79")));
        lab.restart();

        assertEquals("79\n", lab.output(RuntimeLab.shell(WEB, 0, "cat /proc/sys/net/core/somaxconn")));
    }

    @Test
    void a_parameter_that_the_kernel_does_not_have_is_named() throws Exception {
        lab.sandbox(with(SandboxRequest.Sharing.OF_POD, Map.of("net.core.nonsense", "1")));

        StartOutcome outcome = lab.runtime().start(RuntimeLab.idle(WEB, 0));

        String words = outcome.toString();
        assertTrue(words.contains("open sysctl net.core.nonsense") && words.contains("no such file"), words);
    }

    @Test
    void only_an_unmasked_proc_shows_what_is_hidden() throws Exception {
        lab.sandbox(with(new SandboxRequest.Sharing(false, SandboxRequest.Ipc.CONTAINER, true), Map.of()));
        String script = "grep -c -E ' /proc/' /proc/self/mounts; test -s /proc/interrupts && echo seen; exit 0";

        String masked = lab.output(RuntimeLab.shell(WEB, 0, script));
        String unmasked = lab.output(Requests.withSecurity(RuntimeLab.shell(WEB, 1, script), unmasked()));

        assertTrue(!masked.startsWith("0\n") && !masked.contains("seen"), masked);
        assertTrue(unmasked.startsWith("0\n"), unmasked);
    }

    @Test
    void an_unmasked_proc_gives_no_power_over_the_host() throws Exception {
        lab.sandbox(with(new SandboxRequest.Sharing(false, SandboxRequest.Ipc.CONTAINER, true), Map.of()));

        String panic = Files.readString(Path.of("/proc/sys/kernel/panic"));

        String output = lab.output(Requests.withSecurity(
                RuntimeLab.shell(WEB, 0, "echo 77 > /proc/sys/kernel/panic; echo 1 > /proc/sys/vm/drop_caches"),
                unmasked()));

        assertEquals(
                2,
                output.lines()
                        .filter(line -> line.contains("Permission denied"))
                        .count(),
                output);
        assertEquals(panic, Files.readString(Path.of("/proc/sys/kernel/panic")));
    }

    @Test
    void read_only_reaches_the_mounts_below_when_it_shall() throws Exception {
        Path source = Files.createDirectories(lab.root().resolve("source/below"));
        Mounts.tmpfs(source, "mode=0777");
        lab.sandbox(Requests.sandbox(
                POD,
                Map.of(
                        "data",
                        new SandboxRequest.PodVolume.HostPath(source.getParent().toString(), ""))));

        String output = lab.output(Requests.withMounts(
                RuntimeLab.shell(
                        WEB,
                        0,
                        "for d in flat deep; do for f in $d/x $d/below/x; do touch /$f 2>/dev/null && echo $f; done;"
                                + " done; mount -o remount,bind,rw /deep/below 2>/dev/null || echo held"),
                mount("/flat", Access.READ_ONLY),
                mount("/deep", Access.RECURSIVE_READ_ONLY)));

        assertTrue(output.startsWith("flat/below/x\n") && output.endsWith("held\n"), output);
        assertTrue(!output.contains("deep/x") && !output.contains("deep/below/x\n"), output);
    }

    @Test
    void a_profile_that_the_host_has_decides_about_system_calls() throws Exception {
        profile(
                "strict/no-mkdir.json",
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mkdir\", \"mkdirat\"],"
                        + " \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 28}]}");
        lab.sandbox(Requests.sandbox(POD));

        for (boolean mayGainPrivileges : List.of(true, false)) {
            lab.started(Requests.withSecurity(
                    RuntimeLab.shell(
                            WEB,
                            0,
                            "mkdir /x; grep Seccomp: /proc/self/status; echo ready; while true; do sleep 0.1; done"),
                    seccomp("strict/no-mkdir.json", mayGainPrivileges)));
            lab.awaitLog(WEB, 0, "ready");

            String output = lab.log(WEB, 0);
            assertTrue(output.contains("No space left on device") && output.contains("Seccomp:\t2"), output);
            assertEquals(OptionalInt.of(1), executed("mkdir", "/y"));
            assertEquals(OptionalInt.of(0), executed("touch", "/y"));
            lab.runtime().stop(WEB, 9, Duration.ZERO);
            lab.awaitEnd(WEB, 0);
            lab.runtime().remove(WEB, 0);
        }
    }

    @Test
    void a_profile_that_is_not_there_or_wrong_starts_nothing() throws Exception {
        profile("wrong.json", "{\"defaultAction\": \"SCMP_ACT_MAYBE\"}");
        Files.writeString(lab.root().resolve("outside.json"), "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}");
        lab.sandbox(Requests.sandbox(POD));

        Path directory = lab.root().resolve("seccomp");
        assertEquals(
                new StartOutcome.Refused("read seccomp profile %s/none.json: no such file".formatted(directory)),
                start("none.json"));
        assertEquals(
                new StartOutcome.Refused(
                        "read seccomp profile %s/wrong.json: defaultAction is none that is supported: \"SCMP_ACT_MAYBE\""
                                .formatted(directory)),
                start("wrong.json"));
        assertEquals(
                new StartOutcome.Refused("path of a seccomp profile is not below its directory: ../outside.json"),
                start("../outside.json"));
        assertEquals(Set.of(), lab.snapshots().writables());
    }

    private OptionalInt executed(String... argv) throws IOException, InterruptedException {
        Command command = new Command(List.of(argv), false, false);
        ExecResult result = lab.runtime().exec(WEB, command);
        try (Execution execution =
                assertInstanceOf(ExecResult.Running.class, result).execution()) {
            return execution.await(Duration.ofSeconds(20));
        }
    }

    @Test
    void an_app_armor_profile_that_cannot_be_enforced_is_refused() throws Exception {
        lab.sandbox(Requests.sandbox(POD));
        Security.AppArmor wanted = new Security.AppArmor.Localhost("nobody-has-loaded-this");

        StartOutcome outcome = lab.runtime().start(Requests.withSecurity(RuntimeLab.idle(WEB, 0), appArmor(wanted)));

        StartOutcome.Refused refused = assertInstanceOf(StartOutcome.Refused.class, outcome);
        assertTrue(refused.message().startsWith("Cannot enforce AppArmor: "), refused.message());
        assertInstanceOf(
                StartOutcome.Started.class,
                lab.runtime()
                        .start(Requests.withSecurity(RuntimeLab.idle(WEB, 0), appArmor(Security.AppArmor.UNCONFINED))));
    }

    private static Security appArmor(Security.AppArmor wanted) {
        Security standard = Security.STANDARD;
        return new Security(
                standard.runAsUser(),
                standard.runAsGroup(),
                false,
                List.of(),
                false,
                true,
                false,
                List.of(),
                List.of(),
                standard.seccomp(),
                false,
                false,
                wanted);
    }

    private StartOutcome start(String profile) throws InterruptedException {
        return lab.runtime().start(Requests.withSecurity(RuntimeLab.idle(WEB, 0), seccomp(profile, true)));
    }

    private void profile(String name, String json) throws IOException {
        Path file = lab.root().resolve("seccomp").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, json);
    }

    private static Security seccomp(String profile, boolean mayGainPrivileges) {
        return new Security(
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                false,
                mayGainPrivileges,
                false,
                List.of(),
                List.of(),
                new Security.Seccomp.Localhost(profile),
                false,
                false);
    }

    private static VolumeMount mount(String path, Access access) {
        return new VolumeMount("data", path, "", access, "None");
    }

    private static Security unmasked() {
        return new Security(
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                false,
                true,
                false,
                List.of(),
                List.of(),
                Security.Seccomp.RUNTIME_DEFAULT,
                true,
                false);
    }

    private static SandboxRequest with(SandboxRequest.Sharing sharing, Map<String, String> sysctls) {
        SandboxRequest plain = Requests.sandbox(POD);
        return new SandboxRequest(
                plain.uid(),
                plain.namespace(),
                plain.name(),
                plain.hostname(),
                plain.network(),
                sharing,
                sysctls,
                Optional.empty(),
                plain.volumes());
    }
}
