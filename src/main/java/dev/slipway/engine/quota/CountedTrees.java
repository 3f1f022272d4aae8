package dev.slipway.engine.quota;

import dev.slipway.engine.linux.Errno;
import dev.slipway.engine.linux.LinuxException;
import dev.slipway.engine.linux.ProjectQuota;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jboss.logging.Logger;

/// Trees that come and go, and what each takes as the file system has counted it. Which project a tree is says its root
/// alone: that is to be believed of one whose users cannot change it, which those in a user namespace cannot.
///
/// Thread-safe.
public final class CountedTrees {
    private static final Logger LOG = Logger.getLogger(CountedTrees.class);

    private final ProjectQuotas quotas;

    /// @param directory with all trees, on one file system
    public CountedTrees(Path directory, RandomGenerator random) {
        this.quotas = new ProjectQuotas(directory, random);
    }

    /// Has what is made in a tree from now on counted; nothing happens where there are no project quotas. Who is
    /// not counted is walked through instead, so nothing fails for it.
    ///
    /// @param tree its root, empty, which nobody else uses
    public void begin(Path tree) {
        try {
            if (quotas.isEnforced()) {
                quotas.begin(tree);
            }
        } catch (IOException e) {
            LOG.warnf("tree is not counted by the file system tree=%s reason=%s", tree, e.getMessage());
        }
    }

    /// What a tree takes, its root too; empty if it is not counted, or not there.
    public Optional<ProjectQuota.Usage> usage(Path tree) throws IOException {
        if (!quotas.isEnforced()) {
            return Optional.empty();
        }
        try {
            Optional<ProjectId> project = quotas.find(tree);
            return project.isEmpty() ? Optional.empty() : Optional.of(quotas.usage(project.get()));
        } catch (LinuxException e) {
            if (e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
