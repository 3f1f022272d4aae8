package dev.slipway.engine.volume;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.ProjectQuota;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.quota.CountedTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Volumes that live as long as their pod: empty directories, projections, directories of servers.
///
/// Life: [#open] once; [#emptyDir] and [#project] make a volume, or find it as it is, also after a restart of the
/// engine; [#anonymous] makes what an image declares; [#remove] ends all volumes of a pod; [#sweep] those of pods that
/// nobody owns.
///
/// Thread-safe; calls for one pod come from one thread at a time.
///
/// ```
/// <disk>/<uid>/<volume>               empty directory
/// <disk>/<uid>/.of-<owner>/<number>   anonymous volume
/// <memory>/<uid>/<volume>             projection, or a file system of its own for an empty directory in memory
/// <memory>-of-servers/<uid>.<volume>  a directory of an NFS server
/// ```
public final class PodVolumes {
    private static final Pattern LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private final Path disk;
    private final Path memory;
    private final CountedTrees counted;
    private final MountedVolumes servers;

    /// @param disk directory for empty directories on disk, for instance `/var/lib/slipway/volumes/.pods`
    /// @param memory directory for what must stay in memory, for instance `/run/slipway/volumes`; if its file
    ///     system is none of memory, one is mounted there
    public PodVolumes(Path disk, Path memory) {
        this(disk, memory, Mounts::nfs);
    }

    PodVolumes(Path disk, Path memory, NfsExport.Mounter nfs) {
        this.servers = new MountedVolumes(memory.resolveSibling(memory.getFileName() + "-of-servers"), nfs);
        this.disk = disk;
        this.memory = memory;
        this.counted = new CountedTrees(disk, new SecureRandom());
    }

