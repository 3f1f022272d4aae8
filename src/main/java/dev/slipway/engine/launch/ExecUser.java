package dev.slipway.engine.launch;

import dev.slipway.engine.linux.Fd;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Who a further process of a container is when it shall not be who the first one is.
///
/// @param home empty where somebody has said what the first process's is, which holds for this one, too
public record ExecUser(Identity identity, Optional<String> home) {
    /// As the container's own files say now. Groups that the first process has without those files it has, too: what
    /// it may do with volumes depends on them.
    ///
    /// @param user as [ImageUsers#resolve] takes it
    /// @param root of the container
    /// @throws IOException when they do not know the user; the message names it
    public static ExecUser of(String user, ProcessSpec first, Fd root) throws IOException {
        try {
            ImageUsers users = ImageUsers.in(root);
            ImageUsers.Resolved wanted = users.resolve(user);
            ImageUsers.Resolved other =
                    users.resolve(Integer.toString(first.identity().uid()));
            List<Integer> groups = new ArrayList<>(first.identity().groups());
            groups.removeAll(other.identity().groups());
            wanted.identity().groups().stream()
                    .filter(group -> !groups.contains(group))
                    .forEach(groups::add);
            Identity identity = wanted.identity();
            boolean isUsual = first.env().contains("HOME=" + other.home().orElse("/"));
            return new ExecUser(
                    new Identity(identity.uid(), identity.gid(), groups),
                    isUsual ? Optional.of(wanted.home().orElse("/")) : Optional.empty());
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
