package dev.slipway.app;

import dev.slipway.app.settings.EngineSettings;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.door.apiserver.ApiParts;
import dev.slipway.door.apiserver.ApiServer;
import dev.slipway.door.apiserver.ApiSettings;
import dev.slipway.door.apiserver.ImageExports;
import dev.slipway.door.gitops.ApiApplier;
import dev.slipway.door.gitops.Applier;
import dev.slipway.door.gitops.GitOps;
import dev.slipway.door.gitops.GitOpsParts;
import dev.slipway.door.gitops.StockManifests;
import dev.slipway.door.health.HealthCheck;
import dev.slipway.door.health.MetricSource;
import dev.slipway.door.health.ProblemSource;
import dev.slipway.door.health.SystemSpace;
import dev.slipway.door.logs.ContainerLogs;
import dev.slipway.door.pki.Pki;
import dev.slipway.door.pki.PkiSettings;
import dev.slipway.door.streams.ContainerFiles;
import dev.slipway.door.streams.ContainerSessions;
import dev.slipway.door.usage.UsageSource;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// How wishes come in and answers go out: the API, and the watched directories.
record Doors(ApiServer api, GitOps gitops, Applier applier, Path stock) implements AutoCloseable {
    /// What the doors show of the rooms behind them.
    record Windows(
            ContainerLogs logs,
            ContainerSessions sessions,
            ContainerFiles files,
            UsageSource usage,
            ImageExports exports,
            SystemSpace space,
            List<ProblemSource> problems,
            List<MetricSource> metrics) {}

    static Doors of(EngineSettings settings, DesiredColumn desired, Windows windows, Schedule schedule) {
        Applier applier = new ApiApplier(desired.objects());
        GitOps gitops = new GitOps(
                settings.manifests(), new GitOpsParts(desired.store(), applier, desired.recorder(), schedule));
        Pki pki = new Pki(
                new PkiSettings(
                        settings.root().resolve("pki"),
                        settings.root().resolve("kubeconfig"),
                        settings.serverUrl(),
                        settings.listener()
                                .map(address -> List.of(address.getHostString()))
                                .orElse(List.of())),
                schedule.clock());
        ApiParts parts = new ApiParts(
                desired.objects(),
                pki::current,
                windows.logs(),
                windows.sessions(),
                windows.files(),
                windows.usage(),
                windows.exports(),
                windows.space(),
                windows.problems(),
                List.of(new HealthCheck("object-store", desired.check()::trouble)),
                windows.metrics(),
                schedule.workers(),
                schedule.clock(),
                EngineVersion.CURRENT);
        ApiSettings listeners = ApiSettings.of(settings.run().resolve("slipway.sock"), settings.listener());
        return new Doors(new ApiServer(listeners, parts), gitops, applier, settings.stock());
    }

    void start(Vertx vertx) throws IOException {
        StockManifests.apply(stock, applier);
        api.start(vertx);
        gitops.start();
    }

    @Override
    public void close() throws IOException {
        gitops.close();
        api.close();
    }
}
