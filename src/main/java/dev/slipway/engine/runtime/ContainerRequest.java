package dev.slipway.engine.runtime;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.volume.ManagedVolumes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// One attempt of one container, with every reference resolved and the image present.
///
/// @param command replaces the image's entrypoint when not empty; then the image's cmd is dropped too
/// @param args replaces the image's cmd when not empty
/// @param env `NAME=value`, after the image's own
/// @param workingDir empty for the image's
/// @param target another container of the pod, whose processes this one shares; empty for its own
/// @param images what it mounts of images, to be read
/// @param copyUps the managed volumes that are filled from the image, if they are empty, before it starts
public record ContainerRequest(
        ContainerName container,
        int attempt,
        LocalImage image,
        List<String> command,
        List<String> args,
        List<String> env,
        String workingDir,
        Stdio stdio,
        List<VolumeMount> mounts,
        Resources resources,
        Security security,
        Layer layer,
        Optional<String> target,
        List<ImageMount> images,
        List<CopyUp> copyUps) {
    /// With processes of its own, or those that all of the pod share.
    public ContainerRequest(
            ContainerName container,
            int attempt,
            LocalImage image,
            List<String> command,
            List<String> args,
            List<String> env,
            String workingDir,
            Stdio stdio,
            List<VolumeMount> mounts,
            Resources resources,
            Security security,
            Layer layer) {
        this(
                container,
                attempt,
                image,
                command,
                args,
                env,
                workingDir,
                stdio,
                mounts,
                resources,
                security,
                layer,
                Optional.empty(),
                List.of(),
                List.of());
    }

    public ContainerRequest {
        command = List.copyOf(command);
        args = List.copyOf(args);
        env = List.copyOf(env);
        mounts = List.copyOf(mounts);
        images = List.copyOf(images);
        copyUps = List.copyOf(copyUps);
    }

    /// The manifest digests of the images that it mounts, by where it does.
    public Map<String, Digest> mounted() {
        return images.stream().collect(Collectors.toMap(ImageMount::mountPath, mount -> mount.image()
                .digest()));
    }

    /// Tells whether a running container is what this request wants: requests of the same fingerprint differ at
    /// most in what needs no other container: attempt, limits ([ContainerRuntime#update]), names of the image, what
    /// volumes begin with.
    public String fingerprint() {
        StringBuilder text = new StringBuilder();
        List.of(command, args, env).forEach(texts -> append(text, texts));
        List.of(container, image.digest(), workingDir, stdio, mounts, security, layer, target)
                .forEach(part -> append(text, List.of(part.toString())));
        images.forEach(
                each -> append(text, List.of(each.image().digest().toString(), each.mountPath(), each.subPath())));
        return Digest.sha256(text.toString().getBytes(StandardCharsets.UTF_8)).hex();
    }

    /// With their sizes, so that `a b` is not `a`, `b`.
    private static void append(StringBuilder text, List<String> texts) {
        text.append(texts.size()).append('\n');
        texts.forEach(
                each -> text.append(each.length()).append(' ').append(each).append('\n'));
    }

    /// @param terminal one pseudo terminal for stdin, stdout and stderr
    public record Stdio(boolean stdin, boolean stdinOnce, boolean terminal) {}

    /// @param volume the pod's name for it, in [SandboxRequest#volumes]
    /// @param subPath below the volume's root, empty for the root itself
    /// @param propagation `None`, `HostToContainer` or `Bidirectional`
    public record VolumeMount(String volume, String mountPath, String subPath, Access access, String propagation) {
        /// @param readOnly but for what is mounted below it
        public VolumeMount(String volume, String mountPath, String subPath, boolean readOnly, String propagation) {
            this(volume, mountPath, subPath, readOnly ? Access.READ_ONLY : Access.READ_WRITE, propagation);
        }
    }

    /// How to look into a container that does not run.
    ///
    /// @param image layers of it
    /// @param missing absolute paths at which something is mounted when it runs
    /// @param isToWrite whether something is to be written
    public record AtRest(List<DiffId> image, List<String> missing, boolean isToWrite) {
        public AtRest {
            image = List.copyOf(image);
            missing = List.copyOf(missing);
        }
    }

    /// @param subPath of the image, empty for all of it
    public record ImageMount(LocalImage image, String mountPath, String subPath) {}

    /// @param volume name of a managed volume
    /// @param path where it is mounted, and what the image has there
    public record CopyUp(String volume, String path, ManagedVolumes.Owners owners) {}

    /// Whether a container may write to a volume, and to what is mounted below it.
    public enum Access {
        READ_WRITE,
        READ_ONLY,
        RECURSIVE_READ_ONLY
    }

    /// How long what the container writes to its root lives, and what becomes of the volumes that the image
    /// declares.
    public sealed interface Layer {
        /// A fresh layer at each attempt: a Pod's.
        record PerAttempt() implements Layer {}

        /// One layer until the pod is removed: a Container's.
        ///
        /// @param imageVolumes the managed volume to mount at each path that the image declares
        record Kept(List<ImageVolume> imageVolumes) implements Layer {
            public Kept {
                imageVolumes = List.copyOf(imageVolumes);
            }
        }

        /// A fresh layer, on directories that are no image yet, that holds what the program has changed and
        /// nothing else: one step of a build. Volumes that the image declares are directories like others.
        ///
        /// @param lowers topmost first
        /// @param log where the output goes, instead of the place that the runtime chooses
        record OfStep(List<Path> lowers, Path log) implements Layer {
            public OfStep {
                lowers = List.copyOf(lowers);
            }
        }

        /// @param volume name of the managed volume
        record ImageVolume(String path, String volume) {}
    }

    /// Who the process is and what it may do; empty values leave the image's or the default.
    ///
    /// @param capabilitiesAdd and `capabilitiesDrop`: names without `CAP_`, or `ALL`
    /// @param strictGroups no groups but `supplementalGroups`, whatever the image says of the user
    /// @param procUnmasked nothing of `/proc` and `/sys` is hidden or protected; only for users who are none of the
    ///     host's
    public record Security(
            Optional<Long> runAsUser,
            Optional<Long> runAsGroup,
            boolean runAsNonRoot,
            List<Long> supplementalGroups,
            boolean privileged,
            boolean allowPrivilegeEscalation,
            boolean readOnlyRootFilesystem,
            List<String> capabilitiesAdd,
            List<String> capabilitiesDrop,
            Seccomp seccomp,
            boolean procUnmasked,
            boolean strictGroups,
            AppArmor appArmor) {
        /// With the engine's own AppArmor profile, where there is one.
        public Security(
                Optional<Long> runAsUser,
                Optional<Long> runAsGroup,
                boolean runAsNonRoot,
                List<Long> supplementalGroups,
                boolean privileged,
                boolean allowPrivilegeEscalation,
                boolean readOnlyRootFilesystem,
                List<String> capabilitiesAdd,
                List<String> capabilitiesDrop,
                Seccomp seccomp,
                boolean procUnmasked,
                boolean strictGroups) {
            this(
                    runAsUser,
                    runAsGroup,
                    runAsNonRoot,
                    supplementalGroups,
                    privileged,
                    allowPrivilegeEscalation,
                    readOnlyRootFilesystem,
                    capabilitiesAdd,
                    capabilitiesDrop,
                    seccomp,
                    procUnmasked,
                    strictGroups,
                    AppArmor.WHERE_POSSIBLE);
        }

        public static final Security STANDARD = new Security(
                Optional.empty(),
                Optional.empty(),
                false,
                List.of(),
                false,
                true,
                false,
                List.of(),
                List.of(),
                Seccomp.RUNTIME_DEFAULT,
                false,
                false);

        /// Which system calls it may make.
        public sealed interface Seccomp {
            Seccomp UNCONFINED = new Unconfined();
            Seccomp RUNTIME_DEFAULT = new RuntimeDefault();

            /// All.
            record Unconfined() implements Seccomp {}

            /// The usual ones.
            record RuntimeDefault() implements Seccomp {}

            /// Those of a profile in the engine's directory of profiles.
            ///
            /// @param file path below that directory
            record Localhost(String file) implements Seccomp {}
        }

        /// What AppArmor allows it.
        public sealed interface AppArmor {
            AppArmor WHERE_POSSIBLE = new WherePossible();
            AppArmor UNCONFINED = new Unconfined();
            AppArmor RUNTIME_DEFAULT = new RuntimeDefault();

            /// What the engine's own profile allows, where the host has it.
            record WherePossible() implements AppArmor {}

            /// What the engine is allowed.
            record Unconfined() implements AppArmor {}

            /// What the engine's own profile allows; a host without it is refused.
            record RuntimeDefault() implements AppArmor {}

            /// What a profile allows that somebody has loaded; a host without it is refused.
            record Localhost(String profile) implements AppArmor {}
        }

        public Security {
            supplementalGroups = List.copyOf(supplementalGroups);
            capabilitiesAdd = List.copyOf(capabilitiesAdd);
            capabilitiesDrop = List.copyOf(capabilitiesDrop);
        }
    }
}
