package dev.slipway.engine.dockerfile;

import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.oci.Healthcheck;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What one instruction changes of the run parameters, as it is being read.
final class Change {
    Map<String, String> env = Map.of();
    Map<String, String> labels = Map.of();
    Set<String> volumes = Set.of();
    Set<String> ports = Set.of();

    @Nullable
    String user;

    @Nullable
    String workingDir;

    @Nullable
    String stopSignal;

    @Nullable
    List<String> entrypoint;

    @Nullable
    List<String> cmd;

    @Nullable
    List<String> shell;

    @Nullable
    Healthcheck healthcheck;

    BuildStep.Configure step() {
        return new BuildStep.Configure(
                env, user, workingDir, entrypoint, cmd, volumes, ports, labels, stopSignal, healthcheck, shell);
    }
}
