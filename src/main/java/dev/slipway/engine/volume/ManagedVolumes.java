package dev.slipway.engine.volume;

import dev.slipway.disk.AtomicFile;
import dev.slipway.engine.linux.At;
import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Data that outlives containers: one directory a volume.
///
/// Life: [#open] once; [#ensure] makes an empty volume, or finds it, and [#populate] a full one; containers mount its
/// directory; [#delete] ends it. Nothing else removes data.
///
/// Volumes that are mounts ([MountedVolumes]) have their place beside them and are no data of this class.
///
/// A snapshot of a volume is kept in the same way, in another directory: it is a volume that nobody mounts.
///
/// Thread-safe; one volume is made or deleted by one thread at a time.
///
/// ```
/// <directory>/<name>           a volume, whole
/// <directory>/.making-<name>   one that is being made or filled
/// <directory>/.moving-<name>   what goes into one, see [CopyUp]
/// <directory>/.gone-<name>     one that is being removed
/// <directory>/.filled          which image those have that begin with what one has
/// <directory>/.empty           an empty directory
/// <directory>/.notes           what their maker notes of them
/// <directory>/.projects        which project each is, where the file system has project quotas
/// <directory>/.<others>        of others
/// ```
public final class ManagedVolumes {
    private static final Logger LOG = Logger.getLogger(ManagedVolumes.class);
    private static final String MAKING = ".making-";
    private static final String GONE = ".gone-";
    private static final byte[] SELF = {'.'};

    private final Path directory;
    private final MountedVolumes mounted;
    private final VolumeNotes notes;
    private final VolumeQuotas quotas;
    private final VolumeReaders readers = new VolumeReaders();
    private final CopyUp fills;

    /// @param directory of all managed volumes, for instance `/var/lib/slipway/volumes`; only this room uses it
    public ManagedVolumes(Path directory) {
        this(directory, Mounts::nfs);
    }

    ManagedVolumes(Path directory, NfsExport.Mounter nfs) {
        this.directory = directory;
        this.mounted = new MountedVolumes(directory.resolve(".mounted"), nfs);
        this.notes = new VolumeNotes(directory.resolve(".notes"));
        this.quotas = new VolumeQuotas(directory, new SecureRandom());
        this.fills = new CopyUp(directory, quotas, readers);
    }

    /// Those that are a file system each.
    public MountedVolumes mounted() {
        return mounted;
    }

    /// What is noted of all of them, those that are mounted too.
    public VolumeNotes notes() {
        return notes;
    }

    /// Makes the directory, and removes what was being made or removed when an earlier engine ended.
    public void open() throws IOException {
        // Containers reach a volume by its mount. Users of the host must not get through: a container's root can leave
        // a set-uid program of root in its volume.
        Files.createDirectories(directory.resolve(".empty"));
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
        for (Path entry : entries()) {
            String name = entry.getFileName().toString();
            if (name.startsWith(MAKING) || name.startsWith(GONE)) {
                TreeRemoval.remove(entry);
            }
        }
        notes.open();
        fills.open();
        quotas.adopt(list());
        for (Path entry : entries()) {
            Optional<VolumeName> volume = CopyUp.destination(entry.getFileName().toString());
            if (volume.isPresent()) {
                resume(volume.get());
            }
        }
    }

    /// One that resists is tried again when it is to be mounted.
    private void resume(VolumeName name) {
        try {
            if (whole(name).isEmpty()) {
                fills.forget(name);
            }
        } catch (IOException e) {
            LOG.warnf("volume is half filled volume=%s: %s", name, e.getMessage());
        }
    }

    /// The directory of a volume; made if it is not there.
    ///
    /// @param ownership of a root that is made; one that exists keeps its own
    public Path ensure(VolumeName name, Ownership ownership) throws IOException {
        Path volume = path(name);
        if (find(name).isEmpty()) {
            Path making = making(name);
            quotas.begin(name, making);
            give(making, ownership);
            Files.move(making, volume, StandardCopyOption.ATOMIC_MOVE);
            AtomicFile.syncDirectory(directory);
        }
        return volume;
    }

