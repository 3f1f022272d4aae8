package dev.slipway.engine.runtime;

import dev.slipway.engine.cgroup.CgroupName;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.launch.ContainerId;
import dev.slipway.engine.shim.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/// Finds what an earlier engine left, by its records, its shims and the kernel, and removes what is half-done or
/// belongs to nobody. Done once, before anything is started.
///
/// | record of the pod | record of the attempt | shim | it is |
/// | --- | --- | --- | --- |
/// | no | | | an orphan: killed, and removed but for what outlives the host |
/// | yes | no, or broken | yes | a stranger: killed and forgotten |
/// | yes | with a state | | as the record says |
/// | yes | without | runs, exited, lost | as the shim says, and noted |
/// | yes | without | none, or never started | a half-done start: undone |
record Recovery(
        Records records,
        Supervision supervision,
        Attempts attempts,
        Sandboxes sandboxes,
        AttemptStorage storage,
        HostRuntime.Rooms rooms) {
    private static final Logger LOG = Logger.getLogger(Recovery.class);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);

    List<Pod> pods() throws IOException {
        Map<ContainerId, Found> found = supervision.adopt();
        List<Pod> pods = new ArrayList<>();
        List<PodUid> orphans = new ArrayList<>();
        for (PodUid uid : directories()) {
            Optional<SandboxRecord> record = sandbox(uid);
            if (record.isPresent()) {
                pods.add(pod(uid, record.get(), found));
            } else {
                orphans.add(uid);
            }
        }
        removeOrphans(pods.stream().map(Pod::uid).collect(Collectors.toSet()), orphans);
        for (Found stranger : found.values()) {
            supervision.abandon(stranger);
        }
        storage.removeUnknown(pods.stream()
                .flatMap(pod -> pod.runs().stream())
                .map(run -> new RuntimeFiles.AttemptFile(run.container(), run.number()))
                .collect(Collectors.toSet()));
        return pods;
    }

    /// @param found loses what is known by a record
    private Pod pod(PodUid uid, SandboxRecord record, Map<ContainerId, Found> found) throws IOException {
        Pod pod = new Pod(uid);
        boolean hasProcesses = found.remove(Sandboxes.firstProcess(uid)) instanceof Found.Running;
        boolean whole = (record.netns().isEmpty() || rooms.networks().find(uid).isPresent())
                && (record.pid().isEmpty() || hasProcesses);
        pod.know(record, whole);
        sandboxes.adopt(record);
        for (RuntimeFiles.AttemptFile file : attemptsOf(uid)) {
            Optional<Run> run = attempt(file);
            if (run.isPresent()
                    && attempts.recover(
                            run.get(),
                            Optional.ofNullable(found.remove(run.get().id())))) {
                pod.add(run.get());
            }
        }
        return pod;
    }

    /// Their processes are gone before their networks are.
    private void removeOrphans(Set<PodUid> known, List<PodUid> orphans) throws IOException {
        rooms.cgroups().sweep(known);
        rooms.networks().recover(known);
        for (PodUid orphan : orphans) {
            LOG.infof("pod without a record removed pod=%s", orphan);
            sandboxes.removeTransient(orphan);
        }
    }

    private Optional<SandboxRecord> sandbox(PodUid uid) {
        try {
            return records.sandbox(uid);
        } catch (IOException e) {
            LOG.warnf("record of a pod could not be read pod=%s reason=%s", uid, e.getMessage());
            return Optional.empty();
        }
    }

    private Optional<Run> attempt(RuntimeFiles.AttemptFile file) throws IOException {
        try {
            return records.attempt(file.container(), file.attempt());
        } catch (IOException e) {
            LOG.warnf("record of an attempt could not be read container=%s reason=%s", file, e.getMessage());
            CgroupName cgroup = Run.cgroup(file.container(), file.attempt());
            rooms.cgroups().kill(cgroup, KILL_LIMIT);
            rooms.cgroups().remove(cgroup);
            records.forget(file.container(), file.attempt());
            return Optional.empty();
        }
    }

    private List<PodUid> directories() throws IOException {
        return names(records.files().pods()).stream().map(PodUid::new).toList();
    }

    private List<RuntimeFiles.AttemptFile> attemptsOf(PodUid uid) throws IOException {
        return names(records.files().pod(uid)).stream()
                .flatMap(name -> RuntimeFiles.attemptOf(uid, name).stream())
                .toList();
    }

    private static List<String> names(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }
}
