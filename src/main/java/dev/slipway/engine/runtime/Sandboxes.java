package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.cgroup.Cgroups;
import dev.slipway.engine.cgroup.Limits;
import dev.slipway.engine.cgroup.Placement;
import dev.slipway.engine.device.DeviceList;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.CgroupPlacement;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.launch.Mount.Kind;
import dev.slipway.engine.launch.UserNamespace;
import dev.slipway.engine.linux.HeldNamespace;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.network.NetworkAttachment;
import dev.slipway.engine.network.PodNetworks;
import dev.slipway.engine.shim.PidNamespaces;
import dev.slipway.engine.user.PodUsers;
import dev.slipway.engine.volume.HostPath;
import dev.slipway.engine.volume.HostPaths;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.NfsExport;
import dev.slipway.engine.volume.PodVolumes;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes what the containers of a pod share, and takes it away. Every part is made only where it is missing, so that
/// making a sandbox again is cheap and repairs it.
///
/// Thread-safe; calls for one pod come from one thread at a time.
final class Sandboxes {
    private static final long SHARED_MEMORY_BYTES = 64 << 20;
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    private static final String PAUSE = "pause";
    private static final Path HOST_SHARED_MEMORY = Path.of("/dev/shm");

    /// Something that the pod asks for is not there, or is something else: who provides it may do so later.
    static final class RefusedException extends IOException {
        private static final long serialVersionUID = 1L;

        RefusedException(@Nullable String message) {
            super(message);
        }
    }

    private final Records records;
    private final Cgroups cgroups;
    private final PodNetworks networks;
    private final PodVolumes podVolumes;
    private final ManagedVolumes volumes;
    private final PodUsers users;
    private final PidNamespaces processes;

    Sandboxes(Records records, HostRuntime.Rooms rooms, PodUsers users, PidNamespaces processes) {
        this.records = records;
        this.cgroups = rooms.cgroups();
        this.networks = rooms.networks();
        this.podVolumes = rooms.podVolumes();
        this.volumes = rooms.volumes();
        this.users = users;
        this.processes = processes;
    }

