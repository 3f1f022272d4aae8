package dev.slipway.door.logs;

import dev.slipway.desired.meta.ApiObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where the logs of containers and builds are. The API server reads them; whoever runs those says where they lie.
public interface ContainerLogs {
    /// The log of the container's run that is in progress or ended last, or of the run before it when `previous`;
    /// empty when there was no such run.
    Optional<Run> run(ApiObject pod, String container, boolean previous);

    /// The log of the last build of an Image in which something was made; empty when there was none.
    Optional<Run> build(ApiObject image);

    /// One run of one container, or one build, from start to end.
    interface Run {
        /// The files in CRI format, oldest first. The last is the one that is written to; it may be rotated at
        /// any moment, so that its name then means another file and its content is the last but one here.
        ///
        /// @spec https://github.com/kubernetes/design-proposals-archive/blob/main/node/kubelet-cri-logging.md
        ///     CRI logs
        List<Path> files();

        /// Whether more lines may come.
        boolean isRunning();
    }
}
