package dev.slipway.engine.network;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.MountEntry;
import dev.slipway.engine.linux.Mounts;
import dev.slipway.engine.linux.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// What is kept of attachments under the run directory. It need not outlive the host, so nothing is synced.
///
/// ```
/// <directory>/ip_forward         what the host had before, if this engine changed it
/// <directory>/<uid>/netns        pin of the namespace
/// <directory>/<uid>/attachment   what was made, or that the pod is alone; written
///                                before the pin: a pin without it cannot be
/// ```
record AttachmentFiles(Path directory) {
    private static final Logger LOG = Logger.getLogger(AttachmentFiles.class);
    private static final String ALONE = "alone\n";

    void make() throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    Path netns(PodUid pod) {
        return of(pod).resolve("netns");
    }

    void write(Attachment attachment) throws IOException {
        write(attachment.pod(), attachment.encode());
    }

    /// Notes that a pod has a network which leads nowhere.
    void writeAlone(PodUid pod) throws IOException {
        write(pod, ALONE);
    }

    private void write(PodUid pod, String note) throws IOException {
        Files.createDirectories(of(pod));
        Path file = of(pod).resolve("attachment");
        Path aside = file.resolveSibling("attachment.tmp");
        Files.writeString(aside, note);
        Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    void pin(PodUid pod, NetworkNamespace namespace) throws IOException {
        Files.createDirectories(of(pod));
        namespace.pin(netns(pod));
    }

    /// Removes pin and note.
    void remove(PodUid pod) throws IOException {
        NetworkNamespace.unpin(netns(pod));
        Files.deleteIfExists(of(pod).resolve("attachment.tmp"));
        Files.deleteIfExists(of(pod).resolve("attachment"));
        Files.deleteIfExists(of(pod));
    }

    /// Every pod that something is kept of.
    List<Kept> all() throws IOException {
        Set<Path> pins = Mounts.table().stream()
                .filter(mount -> mount.type().equals("nsfs"))
                .map(MountEntry::point)
                .collect(Collectors.toSet());
        // The kernel lists mounts by real paths.
        Path real = directory.toRealPath();
        List<Kept> all = new ArrayList<>();
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : entries.filter(Files::isDirectory).toList()) {
                PodUid pod = new PodUid(entry.getFileName().toString());
                boolean whole = pins.contains(real.resolve(directory.relativize(netns(pod))));
                all.add(whole ? read(pod) : new Kept.Broken(pod));
            }
        }
        return all;
    }

    /// Broken also when somebody has taken the note away, or has changed it: that keeps no engine from starting.
    private Kept read(PodUid pod) throws IOException {
        Path file = of(pod).resolve("attachment");
        try {
            String note = Files.readString(file);
            return note.equals(ALONE) ? new Kept.Alone(pod) : new Kept.Attached(Attachment.decode(pod, note));
        } catch (NoSuchFileException | IllegalArgumentException e) {
            LOG.warnf("network of a pod is not known any more file=%s reason=\"%s\"", file, e.getMessage());
            return new Kept.Broken(pod);
        }
    }

    private Path of(PodUid pod) {
        return directory.resolve(pod.value());
    }

    /// What there is of a pod.
    sealed interface Kept {
        record Attached(Attachment attachment) implements Kept {}

        record Alone(PodUid pod) implements Kept {}

        /// After a reboot, or a crash half-way.
        record Broken(PodUid pod) implements Kept {}
    }
}
