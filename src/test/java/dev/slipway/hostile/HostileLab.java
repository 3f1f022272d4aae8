package dev.slipway.hostile;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.runtime.Requests;
import dev.slipway.engine.runtime.RuntimeLab;
import dev.slipway.engine.runtime.SandboxRequest;
import dev.slipway.engine.snapshot.Staging;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A runtime whose one image is hostile: beside busybox it has the program `/knock`, the same as `/raise` with the bit
/// of setuid, a device node, and the script `/self` that names whoever executes it as its interpreter.
final class HostileLab implements AutoCloseable {
    private static final DiffId HOSTILE = new DiffId(Digest.sha256("hostile".getBytes(StandardCharsets.UTF_8)));

    private final HostilePrograms programs;
    private final RuntimeLab runtime;

    private HostileLab(HostilePrograms programs, RuntimeLab runtime) {
        this.programs = programs;
        this.runtime = runtime;
    }

    static HostileLab open() throws IOException {
        HostilePrograms programs = HostilePrograms.prepare();
        try {
            HostileLab lab = new HostileLab(programs, RuntimeLab.open());
            try {
                lab.commitImage();
                return lab;
            } catch (IOException | AssertionError e) {
                lab.runtime.close();
                throw e;
            }
        } catch (IOException | AssertionError e) {
            programs.close();
            throw e;
        }
    }

    private void commitImage() throws IOException {
        try (Staging staging = runtime.snapshots().stage()) {
            Path tree = staging.directory();
            HostilePrograms.fill(tree, programs.program());
            Files.copy(programs.program(), tree.resolve("raise"));
            // A mode that PosixFilePermissions has no words for.
            Files.setAttribute(tree.resolve("raise"), "unix:mode", 04755);
            Path self = Files.writeString(tree.resolve("self"), "#!/proc/self/exe\n");
            Files.setPosixFilePermissions(self, PosixFilePermissions.fromString("rwxr-xr-x"));
            staging.commit(HOSTILE);
        }
    }

    HostilePrograms programs() {
        return programs;
    }

    RuntimeLab runtime() {
        return runtime;
    }

    PodUid pod(String name, boolean ownUsers, Map<String, SandboxRequest.PodVolume> volumes)
            throws InterruptedException {
        return pod(name, new SandboxRequest.Sharing(false, SandboxRequest.Ipc.CONTAINER, ownUsers), volumes);
    }

    PodUid pod(String name, SandboxRequest.Sharing sharing, Map<String, SandboxRequest.PodVolume> volumes)
            throws InterruptedException {
        PodUid pod = new PodUid(name);
        SandboxRequest plain = Requests.sandbox(pod, volumes);
        runtime.sandbox(new SandboxRequest(
                pod, plain.namespace(), plain.name(), plain.hostname(), plain.network(), sharing, plain.volumes()));
        return pod;
    }

    /// A container of the hostile image.
    static ContainerRequest container(PodUid pod, String name, int attempt, String... command) {
        return container(pod, name, attempt, Set.of(), List.of(command));
    }

    /// @param volumes that the image declares
    static ContainerRequest container(PodUid pod, String name, int attempt, Set<String> volumes, List<String> command) {
        RunParameters parameters = new RunParameters(
                List.of(), List.of(), List.of(), "", "", volumes, "", Set.of(), Map.of(), null, List.of());
        return Requests.container(pod, name, attempt, Requests.image(parameters, List.of(HOSTILE)), command);
    }

    static Security privileged() {
        return security(Optional.empty(), true, true);
    }

    static Security ofUser(long uid, boolean mayGainPrivileges) {
        return security(Optional.of(uid), false, mayGainPrivileges);
    }

    private static Security security(Optional<Long> user, boolean privileged, boolean mayGainPrivileges) {
        return new Security(
                user,
                Optional.empty(),
                false,
                List.of(),
                privileged,
                mayGainPrivileges,
                false,
                List.of(),
                List.of(),
                Security.Seccomp.RUNTIME_DEFAULT,
                false,
                false);
    }

    @Override
    public void close() throws IOException {
        try {
            runtime.close();
        } finally {
            programs.close();
        }
    }
}
