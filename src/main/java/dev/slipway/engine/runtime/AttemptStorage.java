package dev.slipway.engine.runtime;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.Mount;
import dev.slipway.engine.launch.RootFilesystem;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.ProjectQuota;
import dev.slipway.engine.oci.ChainId;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.shim.ContainerRoot;
import dev.slipway.engine.snapshot.SnapshotKey;
import dev.slipway.engine.snapshot.Snapshots;
import dev.slipway.engine.snapshot.WritableLayer;
import dev.slipway.engine.volume.Counting;
import dev.slipway.engine.volume.ManagedVolumes;
import dev.slipway.engine.volume.PodVolumes;
import dev.slipway.engine.volume.TreeUsage;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Where containers write: their layers, and the volumes that their images declare.
///
/// A writable layer is `<uid>.<container>.<attempt>`, or `<uid>.<container>.kept` for one that all attempts share, so
/// that its name alone tells who it belongs to: it may be met after a reboot, when nothing else is known of its pod.
final class AttemptStorage {
    private static final Pattern KEY = Pattern.compile("([a-z0-9-]+)\\.([a-z0-9-]+)\\.(\\d{1,9}|kept)");
    private static final String KEPT = "kept";
    private static final Duration GATE_LIMIT = Duration.ofSeconds(10);

    /// The layer's own, `upper`, `work`, and that which overlayfs makes there.
    private static final int DIRECTORIES_OF_LAYER = 4;

    private final Snapshots snapshots;
    private final PodVolumes podVolumes;
    private final ManagedVolumes volumes;
    private final Path empty;

    /// Of kept layers that are written though no attempt runs.
    private final Map<ContainerName, Semaphore> gates = new ConcurrentHashMap<>();

    /// @param empty an empty directory
    AttemptStorage(HostRuntime.Rooms rooms, Path empty) {
        this.snapshots = rooms.snapshots();
        this.podVolumes = rooms.podVolumes();
        this.volumes = rooms.volumes();
        this.empty = empty;
    }

    /// What a container's file system is made of.
    ///
    /// @param lowers layer directories of its image, topmost first
    /// @param imageVolumes directories by the path at which the image declares them
    record Storage(
            List<Path> lowers,
            WritableLayer writable,
            RootFilesystem.Life life,
            Map<String, Path> imageVolumes,
            List<Mount> images) {
        Storage {
            images = List.copyOf(images);
            lowers = List.copyOf(lowers);
            imageVolumes = Map.copyOf(imageVolumes);
        }
    }

    /// Makes it, or the parts that are missing.
    ///
    /// @throws IllegalArgumentException when a volume that shall be used is not there
    Storage make(ContainerRequest request) throws IOException {
        SnapshotKey ofAttempt = key(request.container(), Integer.toString(request.attempt()));
        return switch (request.layer()) {
            case ContainerRequest.Layer.PerAttempt perAttempt -> {
                List<Path> lowers = snapshots.lowers(request.image().layers());
                WritableLayer own = snapshots.writable(ofAttempt);
                copyUp(request, lowers);
                yield new Storage(lowers, own, RootFilesystem.Life.RUN, anonymous(request, lowers), images(request));
            }
            case ContainerRequest.Layer.Kept(List<ContainerRequest.Layer.ImageVolume> managed) -> {
                awaitGate(request.container());
                List<Path> lowers = snapshots.lowers(request.image().layers());
                WritableLayer kept = snapshots.writable(key(request.container(), KEPT));
                copyUp(request, lowers);
                yield new Storage(
                        lowers, kept, RootFilesystem.Life.KEPT, managed(request, managed, lowers), images(request));
            }
            case ContainerRequest.Layer.OfStep step ->
                new Storage(step.lowers(), snapshots.writable(ofAttempt), RootFilesystem.Life.RUN, Map.of(), List.of());
        };
    }

    /// Where an attempt has written, while its layer is there.
    Optional<Path> written(ContainerName container, int attempt) {
        return snapshots.findWritable(key(container, Integer.toString(attempt))).map(WritableLayer::upper);
    }

    /// Where all attempts of a container write, while that layer is there.
    Optional<Path> kept(ContainerName container) {
        return snapshots.findWritable(key(container, KEPT)).map(WritableLayer::upper);
    }

