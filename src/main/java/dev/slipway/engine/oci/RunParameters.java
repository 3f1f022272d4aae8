package dev.slipway.engine.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What an image says about running it. Empty text, lists and sets mean that it does not say. Written by strangers:
/// a value may be nonsense, and whoever uses one checks it.
///
/// @param env `NAME=value`, in order
/// @param user `uid`, `name`, `uid:gid` or `name:group`
/// @param volumes paths that want to be volumes
/// @param exposedPorts `80/tcp`, `53/udp` or `80`
/// @param shell what runs a line of text
/// @spec https://github.com/opencontainers/image-spec/blob/main/config.md#properties OCI Image Spec: Properties
public record RunParameters(
        List<String> env,
        List<String> entrypoint,
        List<String> cmd,
        String workingDir,
        String user,
        Set<String> volumes,
        String stopSignal,
        Set<String> exposedPorts,
        Map<String, String> labels,
        @Nullable Healthcheck healthcheck,
        List<String> shell) {
    public static final RunParameters EMPTY = new RunParameters(
            List.of(), List.of(), List.of(), "", "", Set.of(), "", Set.of(), Map.of(), null, List.of());

    public RunParameters {
        env = List.copyOf(env);
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        volumes = Collections.unmodifiableSet(new TreeSet<>(volumes));
        exposedPorts = Collections.unmodifiableSet(new TreeSet<>(exposedPorts));
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
        shell = List.copyOf(shell);
    }
}
