package dev.slipway.engine.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.Golden;
import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.ExecSpec;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.KernelView;
import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Mount.Access;
import dev.slipway.engine.launch.Mount.Kind;
import dev.slipway.engine.launch.Mount.Propagation;
import dev.slipway.engine.launch.Namespace;
import dev.slipway.engine.launch.Namespaces;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.ResourceLimit;
import dev.slipway.engine.launch.RootFilesystem;
import dev.slipway.engine.launch.SeccompProfile;
import dev.slipway.engine.launch.Stdio;
import dev.slipway.engine.launch.UserNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The listings of plans, one case a feature.
class LaunchPlannerTest {
    private static final RootFilesystem ROOT = overlay(false);
    private static final Namespace HOST = new Namespace.Host();
    private static final KernelView PLAIN = new KernelView("", List.of(), List.of(), Map.of(), List.of());
    private static final Namespaces NONE = new Namespaces(HOST, HOST, HOST, HOST, HOST);
    private static final Stdio TERMINAL = new Stdio(true, false, true);
    private static final Privileges UNFILTERED =
            new Privileges(EnumSet.allOf(Capability.class), false, SeccompProfile.UNCONFINED);

    private static final Map<String, LaunchPlan> PLANS = Map.of(
            "whole container", wholeContainer(),
            "joined namespaces", joinedNamespaces(),
            "volumes", volumes(),
            "user without privileges", userWithoutPrivileges(),
            "terminal",
                    container(ROOT, List.of(), NONE, process(Identity.ROOT, UNFILTERED, TERMINAL, "/bin/sh"), PLAIN),
            "program with path",
                    container(
                            ROOT, List.of(), NONE, process(Identity.ROOT, UNFILTERED, Stdio.OUTPUT_ONLY, "sh"), PLAIN),
            "user namespace", userNamespace(),
            "making a user namespace", LaunchPlanner.userNamespace(),
            "exec in user namespace",
                    LaunchPlanner.exec(new ExecSpec(
                            4711,
                            OptionalInt.of(1 << 30),
                            process(Identity.ROOT, UNFILTERED, Stdio.OUTPUT_ONLY, "/bin/sh"),
                            CgroupPlacement.INHERITED)),
            "exec with terminal",
                    LaunchPlanner.exec(new ExecSpec(
                            4711,
                            process(Identity.ROOT, UNFILTERED, TERMINAL, "/bin/sh"),
                            new CgroupPlacement(
                                    Optional.of(Path.of("/sys/fs/cgroup/unified/pod/box")),
                                    List.of(Path.of("/sys/fs/cgroup/memory/pod/box"))))));