    /// What a container that does not run would see as `/`, to be closed by the caller. One that is to be written
    /// cannot be started meanwhile: overlayfs does not bear a writable directory in two mounts.
    ///
    /// ```
    /// start   run is entered -> waits for the gate -> mounts
    /// copy    takes the gate -> no run is entered, or gives up -> mounts -> closes -> leaves the gate
    /// ```
    ///
    /// @param pod looked up behind the gate: before, it may be one that is entered only by the start
    ContainerRoot atRest(Supplier<Pod> pod, ContainerName container, ContainerRequest.AtRest how) throws IOException {
        WritableLayer kept = snapshots
                .findWritable(key(container, KEPT))
                .orElseThrow(() -> new IOException("look into %s: it has no layer that is kept".formatted(container)));
        List<Path> lowers = new ArrayList<>(snapshots.lowers(how.image()));
        if (lowers.isEmpty()) {
            lowers.add(empty);
        }
        if (!how.isToWrite()) {
            requireRest(pod.get(), container);
            lowers.addFirst(kept.upper());
            return root(Mounts.mergedLayers(lowers), how, () -> {});
        }
        Semaphore gate = gates.computeIfAbsent(container, each -> new Semaphore(1));
        if (!gate.tryAcquire()) {
            throw new IOException("write into %s: somebody else does".formatted(container));
        }
        boolean isOpen = false;
        try {
            requireRest(pod.get(), container);
            Fd root = Mounts.writableLayers(lowers, kept.upper(), kept.work());
            isOpen = true;
            AtomicBoolean isLeft = new AtomicBoolean();
            return root(root, how, () -> {
                if (isLeft.compareAndSet(false, true)) {
                    gate.release();
                }
            });
        } finally {
            if (!isOpen) {
                gate.release();
            }
        }
    }

    /// Owners are as the container counts them: only its own mounts of these directories are shifted.
    private static ContainerRoot root(Fd directory, ContainerRequest.AtRest how, Runnable release) {
        return new ContainerRoot(
                directory, Optional.empty(), Optional.of(new ContainerRoot.Rest(how.missing(), release)));
    }

    /// Also one that is being started does not rest.
    private static void requireRest(Pod pod, ContainerName container) throws IOException {
        for (Run run : pod.runs()) {
            if (run.container().equals(container) && (run.state().isEmpty() || run.isAlive())) {
                throw new IOException("look into %s: it has been started meanwhile".formatted(container));
            }
        }
    }

