package dev.slipway.app;

import dev.slipway.app.settings.EngineSettings;
import dev.slipway.engine.archive.ImageArchives;
import dev.slipway.engine.build.ImageBuilder;
import dev.slipway.engine.cgroup.Cgroups;
import dev.slipway.engine.cgroup.Hierarchies;
import dev.slipway.engine.cgroup.HostPids;
import dev.slipway.engine.content.DirectoryContentStore;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.DiskLayerTrees;
import dev.slipway.engine.image.HostImages;
import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.network.NetworkSettings;
import dev.slipway.engine.network.PodNetworks;
import dev.slipway.engine.registry.Patience;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.repository.Repositories;
import dev.slipway.engine.runtime.HostRuntime;
import dev.slipway.engine.runtime.RuntimeFiles;
import dev.slipway.engine.snapshot.Snapshots;
import dev.slipway.engine.stock.Stock;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.PodVolumes;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// What runs: images, volumes, and the containers on this host's kernel.
record EngineColumn(
        DirectoryContentStore content,
        Repositories repositories,
        Snapshots snapshots,
        RegistryClient registry,
        HostImages images,
        ImagePusher pusher,
        ManagedVolumes volumes,
        ManagedVolumes volumeSnapshots,
        PodVolumes podVolumes,
        PodNetworks networks,
        Cgroups cgroups,
        HostRuntime runtime,
        ImageBuilder builder,
        ImageArchives archives,
        Upkeep upkeep)
        implements AutoCloseable {
    private static final int READY_NAMESPACES = 2;

    /// Layers that were unpacked within it are synced together, after the pull.
    private static final Duration SYNC_DELAY = Duration.ofSeconds(3);

    static EngineColumn open(EngineSettings settings, Threads threads) throws IOException {
        Path root = settings.root();
        InstantSource clock = threads.schedule().clock();
        DirectoryContentStore content = new DirectoryContentStore(root.resolve("content"), clock);
        content.start();
        Repositories repositories = new Repositories(root.resolve("repositories"), content, clock, threads.steady());
        repositories.start();
        Snapshots snapshots = new Snapshots(
                root.resolve("snapshots"),
                CompletableFuture.delayedExecutor(SYNC_DELAY.toMillis(), TimeUnit.MILLISECONDS, threads.computing()));
        snapshots.open();
        RegistryClient registry = new RegistryClient(
                RegistrySettings.STANDARD, Patience.STANDARD, settings.images().documents());
        DiskLayerTrees trees = new DiskLayerTrees(snapshots, settings.images().layers(), threads.computing());
        HostImages.Stores stores = new HostImages.Stores(content, trees, repositories);
        HostImages images = images(root, stores, registry, threads);
        images.start();
        ManagedVolumes volumes = new ManagedVolumes(root.resolve("volumes"));
        volumes.open();
        ManagedVolumes volumeSnapshots = new ManagedVolumes(root.resolve("volumes/.snapshots"));
        volumeSnapshots.open();
        PodNetworks networks = new PodNetworks(network(settings), Stock.later(threads.blocking()));
        networks.open();
        PodVolumes podVolumes = podVolumes(settings);
        Hierarchies hierarchies = Hierarchies.detect();
        Cgroups cgroups = cgroups(hierarchies, settings);
        HostRuntime runtime = new HostRuntime(
                new RuntimeFiles(root, settings.run(), settings.logs()),
                new HostRuntime.Rooms(snapshots, podVolumes, volumes, networks, cgroups),
                clock,
                new SecureRandom(),
                new HostRuntime.Workers(threads.blocking(), Stock.later(threads.blocking())));
        runtime.open();
        return new EngineColumn(
                content,
                repositories,
                snapshots,
                registry,
                images,
                new ImagePusher(new ImagePusher.Sources(images, content, repositories), registry, threads.blocking()),
                volumes,
                volumeSnapshots,
                podVolumes,
                networks,
                cgroups,
                runtime,
                new ImageBuilder(
                        root.resolve("builds"),
                        new ImageBuilder.Rooms(
                                images,
                                content,
                                snapshots,
                                runtime,
                                settings.images().layers(),
                                new ImageBuilder.Bounds(hierarchies.usualWorkMemory(), hierarchies.countsProcesses())),
                        clock,
                        () -> new PodUid(UUID.randomUUID().toString())),
                new ImageArchives(new ImageArchives.Rooms(images, content, trees, snapshots), settings.images()),
                new Upkeep(networks, settings.bridge(), threads.steady()));
    }

    private static HostImages images(Path root, HostImages.Stores stores, RegistryClient registry, Threads threads) {
        return new HostImages(root.resolve("content/index.json"), stores, registry, threads.computing());
    }

    private static NetworkSettings network(EngineSettings settings) {
        return new NetworkSettings(
                settings.run().resolve("network"),
                settings.root().resolve("network/subnet"),
                settings.bridge(),
                settings.subnet(),
                READY_NAMESPACES);
    }

    private static PodVolumes podVolumes(EngineSettings settings) throws IOException {
        PodVolumes volumes = new PodVolumes(
                settings.root().resolve("volumes/.pods"), settings.run().resolve("volumes"));
        volumes.open();
        return volumes;
    }

    private static Cgroups cgroups(Hierarchies hierarchies, EngineSettings settings) throws IOException {
        OptionalLong configured = settings.containerPids();
        long pids = configured.isPresent() ? configured.getAsLong() : HostPids.usualLimit();
        Cgroups cgroups =
                new Cgroups(hierarchies, settings.cgroup(), pids == 0 ? OptionalLong.empty() : OptionalLong.of(pids));
        cgroups.open();
        return cgroups;
    }

    /// Ends every container and takes all that is this engine's off the host, as a power cut would; what is durable
    /// stays. Nothing else is called afterwards but [#close].
    void dismantle() throws IOException {
        runtime.recover();
        cgroups.dismantle();
        podVolumes.dismantle();
        volumes.mounted().dismantle();
        networks.dismantle();
    }

    @Override
    public void close() throws IOException {
        upkeep.close();
        runtime.close();
        networks.close();
        cgroups.close();
        registry.close();
    }
}
