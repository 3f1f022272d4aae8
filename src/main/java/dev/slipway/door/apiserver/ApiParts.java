package dev.slipway.door.apiserver;

import dev.slipway.desired.api.ObjectApi;
import dev.slipway.door.health.HealthCheck;
import dev.slipway.door.health.MetricSource;
import dev.slipway.door.health.ProblemSource;
import dev.slipway.door.health.SystemSpace;
import dev.slipway.door.logs.ContainerLogs;
import dev.slipway.door.pki.CredentialSource;
import dev.slipway.door.streams.ContainerFiles;
import dev.slipway.door.streams.ContainerSessions;
import dev.slipway.door.usage.UsageSource;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;

/// What the API server is built on.
///
/// @param objects every verb on every kind
/// @param credentials what TLS shows and accepts; asked at the start and twice a day, so that renewed ones are used
/// @param logs where containers' logs lie
/// @param sessions how to get at what runs in containers
/// @param files how to get at what lies in containers
/// @param usage what containers and the host use
/// @param exports whole images as files
/// @param space what takes disk space
/// @param problems rooms that know more than conditions tell
/// @param checks what has to work for this to be ready
/// @param metrics rooms that measure
/// @param workers runs one blocking task a request; virtual threads
/// @param version the engine's version, for instance `0.1.0`
public record ApiParts(
        ObjectApi objects,
        CredentialSource credentials,
        ContainerLogs logs,
        ContainerSessions sessions,
        ContainerFiles files,
        UsageSource usage,
        ImageExports exports,
        SystemSpace space,
        List<ProblemSource> problems,
        List<HealthCheck> checks,
        List<MetricSource> metrics,
        Executor workers,
        InstantSource clock,
        String version) {
    public ApiParts {
        problems = List.copyOf(problems);
        checks = List.copyOf(checks);
        metrics = List.copyOf(metrics);
    }
}