    /// The directory of a volume; made and filled if it is not there, all or nothing: what is found under its name
    /// later is whole, also after a power cut.
    ///
    /// @param ownership of its root; empty leaves it to the content
    public Path populate(VolumeName name, Optional<Ownership> ownership, VolumeContent content) throws IOException {
        Path volume = path(name);
        if (find(name).isPresent()) {
            return volume;
        }
        Path making = making(name);
        try {
            quotas.begin(name, making);
            content.fill(making);
            if (ownership.isPresent()) {
                give(making, ownership.get());
            }
            new At().syncFileSystem(making);
            Files.move(making, volume, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            TreeRemoval.remove(making);
            quotas.end(name);
            throw e;
        }
        AtomicFile.syncDirectory(directory);
        return volume;
    }

    /// A copy of one of these volumes, to populate another with. What is being copied is not deleted meanwhile.
    ///
    /// Containers may change it: a copy of one moment needs them to be held still.
    public VolumeContent contentOf(VolumeName name) {
        return made -> {
            readers.enter(name);
            try {
                VolumeContent.ofTree(present(name)).fill(made);
            } finally {
                readers.leave(name);
            }
        };
    }

    /// Writes a volume to a tar archive, which [VolumeContent#ofArchive] reads.
    ///
    /// @param archive replaced if it is there; packed by gzip if its name ends with `gz`
    public void save(VolumeName name, Path archive) throws IOException {
        readers.enter(name);
        try {
            VolumeArchive.write(present(name), archive);
        } finally {
            readers.leave(name);
        }
    }

    /// What an image has at a path, to populate a volume with.
    ///
    /// @param lowers the image's layer directories, topmost first
    /// @param path absolute inside the image; links in it are followed there and cannot leave it
    public VolumeContent ofImage(List<Path> lowers, String path) {
        return made -> {
            if (!new ImageContent(lowers, directory.resolve(".empty")).copy(path, made)) {
                throw new IOException("the image has no directory at " + path);
            }
        };
    }

    /// Whose a volume is when it is filled.
    ///
    /// @param group that all of it is given to before it comes into the volume, its root too unless that stays
    public record Owners(Root root, Optional<VolumeGroup> group) {
        public static final Owners OF_IMAGE = new Owners(Root.OF_IMAGE, Optional.empty());
    }

    /// What becomes of owner, mode and attributes of the root of a volume that is filled.
    public enum Root {
        /// They become those that the image's directory has.
        OF_IMAGE,
        /// They stay, because somebody has said what they shall be.
        KEPT
    }

    /// Fills a volume that is empty with what an image has at a path: content, owner, modes, attributes. A volume
    /// that has anything in it stays as it is, and so does one for which the image has no directory there. It may
    /// be mounted meanwhile; what is put into it then stays, too. A fill that is interrupted goes on before the
    /// volume is used again.
    ///
    /// @param lowers the image's layer directories, topmost first
    /// @param path absolute inside the image; links in it are followed there and cannot leave it
    public void copyUp(VolumeName name, Owners owners, List<Path> lowers, String path) throws IOException {
        fills.fill(name, present(name), aside(name), owners.root(), image(owners, lowers, path));
    }

    /// As above, with the owners of the image, but only once with each image that the volume has in turn: who
    /// empties it finds it empty until there is another. Else it only becomes whole.
    ///
    /// @param image tells those apart that have other layers
    public void copyUpOnce(VolumeName name, String image, List<Path> lowers, String path) throws IOException {
        fills.fillOnce(name, present(name), aside(name), image, image(Owners.OF_IMAGE, lowers, path));
    }

    private CopyUp.Source image(Owners owners, List<Path> lowers, String path) {
        ImageContent content = new ImageContent(lowers, directory.resolve(".empty"));
        return target -> {
            boolean isThere = content.copy(path, target);
            if (isThere && owners.group().isPresent()) {
                int group = owners.group().get().gid();
                GroupOwnership.give(target, new VolumeGroup(group, VolumeGroup.ChangePolicy.ALWAYS));
            }
            return isThere;
        };
    }

    /// The directory of a volume, whole, to be mounted; empty if it is not there.
    ///
    /// @throws IOException also when it is half filled, and cannot be filled
    public Optional<Path> whole(VolumeName name) throws IOException {
        Optional<Path> volume = find(name);
        if (volume.isPresent()) {
            fills.complete(name, volume.get(), aside(name));
        }
        return volume;
    }

    /// The directory of a volume, if it is there.
    public Optional<Path> find(VolumeName name) {
        return Optional.of(path(name)).filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS));
    }

    private Path present(VolumeName name) throws IOException {
        return find(name).orElseThrow(() -> new IOException("volume %s is not there".formatted(name)));
    }

    public Set<VolumeName> list() throws IOException {
        Set<VolumeName> names = new TreeSet<>();
        for (Path entry : entries()) {
            String name = entry.getFileName().toString();
            if (!name.startsWith(".")) {
                names.add(new VolumeName(name));
            }
        }
        return names;
    }

    /// Sets how much a volume may take. What is in it stays, also if it is more.
    ///
    /// @param bytes 0 for no limit
    /// @return who sees to it
    /// @throws IOException also when there is none
    public Enforcement limit(VolumeName name, long bytes) throws IOException {
        return quotas.limit(name, present(name), bytes);
    }

    /// Whether the file system counts what a volume takes, so that to ask for it costs nothing.
    public boolean isCounted(VolumeName name) {
        return quotas.isCounted(name);
    }

    /// What the file system has counted, or else what a walk through all of it finds, of a mounted one too; empty
    /// if there is none.
    public Optional<TreeUsage> usage(VolumeName name) throws IOException {
        Optional<Path> managed = find(name);
        if (managed.isPresent() && isCounted(name)) {
            return quotas.usage(name);
        }
        Optional<Path> volume = managed.isPresent() ? managed : mounted.find(name);
        return volume.isEmpty() ? Optional.empty() : Optional.of(TreeUsage.of(volume.get()));
    }

    /// Removes a volume with its data, when nobody reads it any more; nothing happens if there is none. It is there
    /// as a whole or not at all, also for who comes while its files are removed.
    public void delete(VolumeName name) throws IOException {
        Path gone = directory.resolve(GONE + name);
        TreeRemoval.remove(gone);
        fills.forget(name);
        TreeRemoval.remove(aside(name));
        readers.whenNone(name, () -> {
            if (find(name).isPresent()) {
                Files.move(path(name), gone, StandardCopyOption.ATOMIC_MOVE);
                AtomicFile.syncDirectory(directory);
                quotas.end(name);
            }
        });
        TreeRemoval.remove(gone);
    }

    private Path making(VolumeName name) throws IOException {
        fills.forget(name);
        Path making = aside(name);
        TreeRemoval.remove(making);
        return Files.createDirectory(making);
    }

    private Path aside(VolumeName name) {
        return directory.resolve(MAKING + name);
    }

    private static void give(Path volume, Ownership ownership) throws IOException {
        At at = new At();
        try (Fd root = at.openHost(volume)) {
            at.changeOwner(root, SELF, ownership.uid(), ownership.gid());
            at.changeMode(root, SELF, ownership.mode());
        }
    }

    private Path path(VolumeName name) {
        return directory.resolve(name.value());
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS))
                    .toList();
        }
    }
}
