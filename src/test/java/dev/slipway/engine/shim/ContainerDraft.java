package dev.slipway.engine.shim;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.fail;

import dev.slipway.engine.launch.Capability;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.ContainerSpec;
import dev.slipway.engine.launch.Identity;
import dev.slipway.engine.launch.KernelView;
import dev.slipway.engine.launch.LogSettings;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.Namespaces;
import dev.slipway.engine.launch.Privileges;
import dev.slipway.engine.launch.ProcessSpec;
import dev.slipway.engine.launch.ResourceLimit;
import dev.slipway.engine.launch.RootFilesystem;
import dev.slipway.engine.launch.Stdio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What a test wants to be different from the usual.
final class ContainerDraft {
    private final ShimLab lab;
    private final ContainerId id;
    private final List<String> argv;
    private final List<Path> lowers;
    private List<Mount> mounts = List.of();
    private Namespaces namespaces = Namespaces.own();
    private Identity identity = Identity.ROOT;
    private Privileges privileges = Privileges.standard();
    private List<ResourceLimit> limits = List.of();
    private Stdio stdio = Stdio.OUTPUT_ONLY;
    private KernelView kernel = KernelView.standard("box");
    private CgroupPlacement cgroup = CgroupPlacement.INHERITED;
    private String cwd = "/";
    private int umask = 022;
    private boolean readOnly;
    private LogSettings log;
    private RootFilesystem.Life life = RootFilesystem.Life.RUN;

    ContainerDraft(ShimLab lab, ContainerId id, List<String> argv) throws IOException {
        this.lab = lab;
        this.id = id;
        this.lowers = new ArrayList<>(List.of(lab.layer()));
        this.argv = argv;
        this.log = new LogSettings(lab.logOf(id), LogSettings.Rotation.STANDARD);
        Files.createDirectories(lab.logOf(id).getParent());
        Files.createDirectories(lab.upper(id));
        Files.createDirectories(lab.work(id));
    }

    ContainerId id() {
        return id;
    }

    ContainerDraft mounts(Mount... wanted) {
        mounts = List.of(wanted);
        return this;
    }

    ContainerDraft lowers(List<Path> wanted) {
        lowers.clear();
        lowers.addAll(wanted);
        return this;
    }

    ContainerDraft namespaces(Namespaces wanted) {
        namespaces = wanted;
        return this;
    }

    ContainerDraft user(int uid, int gid, Integer... groups) {
        identity = new Identity(uid, gid, List.of(groups));
        return this;
    }

    ContainerDraft privileges(Privileges wanted) {
        privileges = wanted;
        return this;
    }

    ContainerDraft with(Capability... added) {
        Set<Capability> all = Stream.concat(privileges.capabilities().stream(), Arrays.stream(added))
                .collect(Collectors.toSet());
        privileges = new Privileges(all, privileges.noNewPrivileges(), privileges.seccomp());
        return this;
    }

    ContainerDraft limits(ResourceLimit... wanted) {
        limits = List.of(wanted);
        return this;
    }

    ContainerDraft stdio(boolean stdin, boolean once, boolean terminal) {
        stdio = new Stdio(stdin, once, terminal);
        return this;
    }

    ContainerDraft kernel(KernelView wanted) {
        kernel = wanted;
        return this;
    }

    ContainerDraft cgroup(CgroupPlacement wanted) {
        cgroup = wanted;
        return this;
    }

    ContainerDraft cwd(String wanted) {
        cwd = wanted;
        return this;
    }

    ContainerDraft umask(int wanted) {
        umask = wanted;
        return this;
    }

    ContainerDraft readOnly() {
        readOnly = true;
        return this;
    }

    ContainerDraft log(LogSettings wanted) {
        log = wanted;
        return this;
    }

    ContainerDraft kept() {
        life = RootFilesystem.Life.KEPT;
        return this;
    }

    ContainerSpec spec() {
        return new ContainerSpec(
                id,
                new RootFilesystem.Overlay(lowers, lab.upper(id), lab.work(id), life, readOnly),
                mounts,
                namespaces,
                process(argv),
                kernel,
                cgroup,
                log);
    }

    private ProcessSpec process(List<String> command) {
        return new ProcessSpec(
                command,
                List.of("PATH=/usr/local/bin:/bin:/sbin", "SECRET=hush"),
                cwd,
                identity,
                privileges,
                limits,
                umask,
                100,
                stdio);
    }

    /// Starts it; anything but a start fails the test.
    ShimLab.Started start() throws IOException, InterruptedException {
        StartResult result = result();
        if (result instanceof StartResult.Started running) {
            return lab.new Started(id, running.pid());
        }
        return fail(result.toString());
    }

    StartResult result() throws IOException, InterruptedException {
        StartResult result = lab.shims().start(spec(), ShimLab.LIMIT);
        lab.note(id);
        return result;
    }

    StartResult.Failed failure() throws IOException, InterruptedException {
        return assertInstanceOf(StartResult.Failed.class, result());
    }

    /// Runs it to its end and returns what it printed.
    String output() throws IOException, InterruptedException {
        return start().awaitOutput();
    }
}
