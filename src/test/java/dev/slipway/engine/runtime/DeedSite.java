package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.Ownership;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// Where a deed is done: a pod of its own, that a port of the host leads to, whose containers mount the volume that all
/// of them share, in an engine that may be another one from one call to the next.
///
/// @param hostPort of this site alone
record DeedSite(RuntimeLab lab, PodUid pod, int hostPort, Users users) {
    static final VolumeName VOLUME = new VolumeName("data");
    static final Duration LONG = Duration.ofSeconds(60);
    private static final int TERM = 15;

    /// Whose users the pod's are.
    enum Users {
        OF_HOST(new SandboxRequest.Users.OfHost()),
        /// More than are made ready, which would be done meanwhile and take steps of its own; and more than one
        /// claim.
        OWN(new SandboxRequest.Users.Own(OptionalInt.empty(), 70_000)),
        /// Those that are made ready.
        READY(SandboxRequest.Users.Own.USUAL);

        private final SandboxRequest.Users wanted;

        Users(SandboxRequest.Users wanted) {
            this.wanted = wanted;
        }
    }

    ContainerName web() {
        return new ContainerName(pod, "web");
    }

    /// Of this site alone.
    VolumeName volume() {
        return new VolumeName(pod.value());
    }

    void sandbox() throws Exception {
        SandboxOutcome outcome = ensureSandbox();
        assertInstanceOf(SandboxOutcome.Ready.class, outcome, outcome::toString);
    }

    /// Leaves it to others to make users ready for the next one.
    SandboxOutcome ensureSandbox() throws Exception {
        return lab.background().later(() -> lab.runtime().ensureSandbox(sandboxRequest()));
    }

    /// Has users made ready for the pods to come, if theirs are such: the first pod that wants them gets none.
    void makeUsersReady() throws Exception {
        if (users == Users.READY) {
            sandbox();
            lab.runtime().removePod(pod);
            lab.background().catchUp();
        }
    }

    SandboxRequest sandboxRequest() {
        SandboxRequest plain = Requests.sandbox(
                pod,
                Map.of(
                        VOLUME.value(),
                        new PodVolume.Managed(VOLUME.value()),
                        "memory",
                        new PodVolume.EmptyDir(true, Optional.of(1L << 20)),
                        "empty",
                        new PodVolume.EmptyDir(false, Optional.empty())));
        return Requests.withUsers(Requests.withPort(plain, lab.port(hostPort)), users.wanted);
    }

    void startIdle() throws Exception {
        sandbox();
        lab.started(idle());
        lab.awaitLog(web(), 0, "idle");
    }

    ContainerRequest idle() {
        return mounting(RuntimeLab.idle(web(), 0));
    }

    ContainerRequest shell(String script) {
        return mounting(RuntimeLab.shell(web(), 0, script));
    }

    private static ContainerRequest mounting(ContainerRequest plain) {
        return Requests.withMounts(
                plain,
                new ContainerRequest.VolumeMount(VOLUME.value(), "/data", "", false, "None"),
                new ContainerRequest.VolumeMount("memory", "/memory", "", false, "None"));
    }

    Optional<Attempt> latest() {
        return lab.runtime().find(pod).flatMap(found -> found.latest(web().name()));
    }

    void stop(Duration grace) throws IOException {
        lab.runtime().stop(web(), TERM, grace);
    }

    void stopPolitely() throws IOException {
        lab.awaitLog(web(), 0, "idle");
        stop(LONG);
        assertEquals(0, exited().exitCode());
    }

    ContainerState.Exited exited() {
        return assertInstanceOf(
                ContainerState.Exited.class, lab.awaitEnd(web(), 0).state());
    }

    int exec() throws IOException, InterruptedException {
        ExecResult result = lab.runtime().exec(web(), new Command(List.of("/bin/sh", "-c", "exit 3"), false, false));
        if (result instanceof ExecResult.Running(var execution)) {
            try (execution) {
                return execution.await(LONG).orElseThrow();
            }
        }
        return -1;
    }

    /// Copies the shared volume while the containers of this site, which could write it, are frozen.
    void takeSnapshot() throws IOException {
        ManagedVolumes volumes = lab.volumes();
        lab.volumeSnapshots()
                .populate(volume(), Optional.empty(), made -> lab.runtime().whileFrozen(pod::equals, () -> {
                    lab.volumeSnapshots().notes().write(volume(), new byte[] {1});
                    volumes.contentOf(VOLUME).fill(made);
                }));
    }

    /// As [#takeSnapshot] leaves it.
    void haveSnapshot() throws IOException {
        ValuableTree.write(lab.volumeSnapshots().ensure(volume(), Ownership.ROOT));
    }

    void deleteSnapshot() throws IOException {
        lab.volumeSnapshots().delete(volume());
        lab.volumeSnapshots().notes().remove(volume());
    }

    void restoreSnapshot() throws IOException {
        lab.volumes()
                .populate(
                        volume(),
                        Optional.of(Ownership.ROOT),
                        lab.volumeSnapshots().contentOf(volume()));
    }

    /// What is found under this site's name is whole, if there is anything.
    boolean hasWhole(ManagedVolumes volumes) throws IOException {
        var found = volumes.find(volume());
        if (found.isPresent()) {
            ValuableTree.assertWhole(found.get());
        }
        return found.isPresent();
    }
}