    private void awaitGate(ContainerName container) throws IOException {
        Semaphore gate = gates.get(container);
        try {
            if (gate != null && !gate.tryAcquire(GATE_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("files are being copied into it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while files were being copied into it");
        }
        if (gate != null) {
            gate.release();
        }
    }

    /// What a pod has written. The file system is asked, where it counts, about a pod in a user namespace of its
    /// own; others could have their files counted elsewhere.
    StorageUsage usage(Pod pod, RuntimeFiles files) throws IOException {
        Counting counting =
                pod.knownSandbox().flatMap(SandboxRecord::user).isPresent() ? Counting.FILE_SYSTEM : Counting.WALK;
        Map<String, StorageUsage.OfContainer> containers = new HashMap<>();
        List<Run> runs = pod.runs();
        for (ContainerName container :
                runs.stream().map(Run::container).distinct().toList()) {
            TreeUsage layer = layer(container, KEPT, counting);
            for (Run run : runs) {
                if (run.container().equals(container)) {
                    layer = layer.plus(layer(container, Integer.toString(run.number()), counting))
                            .plus(podVolumes.anonymousUsage(pod.uid(), owner(container, run.number()), counting));
                }
            }
            TreeUsage logs = TreeUsage.of(files.logs(container));
            containers.put(
                    container.name(),
                    new StorageUsage.OfContainer(StorageUsage.Amount.of(layer), StorageUsage.Amount.of(logs)));
        }
        Map<String, StorageUsage.Amount> volumes = new HashMap<>();
        podVolumes
                .emptyDirUsage(pod.uid(), counting)
                .forEach((name, usage) -> volumes.put(name, StorageUsage.Amount.of(usage)));
        return new StorageUsage(containers, volumes);
    }

    private TreeUsage layer(ContainerName container, String which, Counting counting) throws IOException {
        SnapshotKey key = key(container, which);
        if (counting == Counting.FILE_SYSTEM) {
            Optional<ProjectQuota.Usage> counted = snapshots.counted(key);
            if (counted.isPresent()) {
                return TreeUsage.counted(counted.get(), DIRECTORIES_OF_LAYER);
            }
        }
        Optional<WritableLayer> layer = snapshots.findWritable(key);
        return layer.isPresent() ? TreeUsage.of(layer.get().upper()) : TreeUsage.NOTHING;
    }

    /// Removes what belongs to one attempt alone.
    void remove(ContainerName container, int attempt) throws IOException {
        snapshots.removeWritable(key(container, Integer.toString(attempt)));
        podVolumes.removeAnonymous(container.pod(), owner(container, attempt));
    }

    /// Removes every layer of a pod, kept ones too.
    void remove(PodUid pod) throws IOException {
        gates.keySet().removeIf(container -> container.pod().equals(pod));
        removeLayers(owner -> owner.pod().equals(pod));
    }

    /// Removes every layer of pods that are not in `existing`.
    void retain(Set<PodUid> existing) throws IOException {
        removeLayers(owner -> !existing.contains(owner.pod()));
    }

    /// Removes the layers of attempts that are not in `known`; kept layers stay.
    void removeUnknown(Set<RuntimeFiles.AttemptFile> known) throws IOException {
        removeLayers(owner -> owner.attempt()
                .filter(attempt -> !known.contains(
                        new RuntimeFiles.AttemptFile(new ContainerName(owner.pod(), owner.container()), attempt)))
                .isPresent());
    }

    private void removeLayers(Predicate<Owner> unwanted) throws IOException {
        for (SnapshotKey key : snapshots.writables()) {
            if (owner(key).filter(unwanted).isPresent()) {
                snapshots.removeWritable(key);
            }
        }
    }

    private Map<String, Path> anonymous(ContainerRequest request, List<Path> lowers) throws IOException {
        Map<String, Path> directories = new HashMap<>();
        Set<Path> taken = request.mounts().stream()
                .map(mount -> Path.of(mount.mountPath()).normalize())
                .collect(Collectors.toSet());
        String owner = owner(request.container(), request.attempt());
        for (String declared : request.image().config().parameters().volumes()) {
            Path path = Path.of(declared).normalize();
            if (!path.isAbsolute() || path.getNameCount() == 0) {
                throw new IllegalArgumentException(
                        "image declares a volume at %s, which cannot be".formatted(declared));
            }
            if (!taken.contains(path)) {
                directories.put(
                        path.toString(),
                        podVolumes.anonymous(
                                request.container().pod(), owner, directories.size(), lowers, path.toString()));
            }
        }
        return directories;
    }

    private Map<String, Path> managed(
            ContainerRequest request, List<ContainerRequest.Layer.ImageVolume> imageVolumes, List<Path> lowers)
            throws IOException {
        List<DiffId> layers = request.image().layers();
        String image = layers.isEmpty() ? "scratch" : ChainId.of(layers).toString();
        Map<String, Path> directories = new HashMap<>();
        for (ContainerRequest.Layer.ImageVolume imageVolume : imageVolumes) {
            VolumeName name = requireThere(imageVolume.volume());
            volumes.copyUpOnce(name, image, lowers, imageVolume.path());
            directories.put(imageVolume.path(), volumes.find(name).orElseThrow());
        }
        return directories;
    }

    private List<Mount> images(ContainerRequest request) throws IOException {
        List<Mount> mounts = new ArrayList<>();
        for (ContainerRequest.ImageMount mount : request.images()) {
            List<Path> lowers = new ArrayList<>(snapshots.lowers(mount.image().layers()));
            // A single layer may have whiteouts, and overlayfs wants two; the empty one is no layer of anybody.
            lowers.add(empty);
            if (lowers.size() == 1 && !mount.subPath().isEmpty()) {
                throw new IOException(
                        "open in the image %s: no such file or directory, it has no layers".formatted(mount.subPath()));
            }
            mounts.add(
                    lowers.size() == 1
                            ? new Mount.Bind(empty, mount.mountPath(), Mount.Kind.DIRECTORY, Mount.Access.READ_ONLY)
                            : new Mount.Image(
                                    lowers, mount.subPath(), mount.mountPath(), kind(lowers, mount.subPath())));
        }
        return mounts;
    }

    /// What a path leads to inside the image, where its links lead as well. About what is not there any answer
    /// does: to open it fails, and says so.
    private static Mount.Kind kind(List<Path> lowers, String subPath) throws IOException {
        if (subPath.isEmpty()) {
            return Mount.Kind.DIRECTORY;
        }
        try (Fd root = Mounts.mergedLayers(lowers)) {
            return isDirectory(root, subPath) ? Mount.Kind.DIRECTORY : Mount.Kind.FILE;
        }
    }

    private static boolean isDirectory(Fd root, String path) throws LinuxException {
        try {
            new At().openDirectory(root, path.getBytes(StandardCharsets.UTF_8)).close();
            return true;
        } catch (LinuxException e) {
            return switch (e.errno()) {
                case ENOTDIR, ENOENT, ELOOP -> false;
                default -> throw e;
            };
        }
    }

    private void copyUp(ContainerRequest request, List<Path> lowers) throws IOException {
        for (ContainerRequest.CopyUp copyUp : request.copyUps()) {
            try {
                volumes.copyUp(requireThere(copyUp.volume()), copyUp.owners(), lowers, copyUp.path());
            } catch (IOException e) {
                throw new IOException(
                        "copy %s of the image to volume %s: %s"
                                .formatted(copyUp.path(), copyUp.volume(), e.getMessage()),
                        e);
            }
        }
    }

    private VolumeName requireThere(String volume) {
        VolumeName name = new VolumeName(volume);
        if (volumes.find(name).isEmpty()) {
            throw new IllegalArgumentException("volume %s is not there".formatted(name));
        }
        return name;
    }

    private static String owner(ContainerName container, int attempt) {
        return container.name() + "." + attempt;
    }

    private static SnapshotKey key(ContainerName container, String which) {
        return new SnapshotKey("%s.%s.%s".formatted(container.pod(), container.name(), which));
    }

    /// Empty for keys that others than the runtime use.
    static Optional<Owner> owner(SnapshotKey key) {
        Matcher matcher = KEY.matcher(key.value());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        Optional<Integer> attempt =
                Optional.of(matcher.group(3)).filter(last -> !last.equals(KEPT)).map(Integer::valueOf);
        return Optional.of(new Owner(new PodUid(matcher.group(1)), matcher.group(2), attempt));
    }

    /// Whose a writable layer is.
    ///
    /// @param attempt empty for a kept one
    record Owner(PodUid pod, String container, Optional<Integer> attempt) {}
}
