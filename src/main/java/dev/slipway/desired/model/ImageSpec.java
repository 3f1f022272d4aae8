package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Immutable content: pulled from a registry, built layer by layer, or taken from files or a container.
public record ImageSpec(
        @JsonPropertyDescription("Where the image comes from: exactly one of its fields.") @Nullable
        Source source,

        @JsonPropertyDescription("How long it stays when no pod, Container, Tag or build needs it.") @Nullable
        Retention retention) {
    public record Retention(
            @JsonPropertyDescription(
                    "Always (until the object is deleted) or WhileReferenced (its content may go when it has been"
                            + " unused for long, or when disk space is short, and comes again when it is needed); default: Always,"
                            + " and WhileReferenced for the Images that show what pods have pulled.")
            @Nullable
            String policy,

            @JsonPropertyDescription(
                    "How long it has to be unused before it may go, for instance 24h; default: as the engine is configured.")
            @Nullable
            String minAge) {}

    /// Exactly one of its fields.
    public record Source(
            @JsonPropertyDescription("From a registry.") @Nullable
            Pull pull,

            @JsonPropertyDescription("Made here, step by step.") @Nullable
            Build build,

            @JsonProperty("import") @JsonPropertyDescription("From a file of this host.") @Nullable
            Archive archive,

            @JsonPropertyDescription("From what a container has written.") @Nullable
            Commit commit) {}

    public record Archive(
            @JsonPropertyDescription("Absolute path of a file, or for an OCI layout also of a directory.") @Nullable
            String path,

            @JsonPropertyDescription("One of docker-archive, oci-layout, rootfs-tar.") @Nullable
            String format) {}

    public record Commit(
            @JsonPropertyDescription(
                    "A Container; what it has written becomes a layer on top of its image. One that runs is frozen for"
                            + " as long as that is read.")
            @Nullable
            ContainerReference containerRef) {}

    public record ContainerReference(
            @JsonPropertyDescription("Namespace of the Container; default: default.") @Nullable
            String namespace,

            @JsonPropertyDescription("Name of the Container.") @Nullable
            String name) {}

    public record Pull(
            @JsonPropertyDescription("Name of the image, for instance docker.io/library/debian:12.") @Nullable
            String reference,

            @JsonPropertyDescription(
                    "Platform to choose from an index, for instance linux/arm64; default: this host's.")
            @Nullable
            String platform,

            @JsonPropertyDescription("Secret of type kubernetes.io/dockerconfigjson with credentials.") @Nullable
            SecretName secretRef) {}

    public record SecretName(
            @JsonPropertyDescription("Namespace of the Secret; default: default.") @Nullable
            String namespace,

            @JsonPropertyDescription("Name of the Secret.") @Nullable
            String name) {}

    public record Build(
            @JsonPropertyDescription("Reference of the image to start from, or `scratch` for nothing.") @Nullable
            String from,

            @JsonPropertyDescription("Image object to start from, instead of `from`.") @Nullable
            String imageName,

            @JsonPropertyDescription(
                    "A Dockerfile, instead of `from` and `steps`; ONBUILD triggers of its images are run,"
                            + " and ADD unpacks archives of the context.")
            @Nullable
            Dockerfile dockerfile,

            @JsonPropertyDescription("Files that copy steps take from.") @Nullable
            Context context,

            @JsonPropertyDescription(
                    "What to do, in order; each step that changes files is one layer. The log has what they write, the last 50 MiB of it.")
            @Nullable
            List<Step> steps,

            @JsonPropertyDescription("Local (default) takes layers that earlier builds made; None makes each anew.")
            @Nullable
            String cache,

            @JsonPropertyDescription(
                    "What the program of each run step may use. A build never waits for a free share of the host.")
            @Nullable
            Resources resources,

            @JsonPropertyDescription(
                    "How long each run step may take, for instance 10m; default: 1h. Beyond it the step is killed, and the build fails.")
            @Nullable
            String timeout) {}

    public record Resources(
            @JsonPropertyDescription(
                    "cpu and memory of each step, for instance cpu: 500m and memory: 1Gi; default: all cpu that is free, and half"
                            + " of the host's memory; 0: all that is free. A step that needs more memory is killed,"
                            + " and the build fails.")
            @Nullable
            Map<String, Quantity> limits) {}

    /// Exactly one of `inline`, `path` and `configMapKeyRef`.
    public record Dockerfile(
            @JsonPropertyDescription("The text itself.") @Nullable
            String inline,

            @JsonPropertyDescription("Absolute path of a file of this host.") @Nullable
            String path,

            @JsonPropertyDescription("A key of a ConfigMap.") @Nullable
            ConfigMapKey configMapKeyRef,

            @JsonPropertyDescription("Values of ARG.") @Nullable
            Map<String, String> args,

            @JsonPropertyDescription("The stage that is the image, by name or number; default: the last.") @Nullable
            String target) {}

    public record ConfigMapKey(
            @JsonPropertyDescription("Namespace of the ConfigMap; default: default.") @Nullable
            String namespace,

            @JsonPropertyDescription("Name of the ConfigMap.") @Nullable
            String name,

            @JsonPropertyDescription("The key whose value is the text.") @Nullable
            String key) {}

    /// Exactly one of its fields.
    public record Context(
            @JsonPropertyDescription("A directory of this host; its .dockerignore counts.") @Nullable
            Directory directory,

            @JsonPropertyDescription("The texts of a ConfigMap, each a file.") @Nullable
            ConfigMapName configMapRef) {}

    public record ConfigMapName(
            @JsonPropertyDescription("Namespace of the ConfigMap; default: default.") @Nullable
            String namespace,

            @JsonPropertyDescription("Name of the ConfigMap.") @Nullable
            String name) {}

    public record Directory(
            @JsonPropertyDescription("Absolute path.") @Nullable
            String path) {}

    /// Exactly one of its fields.
    public record Step(
            @JsonPropertyDescription(
                    "Program of the image and its arguments, run in a container; what it changes is the layer.")
            @Nullable
            List<String> run,

            @JsonPropertyDescription("Files of this host.") @Nullable
            CopyFromHost copyFromHost,

            @JsonPropertyDescription("Files of the context or of another image, or text.") @Nullable
            Copy copy,

            @JsonPropertyDescription(
                    "Absolute paths in the image to delete; * and ? match within one name. Lower layers keep the bytes.")
            @Nullable
            List<String> remove,

            @JsonPropertyDescription("Several actions that make one layer.") @Nullable
            List<Action> layer,

            @JsonPropertyDescription("Run parameters; makes no layer.") @Nullable
            Config config) {}

    /// Exactly one of its fields, each as in a step.
    public record Action(
            @JsonPropertyDescription("Program of the image and its arguments, run in a container.") @Nullable
            List<String> run,

            @JsonPropertyDescription("Files of this host.") @Nullable
            CopyFromHost copyFromHost,

            @JsonPropertyDescription("Files of the context or of another image, or text.") @Nullable
            Copy copy,

            @JsonPropertyDescription("Absolute paths in the image to delete.") @Nullable
            List<String> remove) {}

    public record CopyFromHost(
            @JsonPropertyDescription("Absolute paths of files and directories; * matches within one name.") @Nullable
            List<String> paths,

            @JsonPropertyDescription("With the shared libraries that binaries among them need.") @Nullable
            Boolean libraries) {}

    public record Copy(
            @JsonPropertyDescription(
                    "Path below the context, or in the other image; *, ?, [a-c] and [^a-c] match within one name, "
                            + "also a leading dot, and \\ takes their meaning away.")
            @Nullable
            String from,

            @JsonPropertyDescription("Reference of an image to take from, instead of the context.") @Nullable
            String image,

            @JsonPropertyDescription("Image object to take from, instead of the context.") @Nullable
            String imageName,

            @JsonPropertyDescription("Text to write, instead of `from`.") @Nullable
            String content,

            @JsonPropertyDescription("Absolute path in the image.") @Nullable
            String to,

            @JsonPropertyDescription(
                    "Owner as uid:gid or user:group of the image, also of directories that are made on the way; default 0:0, or as in the image that is copied from.")
            @Nullable
            String chown,

            @JsonPropertyDescription("Permission bits in octal; default: those of the file, or 0644.") @Nullable
            String mode) {}

    /// Fields that are absent keep what earlier steps or the base image say.
    public record Config(
            @JsonPropertyDescription("Environment variables to add.") @Nullable
            Map<String, String> env,

            @JsonPropertyDescription("User to run as: uid, name, uid:gid or name:group.") @Nullable
            String user,

            @JsonPropertyDescription("Working directory.") @Nullable
            String workingDir,

            @JsonPropertyDescription("Program and first arguments.") @Nullable
            List<String> entrypoint,

            @JsonPropertyDescription("Arguments that a container may replace.") @Nullable
            List<String> cmd,

            @JsonPropertyDescription("Paths that are volumes.") @Nullable
            List<String> volumes,

            @JsonPropertyDescription("Ports, for instance 80/tcp.") @Nullable
            List<String> exposedPorts,

            @JsonPropertyDescription("Labels to add.") @Nullable
            Map<String, String> labels,

            @JsonPropertyDescription("Signal that asks the program to end.") @Nullable
            String stopSignal,

            @JsonPropertyDescription("How to find out whether the program is well.") @Nullable
            Healthcheck healthcheck) {}

    /// As images carry it.
    public record Healthcheck(
            @JsonPropertyDescription("NONE, or CMD and arguments, or CMD-SHELL and a line for the shell.") @Nullable
            List<String> test,

            @JsonPropertyDescription("Time between two probes, for instance 30s.") @Nullable
            String interval,

            @JsonPropertyDescription("How long a probe may take.") @Nullable
            String timeout,

            @JsonPropertyDescription("Time at the start in which failures do not count.") @Nullable
            String startPeriod,

            @JsonPropertyDescription("Time between two probes within the start period.") @Nullable
            String startInterval,

            @JsonPropertyDescription("Failures one after the other that make it unwell.") @Nullable
            Integer retries) {}
}
