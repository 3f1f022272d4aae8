package dev.slipway.actor.pod;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What is known of the containers of pods and has no field in a Pod's status, for who shows it elsewhere.
/// Whenever one of these changes, the Pod's status changes too, or its Container gets a round.
///
/// The rest is in the status: the conditions `Paused` (its processes are frozen) and `Stopped` (no process,
/// because the annotation [dev.slipway.desired.model.PodAnnotations#DESIRED_STATE] asks for that) are there
/// while they are true.
///
/// From memory. Thread-safe.
public interface PodFacts {
    /// @return empty when nothing of that container was made yet, or the pod is unknown
    Optional<ContainerFacts> container(String podUid, String container);

    /// @param pid of its first process, as the host counts; empty when none runs
    /// @param nextRestart when it will be started again; empty when it runs or is not to be started
    /// @param imageVolumes the Volume objects made for the paths that its image declares
    /// @param written what lies in its writable layer; empty while nobody has counted
    /// @param followsImage whether it is asked by the health check of its image
    /// @param users which users of the host its are; empty when they are the same
    /// @param complaint why it has not started or is not ready, as its probe was answered, in one line; or empty
    record ContainerFacts(
            Optional<Long> pid,
            Optional<Instant> nextRestart,
            List<ImageVolume> imageVolumes,
            Optional<Written> written,
            boolean followsImage,
            Optional<Users> users,
            String complaint) {
        public ContainerFacts {
            imageVolumes = List.copyOf(imageVolumes);
        }
    }

    /// @param files of all types, directories too
    record Written(long bytes, long files) {}

    /// @param firstHostId what user 0 is on the host, and group 0
    /// @param size how many there are
    record Users(int firstHostId, int size) {}

    /// @param path in the container
    /// @param volume name of the Volume object, in the pod's namespace
    record ImageVolume(String path, String volume) {}
}
