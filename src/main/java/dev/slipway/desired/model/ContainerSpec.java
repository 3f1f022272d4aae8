package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One container with Docker's life: what it runs is said in the fields of a Kubernetes container, and its writable
/// layer is kept until the object is deleted.
@Inlines(
        value = Container.class,
        without = {"name", "resizePolicy", "restartPolicyRules", "volumeDevices"})
@Inlines(
        value = PodSpec.class,
        only = {
            "hostname",
            "hostnameOverride",
            "subdomain",
            "setHostnameAsFQDN",
            "hostAliases",
            "dnsConfig",
            "dnsPolicy",
            "hostNetwork",
            "hostPID",
            "hostIPC",
            "imagePullSecrets"
        })
public record ContainerSpec(
        @JsonPropertyDescription("The Image or Tag object to run, instead of a reference in `image`.") @Nullable
        ObjectReference imageFrom,

        @JsonPropertyDescription("Running, Stopped (no process, layer kept) or Paused (processes frozen).") @Nullable
        DesiredState desiredState,

        @JsonPropertyDescription("When a process that ended is started again: Always, OnFailure or Never.") @Nullable
        String restartPolicy,

        @JsonPropertyDescription("How often in a row it is started again when it ends; after that it stays ended. Ten"
                + " minutes of running, or somebody who starts it, begin the count anew. Default: any number.")
        @Nullable
        Integer maxRestarts,

        @JsonPropertyDescription("How long the object stays after it has finished for good, for instance 1h; then it is"
                + " deleted, at 0s at once. One that is declared Stopped stays, and one that another Container or a Pod"
                + " depends on, until that is gone, and one that a watched directory declares, until its manifest is."
                + " Default: for ever.")
        @Nullable
        String ttlAfterFinished,

        @JsonPropertyDescription("What becomes of the paths that the image declares as volumes: Persist (a Volume that"
                + " outlives restarts), Ephemeral (gone with the run) or Ignore.")
        @Nullable
        ImageVolumes imageVolumes,

        @JsonPropertyDescription(
                "Whether the health check that the image declares (HEALTHCHECK) is asked where no probe"
                        + " is declared here: Follow (the default: it is not Ready while the check fails, and is not restarted"
                        + " for that) or Ignore.")
        @Nullable
        ImageHealthcheck imageHealthcheck,

        @JsonPropertyDescription("What becomes of what the container writes to its root.") @Nullable
        StorageLayer storageLayer,

        @JsonPropertyDescription("The only cpus that it runs on, as a list: 0-2,7. Default: all.") @Nullable
        String cpuset,

        @JsonPropertyDescription("Whether its program has a parent inside that takes up processes which lose theirs, as"
                + " with docker run --init. Not together with hostPID.")
        @Nullable
        Boolean init,

        @JsonPropertyDescription("What each of its processes may use of a resource.") @Nullable
        List<Ulimit> ulimits,

        @JsonPropertyDescription("How the container is asked to end.") @Nullable
        Stop stop,

        @JsonPropertyDescription("What it waits for before it begins, also after a restart of the host.") @Nullable
        List<Dependency> dependsOn,

        @JsonPropertyDescription("Whether the users of the container are others than the host's.") @Nullable
        UserNamespace userNamespace,

        @JsonPropertyDescription("Whom it reaches. Not together with hostNetwork.") @Nullable
        Network network,

        @JsonPropertyDescription("What it may do.") @Nullable
        Security securityContext,

        @JsonPropertyDescription("Volumes by the names that volumeMounts use.") @Nullable
        List<ContainerVolume> volumes) {
    /// What shall be.
    public enum DesiredState {
        Running,
        Stopped,
        Paused
    }

    /// What becomes of `VOLUME` paths.
    public enum ImageVolumes {
        Persist,
        Ephemeral,
        Ignore
    }

    /// What becomes of a `HEALTHCHECK`.
    public enum ImageHealthcheck {
        Follow,
        Ignore
    }

    /// What a container may do, with what Kubernetes says for all containers of a pod.
    @Inlines(SecurityContext.class)
    @Inlines(
            value = PodSecurityContext.class,
            only = {"fsGroup", "fsGroupChangePolicy", "supplementalGroups", "supplementalGroupsPolicy", "sysctls"})
    public record Security() {}

    /// Somebody that has to be there first.
    public record Dependency(
            @JsonPropertyDescription("Kind of the object: Container.") @Nullable
            String kind,

            @JsonPropertyDescription("Name of the object, in the same namespace.") @Nullable
            String name,

            @JsonPropertyDescription(
                    "Started (its startup probe has succeeded), Ready (the default) or Complete (it has"
                            + " ended well).")
            @Nullable
            String condition) {}

    /// Whose users the container's are.
    ///
    /// @param mode see there
    /// @param size see there
    public record UserNamespace(
            @JsonPropertyDescription(
                    "Auto (root inside is nobody outside; not together with privileged or a namespace of"
                            + " the host), Fixed (as Auto, with the ids that hostID says) or Host (root inside is"
                            + " root outside). Default: Auto where it can be.")
            @Nullable
            Mode mode,

            @JsonPropertyDescription("With Fixed: what user 0 inside is on the host, and group 0. Not among 1073741824"
                    + " to 1879048191, which are for Auto.")
            @Nullable
            Integer hostID,

            @JsonPropertyDescription("How many users and groups there are inside; default 65536. An image that has"
                    + " larger ids needs more.")
            @Nullable
            Integer size) {
        /// As described.
        public enum Mode {
            Auto,
            Fixed,
            Host
        }
    }

    /// The network of a container.
    ///
    /// @param mode see there
    /// @param address see there
    public record Network(
            @JsonPropertyDescription("Bridge (the default: an address of its own, by which it reaches other containers"
                    + " and, with the host's address, everybody else) or None (a loopback interface and nothing"
                    + " else; no ports of the host lead to it, and probes have to be commands).")
            @Nullable
            Mode mode,

            @JsonPropertyDescription("With Bridge: the very address that it has, in the subnet of the bridge, for"
                    + " instance 10.88.1.5. It waits while another has it. Default: any.")
            @Nullable
            String address) {
        /// As described.
        public enum Mode {
            Bridge,
            None
        }
    }

    /// The writable layer of a container.
    public record StorageLayer(
            @JsonPropertyDescription("What it may hold; a container that exceeds it is ended (reason Evicted). Counted"
                    + " now and then, at the latest when the disk has lost as much.")
            @Nullable
            Quantity sizeLimit) {}

    /// What each process may use of one resource.
    ///
    /// @param name see there
    /// @param soft see there
    /// @param hard see there
    public record Ulimit(
            @JsonPropertyDescription("What is limited, for instance nofile, nproc or core.") @Nullable
            String name,

            @JsonPropertyDescription("The limit that a process begins with; -1 for none.") @Nullable
            Long soft,

            @JsonPropertyDescription("What a process may raise it to; -1 for any number. Default: as soft.") @Nullable
            Long hard) {}

    /// How a container is asked to end.
    public record Stop(
            @JsonPropertyDescription("Signal to send, by name or number; default: the image's, else SIGTERM.") @Nullable
            String signal,

            @JsonPropertyDescription("Seconds until SIGKILL; default 30.") @Nullable
            Long gracePeriodSeconds) {}
}