    static List<Golden.Case> cases() throws IOException {
        return Golden.cases(LaunchPlannerTest.class);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_plan_reads_as_expected(Golden.Case golden) throws IOException {
        golden.expect("plan.txt", PLANS.get(golden.toString()).toString());
    }

    @Test
    void what_takes_the_place_of_dev_brings_all_of_it() {
        LaunchPlan plan = container(
                ROOT,
                List.of(new Mount.Bind(Path.of("/dev"), "/dev", Kind.DIRECTORY, Access.READ_WRITE)),
                NONE,
                process(Identity.ROOT, UNFILTERED, Stdio.OUTPUT_ONLY, "/bin/true"),
                new KernelView("", List.of(), List.of(), Map.of(), List.of("/dev/fuse")));

        String listing = plan.toString();
        assertTrue(listing.contains("mount /dev on /dev"), listing);
        for (String beneath : List.of("/dev/pts", "/dev/shm", "/dev/mqueue", "/dev/fuse", "/dev/null")) {
            assertFalse(listing.contains(beneath), listing);
        }
    }

    @Test
    void every_plan_has_a_listing() throws IOException {
        Set<String> names = cases().stream().map(Object::toString).collect(Collectors.toCollection(TreeSet::new));

        assertEquals(new TreeSet<>(PLANS.keySet()), names);
    }

    @Test
    void a_listing_keeps_the_environment_to_itself() {
        PLANS.values().forEach(plan -> assertFalse(plan.toString().contains("hush"), plan.toString()));
    }

    @Test
    void the_same_spec_gives_the_same_plan() {
        assertEquals(wholeContainer().toString(), wholeContainer().toString());
    }

    private static LaunchPlan wholeContainer() {
        ProcessSpec process = new ProcessSpec(
                List.of("/bin/server", "--port", "80"),
                List.of("PATH=/bin", "SECRET=hush"),
                "/srv/www",
                Identity.ROOT,
                new Privileges(
                        Capability.STANDARD,
                        Set.of(),
                        false,
                        SeccompProfile.UNCONFINED,
                        Optional.of("slipway-default")),
                List.of(new ResourceLimit(ResourceLimit.Resource.NOFILE, 1024, 4096)),
                022,
                100,
                Stdio.OUTPUT_ONLY);
        return container(overlay(true), List.of(), Namespaces.own(), process, KernelView.standard("box"));
    }

    private static LaunchPlan joinedNamespaces() {
        Namespaces joined =
                new Namespaces(existing("pid"), existing("uts"), existing("ipc"), existing("net"), existing("cgroup"));
        return container(
                new RootFilesystem.Directory(Path.of("/srv/tree"), false),
                List.of(),
                joined,
                process(Identity.ROOT, UNFILTERED, Stdio.OUTPUT_ONLY, "/bin/true"),
                new KernelView(
                        "ignored", List.of(), List.of(), Map.of("net.core.somaxconn", "512"), List.of("/dev/fuse")));
    }

    private static LaunchPlan userNamespace() {
        Namespace own = new Namespace.New();
        Namespaces mapped = new Namespaces(
                own,
                own,
                existing("ipc"),
                existing("net"),
                own,
                Optional.of(new UserNamespace(Path.of("/proc/42/ns/user"), 1 << 30, 1 << 16)));
        return container(
                ROOT,
                List.of(
                        new Mount.Bind(Path.of("/srv/data"), "/data", Kind.DIRECTORY, Access.READ_WRITE),
                        new Mount.Bind(Path.of("/dev/fuse"), "/dev/fuse", Kind.DEVICE, Access.READ_WRITE)),
                mapped,
                process(
                        new Identity(1000, 1000, List.of()),
                        new Privileges(Capability.STANDARD, false, SeccompProfile.UNCONFINED),
                        Stdio.OUTPUT_ONLY,
                        "/bin/true"),
                new KernelView("box", List.of("/proc/keys"), List.of(), Map.of(), List.of()));
    }

    private static LaunchPlan volumes() {
        Path source = Path.of("/srv/data");
        List<Mount> mounts = List.of(
                new Mount.Bind(source, "/data", Kind.DIRECTORY, Access.READ_WRITE),
                new Mount.Bind(source, "a/b", "/sub", Kind.DIRECTORY, Access.READ_ONLY, Propagation.PRIVATE),
                new Mount.Bind(
                        source,
                        "",
                        "/follow",
                        Kind.DIRECTORY,
                        Access.RECURSIVE_READ_ONLY,
                        Propagation.HOST_TO_CONTAINER),
                new Mount.Bind(source, "", "/both", Kind.DIRECTORY, Access.READ_WRITE, Propagation.BIDIRECTIONAL),
                new Mount.Bind(Path.of("/srv/hosts"), "/etc/hosts", Kind.FILE, Access.READ_WRITE),
                new Mount.Bind(Path.of("/srv/shm"), "/dev/shm", Kind.DIRECTORY, Access.READ_WRITE),
                new Mount.Tmpfs("/cache", 1 << 20, 0700, Access.READ_WRITE),
                new Mount.Cgroups("/sys/fs/cgroup", List.of("cpu,cpuacct")));
        Privileges usual = new Privileges(Capability.STANDARD, false, SeccompProfile.UNCONFINED);
        return container(ROOT, mounts, NONE, process(Identity.ROOT, usual, Stdio.OUTPUT_ONLY, "/bin/true"), PLAIN);
    }

    private static LaunchPlan userWithoutPrivileges() {
        Privileges least = new Privileges(Set.of(), true, SeccompProfile.UNCONFINED);
        Stdio input = new Stdio(true, true, false);
        return container(
                ROOT, List.of(), NONE, process(new Identity(1000, 1001, List.of(5)), least, input, "/bin/true"), PLAIN);
    }

    private static LaunchPlan container(
            RootFilesystem root, List<Mount> mounts, Namespaces namespaces, ProcessSpec process, KernelView kernel) {
        return LaunchPlanner.container(new ContainerSpec(
                new ContainerId("box"),
                root,
                mounts,
                namespaces,
                process,
                kernel,
                CgroupPlacement.INHERITED,
                new LogSettings(Path.of("/var/log/box.log"), LogSettings.Rotation.STANDARD)));
    }

    private static ProcessSpec process(Identity identity, Privileges privileges, Stdio stdio, String program) {
        return new ProcessSpec(
                List.of(program),
                List.of("PATH=/usr/local/bin::/bin", "SECRET=hush"),
                "/",
                identity,
                privileges,
                List.of(),
                022,
                0,
                stdio);
    }

    private static RootFilesystem overlay(boolean readOnly) {
        return new RootFilesystem.Overlay(
                List.of(Path.of("/layers/top"), Path.of("/layers/base")),
                Path.of("/writable/upper"),
                Path.of("/writable/work"),
                RootFilesystem.Life.RUN,
                readOnly);
    }

    private static Namespace existing(String kind) {
        return new Namespace.Existing(Path.of("/proc/42/ns/" + kind));
    }
}
