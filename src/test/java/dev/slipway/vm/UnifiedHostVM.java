package dev.slipway.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The tests of what depends on cgroups, on a host that has version 2 alone, as distributions have it today: a virtual
/// machine under emulation with Debian's kernel, whose files are those of this host. That kernel also has what not
/// every kernel has, project quotas and NFS: classes named `*InGuest` run only here. Takes minutes, so it has a profile
/// of its own: `mvn verify -Pcgroup-v2`.
@Timeout(value = 40, unit = TimeUnit.MINUTES)
class UnifiedHostVM {
    private static final Path SCRIPT = Path.of("src/test/vm/run").toAbsolutePath();
    private static final Path HOME = Path.of("target/vm").toAbsolutePath();
    /// Without what needs idmapped layers under overlayfs, which Debian's kernel is too old for.
    private static final List<String> TESTS = List.of(
            "dev.slipway.engine.volume.VolumeQuotasInGuest",
            "dev.slipway.actor.volume.VolumeCapacityInGuest",
            "dev.slipway.engine.volume.NfsInGuest",
            "dev.slipway.engine.runtime.NfsPodInGuest",
            "dev.slipway.engine.runtime.CountedStorageInGuest",
            "dev.slipway.engine.cgroup.CgroupsKernelTest",
            "dev.slipway.engine.runtime.PausedKernelTest",
            "dev.slipway.engine.runtime.FaultAtEachStepInGuest",
            "dev.slipway.engine.cgroup.DevicesKernelTest",
            "dev.slipway.engine.cgroup.DiskWeightsKernelTest",
            "dev.slipway.engine.runtime.DevicesRuntimeKernelTest#a_node_on_a_mount_of_its_own_is_refused",
            "dev.slipway.engine.runtime.DevicesRuntimeKernelTest#a_device_that_the_pod_declares_works_as_far_as_it_is_mounted",
            "dev.slipway.engine.runtime.ContainerKernelTest#a_low_port_needs_no_root",
            "dev.slipway.engine.runtime.ContainerKernelTest#limits_change_while_a_container_runs",
            "dev.slipway.engine.runtime.ContainerKernelTest#a_privileged_container_has_the_devices_of_the_host",
            "dev.slipway.engine.runtime.ContainerKernelTest#a_privileged_container_has_cgroups_below_its_own_which_go_with_it",
            "dev.slipway.engine.runtime.SessionsKernelTest#where_a_container_has_handed_its_controllers_down_it_is_beside_the_first_process",
            "dev.slipway.engine.runtime.ContainerKernelTest#a_container_sees_its_own_limits",
            "dev.slipway.engine.runtime.ContainerKernelTest#a_kill_for_memory_is_told",
            "dev.slipway.engine.runtime.ContainerKernelTest#a_container_sees_its_own_cgroup_only",
            "dev.slipway.engine.runtime.ContainerKernelTest#a_refused_start_leaves_nothing",
            "dev.slipway.engine.runtime.IsolationRuntimeKernelTest#kernel_parameters_are_the_pods_and_not_the_hosts");

    @Test
    void limits_freezing_killing_and_isolation_hold_where_cgroups_are_of_version_2_alone() throws Exception {
        Path script = guestScript();
        List<String> lines = run(script);

        assertTrue(
                lines.stream().anyMatch(line -> line.matches("controllers: .*\\bcpu\\b.*\\bmemory\\b.*\\bpids\\b.*")),
                () -> String.join("\n", lines));
        List<String> failed =
                lines.stream().filter(line -> line.startsWith("test failed")).toList();
        assertEquals(List.of(), failed, () -> String.join("\n", lines));
        assertTrue(lines.contains("guest: status 0"), () -> String.join("\n", lines));
        assertTrue(lines.stream().anyMatch(line -> line.startsWith("test passed")), () -> String.join("\n", lines));
    }

    private static Path guestScript() throws IOException {
        List<String> java = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java", "-Xmx1g"));
        // Code is translated twice in there: what compiles little is fastest.
        java.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED"));
        java.add("--sun-misc-unsafe-memory-access=allow");
        java.add("-Djava.util.logging.manager=org.jboss.logmanager.LogManager");
        java.add("-Djunit.jupiter.extensions.autodetection.enabled=true");
        java.addAll(List.of("-cp", classPath(), GuestTests.class.getName()));
        java.addAll(TESTS);
        return Files.writeString(
                Files.createDirectories(HOME).resolve("guest.sh"),
                "echo controllers: $(cat /sys/fs/cgroup/cgroup.controllers)\ncd %s\n%s\n"
                        .formatted(Path.of("").toAbsolutePath(), String.join(" ", java)));
    }

    /// Maven's runner keeps the long one to itself.
    private static String classPath() {
        return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    }

    /// The directories that the guest needs of this host, beside `/usr` and `/etc`.
    private static String directories() {
        Path repository = Stream.of(classPath().split(":"))
                .filter(path -> path.contains("/repository/"))
                .map(path -> Path.of(path.substring(0, path.indexOf("/repository/") + "/repository".length())))
                .findFirst()
                .orElseThrow();
        return Path.of("").toAbsolutePath() + "," + repository;
    }

    /// What the guest wrote on its serial line, which is also shown.
    private static List<String> run(Path script) throws IOException {
        Process process = new ProcessBuilder(SCRIPT.toString(), HOME.toString(), script.toString(), directories())
                .redirectErrorStream(true)
                .start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader = process.inputReader()) {
            process.getOutputStream().close();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                // The guest's diary is in colours.
                String plain = line.replaceAll("\u001b\\[[0-9;]*m", "").stripTrailing();
                System.out.println("vm: " + plain);
                lines.add(plain);
            }
        } finally {
            process.destroyForcibly();
        }
        return lines;
    }
}
