package dev.slipway.engine.quota;

import dev.slipway.engine.linux.Fd;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.ProjectQuota;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/// The projects of trees below one directory.
///
/// Life: [#isEnforced] says whether there can be any; [#begin] makes an empty tree a project of its own, for good;
/// [#usage] and [#limit] are cheap, however large the tree is; when its last file is gone, so is the project.
///
/// Thread-safe: a monitor.
public final class ProjectQuotas {
    private static final int RANGE = 1 << 30;
    private static final int MOST_TRIES = 100;

    private final Path directory;
    private final RandomGenerator random;
    private final Set<ProjectId> held = new HashSet<>();
    private Optional<Boolean> enforced = Optional.empty();

    /// @param directory with all trees, on one file system
    /// @param random so that nobody guesses the number of another project: who owns a file can move it there
    public ProjectQuotas(Path directory, RandomGenerator random) {
        this.directory = directory;
        this.random = random;
    }

    /// Whether the file system holds projects to their limits here; found out once, when the directory is there.
    ///
    /// Not below a directory that is of a project: what is made elsewhere could not be moved there.
    public synchronized boolean isEnforced() throws IOException {
        if (enforced.isEmpty()) {
            try (Fd root = base()) {
                enforced = Optional.of(ProjectQuota.isEnforced(root)
                        && !ProjectQuota.membership(root).isPassedOn());
            }
        }
        return enforced.get();
    }

    /// The directory may be a link to a larger disk; trees in it are none.
    private Fd base() throws IOException {
        return ProjectQuota.open(directory.toRealPath());
    }

    /// Makes a tree a project of its own, without a limit: what is made in it from now on is of the project.
    ///
    /// @param tree its root, which nobody else uses
    public synchronized ProjectId begin(Path tree) throws IOException {
        try (Fd root = ProjectQuota.open(tree)) {
            for (int tried = 0; tried < MOST_TRIES; tried++) {
                ProjectId candidate = new ProjectId(ProjectId.FIRST + random.nextInt(RANGE));
                if (!held.contains(candidate) && take(root, candidate)) {
                    return candidate;
                }
            }
        }
        throw new IOException("no project is free for %s: %d were tried".formatted(tree, MOST_TRIES));
    }

    /// Another engine may take the same number in this moment; then both leave it.
    private static boolean take(Fd root, ProjectId candidate) throws LinuxException {
        if (ProjectQuota.usage(root, candidate.value()).files() > 0) {
            return false;
        }
        ProjectQuota.limit(root, candidate.value(), 0);
        join(root, candidate);
        return ProjectQuota.usage(root, candidate.value()).files() == 1;
    }

    /// Keeps a number from being taken even if no file is of it any more.
    public synchronized void hold(ProjectId project) {
        held.add(project);
    }

    /// Gives a number up; it is taken again when the last file of it is gone.
    public synchronized void release(ProjectId project) {
        held.remove(project);
    }

    /// Makes another empty tree of the project that `leader` passes on, whosever that is; nothing happens if it
    /// passes none on.
    public void follow(Path tree, Path leader) throws IOException {
        try (Fd first = ProjectQuota.open(leader);
                Fd root = ProjectQuota.open(tree)) {
            Optional<ProjectQuota.Membership> passedOn =
                    ProjectQuota.findMembership(first).filter(ProjectQuota.Membership::isPassedOn);
            if (passedOn.isPresent()) {
                ProjectQuota.join(root, passedOn.get());
            }
        }
    }

    private static void join(Fd root, ProjectId project) throws LinuxException {
        ProjectQuota.join(root, new ProjectQuota.Membership(project.value(), true));
    }

    /// The project of a tree, if it is one of Slipway's.
    public Optional<ProjectId> find(Path tree) throws IOException {
        try (Fd root = ProjectQuota.open(tree)) {
            ProjectQuota.Membership membership = ProjectQuota.membership(root);
            return membership.isPassedOn() && membership.id() >= ProjectId.FIRST
                    ? Optional.of(new ProjectId(membership.id()))
                    : Optional.empty();
        }
    }

    /// What the files of a project take, its roots too.
    public ProjectQuota.Usage usage(ProjectId project) throws IOException {
        try (Fd root = base()) {
            return ProjectQuota.usage(root, project.value());
        }
    }

    /// Sets how much the files of a project may take, unless it is set; those that are there stay.
    ///
    /// @param bytes 0 for no limit
    public void limit(ProjectId project, long bytes) throws IOException {
        try (Fd root = base()) {
            if (ProjectQuota.usage(root, project.value()).limitBytes() != ProjectQuota.rounded(bytes)) {
                ProjectQuota.limit(root, project.value(), bytes);
            }
        }
    }
}
