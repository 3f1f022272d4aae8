package dev.slipway.app;

import dev.slipway.actor.container.ContainerController;
import dev.slipway.actor.host.HostFacts;
import dev.slipway.actor.host.HostFactsReader;
import dev.slipway.actor.host.NodeController;
import dev.slipway.actor.host.NodeSettings;
import dev.slipway.actor.image.ImageActor;
import dev.slipway.actor.pod.PodActor;
import dev.slipway.actor.probe.Care;
import dev.slipway.actor.probe.HostChecks;
import dev.slipway.actor.registry.RegistryServers;
import dev.slipway.actor.resolve.Host;
import dev.slipway.actor.space.SpacePruning;
import dev.slipway.actor.space.SpaceSurvey;
import dev.slipway.actor.storage.StorageWatch;
import dev.slipway.actor.volume.ClaimController;
import dev.slipway.actor.volume.PersistentVolumeController;
import dev.slipway.actor.volume.SnapshotController;
import dev.slipway.actor.volume.VolumeController;
import dev.slipway.actor.volume.VolumeParts;
import dev.slipway.actor.workload.DeploymentController;
import dev.slipway.actor.workload.ReplicaSetController;
import dev.slipway.app.settings.EngineSettings;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.Controller;
import dev.slipway.desired.reconcile.Controllers;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.network.PodNetworks;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// Everything that knows both columns: one controller for each kind, and the one loop that runs them.
final class Actors implements AutoCloseable {
    private final ImageActor images;
    private final Care care;
    private final StorageWatch storage;
    private final PodActor pods;
    private final PodNetworks networks;
    private final NodeController node;
    private final Controllers controllers;
    private final HostSpace space;

    Actors(
            EngineSettings settings,
            DesiredColumn desired,
            EngineColumn engine,
            RegistryServers servers,
            Schedule schedule)
            throws IOException {
        InstantSource clock = schedule.clock();
        HostFactsReader reader = new HostFactsReader(Path.of("/"), settings.root());
        HostFacts facts = reader.read();
        String nodeName = HostFacts.nodeName(facts.name());
        this.images = new ImageActor(
                new ImageActor.Parts(
                        desired.objects(),
                        desired.recorder(),
                        schedule,
                        engine.images(),
                        engine.pusher(),
                        engine.builder(),
                        engine.archives(),
                        engine.registry(),
                        engine.repositories(),
                        servers,
                        new ImageActor.Collection(
                                settings.imageCollection(),
                                () -> disk(settings.root()),
                                ImageActor.Collection.USUAL_INTERVAL)),
                this::touch);
        this.care = Care.of(
                new HostChecks(engine.runtime(), EngineVersion.KUBERNETES, schedule.workers()),
                engine.runtime(),
                desired.recorder(),
                schedule,
                new SecureRandom());
        this.storage = new StorageWatch(engine.runtime(), schedule, StorageWatch.Pace.STANDARD);
        this.networks = engine.networks();
        this.pods = new PodActor(
                new PodActor.Parts(
                        engine.runtime(), images.podImages(), desired.objects(), care, storage, desired.recorder()),
                host(nodeName, facts),
                schedule);
        this.node = new NodeController(
                desired.objects(),
                () -> reader.read()
                        .having(inodes(settings.root()))
                        .with(engine.upkeep().networkFault()),
                new NodeSettings(
                        nodeName,
                        EngineVersion.CURRENT,
                        EngineVersion.KUBERNETES,
                        engine.cgroups().missingDeviceControl()),
                desired.recorder(),
                clock);
        List<Controller> all = new ArrayList<>(images.controllers());
        all.add(pods.controller());
        all.add(new ContainerController(
                desired.objects(), pods.facts(), images.podImages(), desired.recorder(), clock));
        all.add(new ReplicaSetController(desired.objects(), desired.recorder(), clock));
        all.add(new DeploymentController(desired.objects(), desired.recorder(), clock));
        all.add(new ClaimController(desired.objects(), desired.recorder(), nodeName));
        all.add(new PersistentVolumeController(desired.objects(), desired.recorder()));
        VolumeParts volumes = new VolumeParts(
                desired.objects(),
                engine.volumes(),
                engine.volumeSnapshots(),
                images.podImages(),
                image -> engine.snapshots().lowers(image.layers()),
                (isUser, work) -> engine.runtime().whileFrozen(pod -> isUser.test(pod.value()), work::run),
                desired.recorder(),
                clock,
                schedule.steady());
        all.add(new VolumeController(volumes));
        all.add(new SnapshotController(volumes));
        all.add(node);
        this.space = space(settings, desired, engine);
        this.controllers = new Controllers(desired.store(), schedule, all);
    }

    private static FileSystemSpace disk(Path root) throws IOException {
        HostFacts.Inodes inodes = inodes(root);
        return FileSystemSpace.of(root).with(new FileSystemSpace.Inodes(inodes.all(), inodes.free()));
    }

    private static HostFacts.Inodes inodes(Path root) throws IOException {
        Mounts.Inodes inodes = Mounts.inodes(root);
        return new HostFacts.Inodes(inodes.all(), inodes.free());
    }

    private HostSpace space(EngineSettings settings, DesiredColumn desired, EngineColumn engine) {
        SpaceSurvey.Rooms rooms = new SpaceSurvey.Rooms(
                desired.store(),
                engine.images(),
                engine.content(),
                engine.snapshots(),
                engine.repositories(),
                engine.builder(),
                engine.volumes(),
                engine.volumeSnapshots());
        return new HostSpace(
                new SpaceSurvey(rooms, images.collector(), settings.root()),
                new SpacePruning(desired.objects(), images.collector(), images.leftovers(), images.repositories()),
                images.collector());
    }

    /// What takes space on this host.
    HostSpace space() {
        return space;
    }

    private static Host host(String name, HostFacts facts) {
        HostFacts.Resources has = facts.resources();
        return new Host(name, facts.address(), has.cpus() * 1000L, has.memoryBytes(), has.diskBytes());
    }

    /// Finds what an earlier engine left, then gives every object a round.
    void start() throws IOException {
        networks.reserve(pods.addresses());
        try {
            pods.start(this::touch);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while looking for what runs");
        }
        controllers.start();
        images.start();
        touchNode();
    }

    /// Has this host looked at.
    void touchNode() {
        touch(node.key());
    }

    private void touch(ObjectKey key) {
        controllers.touch(key);
    }

    @Override
    public void close() {
        controllers.close();
        storage.close();
        care.close();
        images.close();
    }
}
