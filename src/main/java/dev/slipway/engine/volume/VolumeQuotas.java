package dev.slipway.engine.volume;

import dev.slipway.engine.quota.ProjectId;
import dev.slipway.engine.quota.ProjectQuotas;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/// Makes each volume a project of its own, where the file system has project quotas; elsewhere it does nothing.
///
/// Which project a volume is stands in a note out of reach of its containers, which could change what their files say.
/// The note comes after the files and before the volume has its name. It is believed as long as the volume's root is of
/// that project; else the volume joins a new one, as one does that was made where there were no quotas.
///
/// Thread-safe; one volume is made or ended by one thread at a time.
final class VolumeQuotas {
    private static final Logger LOG = Logger.getLogger(VolumeQuotas.class);

    private final Path directory;
    private final ProjectQuotas quotas;
    private final VolumeNotes notes;
    private final Map<VolumeName, ProjectId> projects = new ConcurrentHashMap<>();

    /// @param directory of all managed volumes
    VolumeQuotas(Path directory, RandomGenerator random) {
        this.directory = directory;
        this.quotas = new ProjectQuotas(directory, random);
        this.notes = new VolumeNotes(directory.resolve(".projects"));
    }

    /// Finds the projects that were begun by an earlier engine.
    void adopt(Set<VolumeName> volumes) throws IOException {
        notes.open();
        if (!quotas.isEnforced()) {
            return;
        }
        for (VolumeName name : volumes) {
            Optional<ProjectId> noted = notes.read(name).flatMap(note -> read(name, note));
            if (noted.isPresent()
                    && quotas.find(directory.resolve(name.value())).equals(noted)) {
                quotas.hold(noted.get());
                projects.put(name, noted.get());
            }
        }
    }

    private static Optional<ProjectId> read(VolumeName name, byte[] note) {
        try {
            return Optional.of(new ProjectId(Integer.parseInt(new String(note, StandardCharsets.US_ASCII))));
        } catch (IllegalArgumentException e) {
            LOG.warnf("note of a volume's project is damaged volume=%s", name);
            return Optional.empty();
        }
    }

    /// @param making the root of a volume that has not its name yet, empty
    void begin(VolumeName name, Path making) throws IOException {
        if (quotas.isEnforced()) {
            note(name, quotas.begin(making));
        }
    }

    /// A volume whose files are of no project, because the file system had none when they were made: they join one.
    private Optional<ProjectId> convert(VolumeName name, Path volume) throws IOException {
        if (!quotas.isEnforced()) {
            return Optional.empty();
        }
        ProjectId project = quotas.begin(volume);
        long immutable = ProjectTree.join(volume, project);
        if (immutable > 0) {
            LOG.warnf(
                    "immutable files do not count for the capacity of their volume volume=%s files=%d",
                    name, immutable);
        }
        note(name, project);
        return Optional.of(project);
    }

    private void note(VolumeName name, ProjectId project) throws IOException {
        quotas.hold(project);
        notes.write(name, project.toString().getBytes(StandardCharsets.US_ASCII));
        Optional.ofNullable(projects.put(name, project)).ifPresent(quotas::release);
    }

    /// Has what will be made in an empty directory fit into a volume: it is of the project that the volume's root
    /// says, noted or not, since that is what the file system goes by.
    void follow(Path making, Path volume) throws IOException {
        quotas.follow(making, volume);
    }

    /// Sets the most that a volume may take; nothing happens if it is set.
    ///
    /// @param bytes 0 for no limit
    Enforcement limit(VolumeName name, Path volume, long bytes) throws IOException {
        Optional<ProjectId> known = find(name);
        Optional<ProjectId> project = known.isPresent() ? known : convert(name, volume);
        if (project.isEmpty()) {
            return Enforcement.WATCH;
        }
        quotas.limit(project.get(), bytes);
        return Enforcement.PROJECT_QUOTA;
    }

    /// What the file system has counted; empty if it does not.
    Optional<TreeUsage> usage(VolumeName name) throws IOException {
        Optional<ProjectId> project = find(name);
        if (project.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(TreeUsage.counted(quotas.usage(project.get()), 1));
    }

    boolean isCounted(VolumeName name) {
        return find(name).isPresent();
    }

    /// Forgets the project of a volume that has its name no more. The number is free when its files are removed.
    void end(VolumeName name) throws IOException {
        notes.remove(name);
        Optional.ofNullable(projects.remove(name)).ifPresent(quotas::release);
    }

    private Optional<ProjectId> find(VolumeName name) {
        return Optional.ofNullable(projects.get(name));
    }
}
