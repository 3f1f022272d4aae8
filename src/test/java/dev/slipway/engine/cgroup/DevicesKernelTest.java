package dev.slipway.engine.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.device.DeviceList;
import dev.slipway.engine.device.DeviceNodes;
import dev.slipway.engine.device.DeviceRule;
import dev.slipway.engine.device.DeviceRule.Access;
import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Lists of devices in the kernel: by a program, and by the controller of version 1 where the host has it.
class DevicesKernelTest {
    private static final CgroupName WEB = CgroupName.of(new PodUid("pod"), "web.0");
    private static final Path KERNEL_LOG = Path.of("/dev/kmsg");
    private static final String OPEN_ALL =
            "for d in null zero full random urandom; do true < /dev/$d && true >> /dev/$d && echo -n \"$d \"; done;";
    private static final String READ_LOG = " true < /dev/kmsg && echo -n 'read ';";
    private static final String WRITE_LOG = " true >> /dev/kmsg && echo -n 'written ';";

    private final List<Cgroups> opened = new ArrayList<>();

    @TempDir
    private Path scratch;

    static List<Hierarchies> hierarchies() throws IOException {
        Hierarchies host = Hierarchies.detect();
        List<Hierarchies> all = new ArrayList<>(List.of(host));
        if (host.unified().isPresent()
                && host.classic().keySet().containsAll(Set.of(Controller.FREEZER, Controller.DEVICES))) {
            all.add(new Hierarchies(Optional.empty(), Set.of(), host.classic()));
        }
        return all;
    }

    @BeforeEach
    void the_host_has_a_log() {
        assertTrue(Files.exists(KERNEL_LOG));
    }

    @AfterEach
    void dismantle() throws IOException {
        for (Cgroups cgroups : opened) {
            cgroups.dismantle();
            cgroups.close();
        }
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void only_devices_of_the_list_are_opened_and_any_node_is_made(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        String script =
                OPEN_ALL + READ_LOG + " mknod %1$s/node c 1 11 && echo -n 'made '; true < %1$s/node".formatted(scratch);

        Said held = run(cgroups.create(WEB, Limits.NONE, DeviceList.STANDARD), script);

        assertEquals("null zero full random urandom made ", held.output());
        assertEquals(
                2,
                held.errors()
                        .lines()
                        .filter(line -> line.endsWith("Operation not permitted"))
                        .count(),
                held.errors());
        assertEquals(Optional.empty(), cgroups.missingDeviceControl());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void without_a_list_all_is_opened(Hierarchies hierarchies) throws Exception {
        Placement placement = open(hierarchies).create(WEB, Limits.NONE);

        assertEquals(
                "null zero full random urandom read ",
                run(placement, OPEN_ALL + READ_LOG).output());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_rule_allows_what_it_says_and_no_more(Hierarchies hierarchies) throws Exception {
        DeviceRule readLog = DeviceNodes.rule(KERNEL_LOG, Set.of(Access.READ));

        Placement placement = open(hierarchies).create(WEB, Limits.NONE, DeviceList.STANDARD.with(List.of(readLog)));

        assertEquals("read ", run(placement, READ_LOG + WRITE_LOG).output());
        assertEquals("null zero full random urandom ", run(placement, OPEN_ALL).output());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_list_outlives_the_engine_and_a_change_of_limits(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        cgroups.create(WEB, Limits.NONE, DeviceList.STANDARD);
        cgroups.close();
        Cgroups next = open(hierarchies);
        next.update(WEB, new Limits(Limits.Cpu.NONE, Limits.Memory.NONE, OptionalLong.of(50)));

        Said held = run(next.find(WEB), OPEN_ALL + READ_LOG);

        assertEquals("null zero full random urandom ", held.output());
    }

    @ParameterizedTest
    @MethodSource("hierarchies")
    void a_cgroup_that_is_there_takes_its_list_again(Hierarchies hierarchies) throws Exception {
        Cgroups cgroups = open(hierarchies);
        cgroups.create(WEB, Limits.NONE, DeviceList.STANDARD);
        Placement again = cgroups.create(WEB, Limits.NONE, DeviceList.STANDARD);

        assertEquals(
                "null zero full random urandom ",
                run(again, OPEN_ALL + READ_LOG).output());
    }

    @Test
    void a_host_with_both_needs_no_controller_of_version_1() throws Exception {
        Cgroups cgroups = open(Hierarchies.detect());

        Placement placement = cgroups.create(WEB, Limits.NONE, DeviceList.STANDARD);

        assertTrue(placement.unified().isPresent());
        assertEquals(cgroups.create(WEB, Limits.NONE).classic(), placement.classic(), "because of the list");
    }

    @Test
    void who_is_in_the_hierarchy_of_devices_need_not_see_it() throws Exception {
        for (Hierarchies hierarchies : hierarchies()) {
            Cgroups cgroups = open(hierarchies);

            List<String> names = cgroups.classicNames(cgroups.create(WEB, Limits.NONE, DeviceList.STANDARD));

            assertFalse(names.contains("devices"), names::toString);
        }
    }

    @Test
    void more_lists_than_are_kept_ready_hold() throws Exception {
        Cgroups cgroups = open(Hierarchies.detect());
        for (int minor = 0; minor < 40; minor++) {
            CgroupName name = CgroupName.of(new PodUid("pod"), "web." + minor);
            DeviceRule rule = DeviceRule.of(DeviceRule.Kind.CHARACTER, 10, minor, Set.of(Access.READ));
            cgroups.create(name, Limits.NONE, DeviceList.STANDARD.with(List.of(rule)));
        }

        for (String container : List.of("web.0", "web.39")) {
            Placement placement = cgroups.find(CgroupName.of(new PodUid("pod"), container));
            assertEquals("", run(placement, READ_LOG).output());
        }
    }

    @Test
    void a_host_without_means_says_so() throws Exception {
        Map<Controller, Path> classic = Map.of(Controller.FREEZER, scratch);
        Cgroups cgroups = new Cgroups(new Hierarchies(Optional.empty(), Set.of(), classic), parent());
        cgroups.open();

        assertEquals(
                Optional.of("no cgroup2 file system is mounted, and no devices controller of version 1"),
                cgroups.missingDeviceControl());
    }

    private Cgroups open(Hierarchies hierarchies) throws IOException {
        Cgroups cgroups = new Cgroups(hierarchies, parent());
        opened.add(cgroups);
        cgroups.open();
        return cgroups;
    }

    private static String parent() {
        return "slwdev" + ProcessHandle.current().pid();
    }

    private record Said(String output, String errors) {}

    private static Said run(Placement placement, String script) throws IOException, InterruptedException {
        StringBuilder join = new StringBuilder();
        Stream.concat(placement.unified().stream(), placement.classic().stream())
                .forEach(
                        directory -> join.append("echo $$ > ").append(directory).append("/cgroup.procs || exit 9; "));
        Process process = new ProcessBuilder("sh", "-c", join + script).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(20, TimeUnit.SECONDS));
        return new Said(output, errors);
    }
}