    public void open() throws IOException {
        for (Path directory : List.of(disk, memory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        if (!Files.getFileStore(memory).type().equals("tmpfs")) {
            mountMemory();
        }
    }

    /// A directory on disk that anybody may write to.
    ///
    /// @param volume the pod's name for it, a DNS label
    public Path emptyDir(PodUid pod, String volume) throws IOException {
        Path directory = at(disk, pod, volume);
        boolean isNew = begin(directory);
        return isNew ? openToAll(directory) : directory;
    }

    /// @return false if it is there
    private boolean begin(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return false;
        }
        Files.createDirectories(directory);
        counted.begin(directory);
        return true;
    }

    /// The same in memory, at most `sizeLimitBytes`, else half of the machine's.
    public Path emptyDirInMemory(PodUid pod, String volume, OptionalLong sizeLimitBytes) throws IOException {
        Path directory = inMemory(at(memory, pod, volume));
        if (!Mounts.isMountPoint(directory)) {
            String size = sizeLimitBytes.isPresent() ? ",size=" + sizeLimitBytes.getAsLong() : "";
            Mounts.tmpfs(directory, "mode=0777" + size);
        }
        return directory;
    }

    /// The same in huge pages, at most `sizeLimitBytes`.
    public Path emptyDirInHugePages(PodUid pod, String volume, long pageSizeBytes, OptionalLong sizeLimitBytes)
            throws IOException {
        Path directory = inMemory(at(memory, pod, volume));
        if (!Mounts.isMountPoint(directory)) {
            String size = sizeLimitBytes.isPresent() ? ",size=" + sizeLimitBytes.getAsLong() : "";
            Mounts.hugePages(directory, "mode=0777,pagesize=" + pageSizeBytes + size);
        }
        return directory;
    }

    /// A directory of an NFS server, mounted until the pod's volumes are removed.
    ///
    /// @throws IOException also when nobody answers there, or the kernel has no client
    public Path nfs(PodUid pod, String volume, NfsExport export) throws IOException {
        return servers.nfs(server(pod, volume), export);
    }

    private static VolumeName server(PodUid pod, String volume) {
        return VolumeName.of(pod.value(), volume);
    }

    /// Files in memory that are replaced together: a reader that opens a file through the directory sees all of the
    /// old or all of the new ones. What did not change is not written.
    ///
    /// @param files by their relative path
    /// @throws IllegalArgumentException when a path leaves the directory or begins with `..`
    public Path project(PodUid pod, String volume, Map<String, ProjectedFile> files) throws IOException {
        return project(pod, volume, files, OptionalInt.empty());
    }

    /// @param group that can read the files whatever their modes say
    public Path project(PodUid pod, String volume, Map<String, ProjectedFile> files, OptionalInt group)
            throws IOException {
        Path directory = at(memory, pod, volume);
        new Projection(directory, group).write(files, UUID.randomUUID().toString());
        return directory;
    }

    /// Gives what [#emptyDir] or [#emptyDirInMemory] made, or a managed volume, to a group of processes, with all
    /// that is in it. Containers may write there meanwhile.
    ///
    /// Whose the files of an NFS server are is the server's to say: they stay as they are, as in Kubernetes.
    public static void give(Path volume, VolumeGroup group) throws IOException {
        if (!Files.getFileStore(volume).type().startsWith("nfs")) {
            GroupOwnership.give(volume, group);
        }
    }

    /// A directory on disk for one run of a container, filled with what its image has at `path`; one that exists
    /// stays as it is.
    ///
    /// @param owner who it is for, a plain file name: [#removeAnonymous] takes all of one owner together
    /// @param number tells the volumes of one owner apart
    /// @param lowers the image's layer directories, topmost first
    public Path anonymous(PodUid pod, String owner, int number, List<Path> lowers, String path) throws IOException {
        Path all = anonymous(pod, owner);
        Path volume = all.resolve(Integer.toString(number));
        begin(all);
        if (!Files.isDirectory(volume)) {
            Path empty = Files.createDirectories(all.resolve("empty"));
            Files.createDirectory(volume);
            Files.setPosixFilePermissions(volume, PosixFilePermissions.fromString("rwxr-xr-x"));
            new ImageContent(lowers, empty).copy(path, volume);
        }
        return volume;
    }

    /// What the anonymous volumes of one owner take on the disk.
    ///
    /// @param counting see [#emptyDirUsage]
    public TreeUsage anonymousUsage(PodUid pod, String owner, Counting counting) throws IOException {
        return usage(anonymous(pod, owner), counting);
    }

    private TreeUsage usage(Path tree, Counting counting) throws IOException {
        Optional<ProjectQuota.Usage> told = counting == Counting.FILE_SYSTEM ? counted.usage(tree) : Optional.empty();
        return told.isPresent() ? TreeUsage.counted(told.get(), 1) : TreeUsage.of(tree);
    }

    /// What each empty directory of a pod takes on the disk. Those in memory are bounded by their file systems.
    ///
    /// @param counting by the file system, where it can, if the pod's processes are in a user namespace of their
    ///     own; others could leave their project
    public Map<String, TreeUsage> emptyDirUsage(PodUid pod, Counting counting) throws IOException {
        Map<String, TreeUsage> usage = new HashMap<>();
        for (Path volume : directories(disk.resolve(pod.value()))) {
            String name = volume.getFileName().toString();
            if (!name.startsWith(".")) {
                usage.put(name, usage(volume, counting));
            }
        }
        return usage;
    }

    /// Removes the anonymous volumes of one owner; nothing happens if there are none.
    public void removeAnonymous(PodUid pod, String owner) throws IOException {
        TreeRemoval.remove(anonymous(pod, owner));
    }

    /// The directory of a volume that was made.
    public Optional<Path> find(PodUid pod, String volume) {
        return Stream.of(at(disk, pod, volume), at(memory, pod, volume))
                .filter(Files::isDirectory)
                .findFirst();
    }

    /// Removes all volumes of a pod; nothing happens if it has none.
    public void remove(PodUid pod) throws IOException {
        detachServers(name -> name.value().startsWith(pod.value() + "."));
        Path inMemory = memory.resolve(pod.value());
        for (Path volume : directories(inMemory)) {
            while (Mounts.isMountPoint(volume)) {
                Mounts.detach(volume);
            }
        }
        TreeRemoval.remove(inMemory);
        TreeRemoval.remove(disk.resolve(pod.value()));
    }

    private void detachServers(Predicate<VolumeName> unwanted) throws IOException {
        for (VolumeName name : servers.list()) {
            if (unwanted.test(name)) {
                servers.detach(name);
            }
        }
    }

    /// Removes the volumes of pods that are not in `owned`.
    public void sweep(Set<PodUid> owned) throws IOException {
        detachServers(name -> owned.stream().noneMatch(pod -> name.value().startsWith(pod.value() + ".")));
        for (Path root : List.of(memory, disk)) {
            for (Path directory : directories(root)) {
                PodUid pod = new PodUid(directory.getFileName().toString());
                if (!owned.contains(pod)) {
                    remove(pod);
                }
            }
        }
    }

    /// Removes everything, also the file system of memory that [#open] may have mounted.
    public void dismantle() throws IOException {
        sweep(Set.of());
        servers.dismantle();
        while (Mounts.isMountPoint(memory)) {
            Mounts.detach(memory);
        }
        TreeRemoval.remove(memory);
        TreeRemoval.remove(disk);
    }

    /// What is secret must not reach a swap device; kernels before 6.4 do not know the option.
    private void mountMemory() throws IOException {
        try {
            Mounts.tmpfs(memory, "mode=0700,noswap");
        } catch (LinuxException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            Mounts.tmpfs(memory, "mode=0700");
        }
    }

    private static Path at(Path root, PodUid pod, String volume) {
        if (!LABEL.matcher(volume).matches()) {
            throw new IllegalArgumentException("volume name is not a DNS label: " + volume);
        }
        return root.resolve(pod.value()).resolve(volume);
    }

    /// No label begins with a dot, so no volume of the pod has this name.
    private Path anonymous(PodUid pod, String owner) {
        if (owner.isEmpty() || owner.contains("/")) {
            throw new IllegalArgumentException("owner of volumes is not a plain name: " + owner);
        }
        return disk.resolve(pod.value()).resolve(".of-" + owner);
    }

    private static Path inMemory(Path directory) throws IOException {
        return Files.isDirectory(directory) ? directory : openToAll(Files.createDirectories(directory));
    }

    private static Path openToAll(Path directory) throws IOException {
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static List<Path> directories(Path parent) throws IOException {
        if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(parent)) {
            return new ArrayList<>(entries.filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
                    .toList());
        }
    }
}