    /// @param known what there is of the pod already
    /// @throws IllegalArgumentException when the request asks for what cannot be; the message is for the user
    SandboxRecord ensure(SandboxRequest asked, Pod known) throws IOException, InterruptedException {
        PodUid pod = asked.uid();
        SandboxRecord before = known.knownSandbox().orElse(null);
        SandboxRequest request = before == null ? asked.requireHostname() : asked.under(before.hostname());
        Files.createDirectories(
                records.files().pod(pod).resolve("etc"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        // Volumes come first: what is wrong with them is found before anything else is made.
        Map<String, SandboxRecord.Source> sources = volumes(request, before);
        reachNetwork(known);
        Optional<UserNamespace> user = users(request, known);
        NetworkAttachment network = network(request);
        cgroups.create(CgroupName.of(pod), Limits.NONE);
        Reached reached = Reached.by(network);
        Optional<Path> netns = reached.netns();
        SandboxRequest.Ipc ipc = request.sharing().ipc();
        SandboxRecord after = new SandboxRecord(
                pod,
                request.namespace(),
                request.name(),
                request.hostname(),
                reached.address(),
                netns,
                ipc == SandboxRequest.Ipc.POD ? Optional.of(ipc(known)) : Optional.empty(),
                user,
                request.sharing().hostPid(),
                request.sharing().processes() ? Optional.of(processes(pod, netns, user)) : Optional.empty(),
                switch (ipc) {
                    case HOST -> Optional.of(HOST_SHARED_MEMORY);
                    case POD -> Optional.of(sharedMemory(pod));
                    case CONTAINER -> Optional.empty();
                },
                request.sysctls(),
                sources);
        writeEtc(request, reached.address(), before);
        if (!after.equals(before)) {
            records.write(after);
        }
        return after;
    }

    /// Takes away all of a pod in which no container runs.
    void remove(PodUid pod) throws IOException {
        processes.forget(firstProcess(pod), KILL_LIMIT);
        removeTransient(pod);
        removeDurable(pod);
    }

    /// Takes away all that ends with the host: network, namespaces, cgroup, records. No process is left in it.
    void removeTransient(PodUid pod) throws IOException {
        RuntimeFiles files = records.files();
        // Without this record, what a crash leaves of the rest is an orphan and removed at the next start.
        records.forget(pod);
        networks.detach(pod);
        cgroups.remove(CgroupName.of(pod));
        HeldNamespace.unpin(files.ipc(pod));
        PidNamespaces.unpin(files.pid(pod));
        users.remove(pod, files.pins(pod, false));
        while (Mounts.isMountPoint(files.sharedMemory(pod))) {
            Mounts.detach(files.sharedMemory(pod));
        }
        TreeRemoval.remove(files.pod(pod));
    }

    /// Takes away all that would outlive the host.
    void removeDurable(PodUid pod) throws IOException {
        podVolumes.remove(pod);
        TreeRemoval.remove(records.files().durablePod(pod));
    }

    /// Takes away what would outlive the host of every pod that is not in `existing`.
    void retain(Set<PodUid> existing) throws IOException {
        podVolumes.sweep(existing);
        Path all = records.files().durablePods();
        if (Files.isDirectory(all)) {
            List<Path> directories;
            try (Stream<Path> entries = Files.list(all)) {
                directories = entries.toList();
            }
            for (Path directory : directories) {
                if (!existing.contains(new PodUid(directory.getFileName().toString()))) {
                    TreeRemoval.remove(directory);
                }
            }
        }
    }

    /// Somebody may have taken the pin away. Without a process in it the namespace is gone, and another one is
    /// made.
    private void reachNetwork(Pod known) throws IOException {
        PodUid pod = known.uid();
        if (networks.isUnpinned(pod)) {
            OptionalInt inside = known.inside();
            if (inside.isPresent()) {
                networks.pin(pod, Path.of("/proc/%d/ns/net".formatted(inside.getAsInt())));
            } else {
                networks.detach(pod);
            }
        }
    }

    private NetworkAttachment network(SandboxRequest request) throws IOException {
        Path pin = records.files().pins(request.uid(), false).net();
        Optional<Path> made = PodUsers.isPinned(pin) ? Optional.of(pin) : Optional.empty();
        NetworkAttachment network =
                networks.attach(request.uid(), request.network().wanted(made));
        if (made.isPresent()) {
            PodUsers.unpin(pin);
        }
        return network;
    }

    /// How the pod is reached.
    ///
    /// @param address empty where it is not
    /// @param netns empty with the host's network
    private record Reached(String address, Optional<Path> netns) {
        static Reached by(NetworkAttachment network) {
            return switch (network) {
                case NetworkAttachment.Own own -> new Reached(own.address().toString(), Optional.of(own.netns()));
                case NetworkAttachment.Alone alone -> new Reached("", Optional.of(alone.netns()));
                case NetworkAttachment.Host host -> new Reached(host.address().toString(), Optional.empty());
            };
        }
    }

    /// Comes before the network, which belongs to it.
    private Optional<UserNamespace> users(SandboxRequest request, Pod pod) throws IOException, InterruptedException {
        if (!(request.sharing().users() instanceof SandboxRequest.Users.Own own)) {
            return Optional.empty();
        }
        boolean sharesIpc = request.sharing().ipc() == SandboxRequest.Ipc.POD;
        PodUsers.Pins pins = records.files().pins(request.uid(), sharesIpc);
        Optional<UserNamespace> known = pod.knownSandbox().flatMap(SandboxRecord::user);
        boolean ownsNetwork = request.network().link() == SandboxRequest.Link.HOST
                || networks.find(request.uid()).isPresent();
        if (known.isPresent() && ownsNetwork && PodUsers.isPinned(pins.user())) {
            return known;
        }
        if (pod.inside().isEmpty()) {
            // What a try before has left belongs to other users.
            networks.detach(request.uid());
        }
        boolean isUsual = request.network().link() == SandboxRequest.Link.BRIDGE
                && request.network().address().isEmpty();
        PodUsers.Networks prepared = isUsual ? PodUsers.Networks.PREPARED : PodUsers.Networks.EMPTY;
        return Optional.of(
                users.make(request.uid(), pins, new PodUsers.Wanted(own.firstHostId(), own.size(), prepared)));
    }

    /// The first process of the pid namespace that a pod's containers share.
    static ContainerId firstProcess(PodUid pod) {
        return new ContainerId(PAUSE + "." + pod);
    }

    boolean isAlive(ContainerId first) {
        return processes.isKnownToBeAlive(first);
    }

    /// Comes after the network and the users, which its first process joins.
    private Path processes(PodUid pod, Optional<Path> net, Optional<UserNamespace> user)
            throws IOException, InterruptedException {
        RuntimeFiles files = records.files();
        Path pin = files.pid(pod);
        ContainerId first = firstProcess(pod);
        if (!processes.isAlive(first) || !Mounts.isMountPoint(pin)) {
            CgroupName cgroup = CgroupName.of(pod, PAUSE);
            cgroups.kill(cgroup, KILL_LIMIT);
            processes.forget(first, KILL_LIMIT);
            // Whoever is born in a cgroup that was killed once may be killed as well: see Cgroups#kill.
            cgroups.remove(cgroup);
            Placement placement = cgroups.create(cgroup, Limits.NONE, DeviceList.STANDARD);
            processes.make(new PidNamespaces.Wanted(
                    first,
                    pin,
                    files.mountPoints(),
                    files.pod(pod).resolve(PAUSE + ".log"),
                    net,
                    user,
                    new CgroupPlacement(placement.unified(), placement.classic())));
        }
        return pin;
    }

    /// Takes note of what an earlier engine made.
    void adopt(SandboxRecord record) {
        users.adopt(record.uid(), record.user());
    }

    private Path ipc(Pod known) throws IOException {
        Path pin = records.files().ipc(known.uid());
        if (!Mounts.isMountPoint(pin)) {
            OptionalInt inside = known.inside();
            try (HeldNamespace namespace = inside.isPresent()
                    ? HeldNamespace.open(Path.of("/proc/%d/ns/ipc".formatted(inside.getAsInt())))
                    : users.ipcOfHost()) {
                namespace.pin(pin);
            }
        }
        return pin;
    }

    private Path sharedMemory(PodUid pod) throws IOException {
        Path directory = records.files().sharedMemory(pod);
        if (!Mounts.isMountPoint(directory)) {
            Files.createDirectories(directory);
            Mounts.sharedMemory(directory, SHARED_MEMORY_BYTES);
        }
        return directory;
    }

    /// In place, because running containers have these very files mounted; and only when they are missing or wrong,
    /// because a container may have added to them.
    private void writeEtc(SandboxRequest request, String address, @Nullable SandboxRecord before) throws IOException {
        RuntimeFiles files = records.files();
        Path last = files.etc(request.uid(), "resolv.conf");
        if (before != null && before.address().equals(address) && Files.exists(last)) {
            return;
        }
        EtcFiles.render(request, address, EtcFiles.Host.read()).write(file -> files.etc(request.uid(), file));
    }

    private Map<String, SandboxRecord.Source> volumes(SandboxRequest request, @Nullable SandboxRecord before)
            throws IOException {
        Map<String, SandboxRecord.Source> sources = new HashMap<>();
        for (Map.Entry<String, SandboxRequest.PodVolume> volume :
                request.volumes().entrySet()) {
            SandboxRecord.Source source = source(request, volume.getKey(), volume.getValue());
            sources.put(volume.getKey(), source);
            boolean isKnown = before != null && before.volumes().containsKey(volume.getKey());
            if (!isKnown && request.group().isPresent() && isGiven(volume.getValue())) {
                PodVolumes.give(source.path(), request.group().get());
            }
        }
        return sources;
    }

    /// Projections are given away as they are written, each time.
    private static boolean isGiven(SandboxRequest.PodVolume volume) {
        return switch (volume) {
            case SandboxRequest.PodVolume.EmptyDir emptyDir -> true;
            case SandboxRequest.PodVolume.HugePages hugePages -> true;
            case SandboxRequest.PodVolume.Managed managed -> !managed.readOnly();
            case SandboxRequest.PodVolume.HostPath hostPath -> false;
            case SandboxRequest.PodVolume.Nfs nfs -> false;
            case SandboxRequest.PodVolume.Projection projection -> false;
        };
    }

    private SandboxRecord.Source source(SandboxRequest request, String name, SandboxRequest.PodVolume volume)
            throws IOException {
        PodUid pod = request.uid();
        return switch (volume) {
            case SandboxRequest.PodVolume.EmptyDir(boolean memory, Optional<Long> sizeLimitBytes) ->
                directory(
                        memory
                                ? podVolumes.emptyDirInMemory(
                                        pod,
                                        name,
                                        sizeLimitBytes.map(OptionalLong::of).orElse(OptionalLong.empty()))
                                : podVolumes.emptyDir(pod, name));
            case SandboxRequest.PodVolume.HugePages(long pageSizeBytes, OptionalLong sizeLimitBytes) ->
                directory(podVolumes.emptyDirInHugePages(pod, name, pageSizeBytes, sizeLimitBytes));
            case SandboxRequest.PodVolume.HostPath(String path, String type) -> hostPath(path, type);
            case SandboxRequest.PodVolume.Nfs(String server, String path, boolean readOnly) ->
                directory(nfs(pod, name, new NfsExport(server, path, readOnly, List.of())));
            case SandboxRequest.PodVolume.Managed(String managed, boolean readOnly) ->
                directory(volume(new VolumeName(managed)));
            case SandboxRequest.PodVolume.Projection projection ->
                new SandboxRecord.Source(
                        podVolumes.project(
                                pod,
                                name,
                                projection.files(),
                                request.group()
                                        .map(group -> OptionalInt.of(group.gid()))
                                        .orElse(OptionalInt.empty())),
                        Kind.DIRECTORY,
                        true);
        };
    }

    private Path nfs(PodUid pod, String name, NfsExport export) throws RefusedException {
        try {
            return podVolumes.nfs(pod, name, export);
        } catch (IOException e) {
            throw new RefusedException(e.getMessage());
        }
    }

    private static SandboxRecord.Source hostPath(String path, String type) throws IOException {
        HostPath hostPath = new HostPath(Path.of(path), HostPath.Type.of(type));
        try {
            HostPaths.ensure(hostPath);
        } catch (IOException e) {
            throw new RefusedException(e.getMessage());
        }
        // As with Podman, who says that a path is a device gets one that works.
        Kind node = hostPath.type().isDevice() ? Kind.DEVICE : Kind.FILE;
        return new SandboxRecord.Source(
                hostPath.path(), Files.isDirectory(hostPath.path()) ? Kind.DIRECTORY : node, false);
    }

    private Path volume(VolumeName name) throws IOException, RefusedException {
        Optional<Path> managed = volumes.whole(name);
        return (managed.isPresent() ? managed : volumes.mounted().find(name))
                .orElseThrow(() -> new RefusedException("volume %s is not there".formatted(name)));
    }

    private static SandboxRecord.Source directory(Path path) {
        return new SandboxRecord.Source(path, Kind.DIRECTORY, false);
    }
}
