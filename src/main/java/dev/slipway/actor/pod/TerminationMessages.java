package dev.slipway.actor.pod;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.runtime.ContainerRuntime;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.SandboxRequest;
import dev.slipway.engine.runtime.SandboxRequest.PodVolume;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What containers leave to be read about their end: a file that each finds at its `terminationMessagePath`, or
/// the end of its log. The file lies beside the log of the run, and goes with it.
///
/// @spec https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/ Kubernetes:
///     Determine the Reason for Pod Failure
record TerminationMessages(ContainerRuntime runtime) {
    private static final String VOLUME = "slipway-termination-messages";
    private static final int LONGEST_MESSAGE_BYTES = 4096;
    private static final int LONGEST_OF_POD_BYTES = 12 * 1024;
    private static final int LONGEST_TAIL_BYTES = 2048;
    private static final int MOST_TAIL_LINES = 80;
    private static final int TAIL_FIELDS = 4;

    /// The sandbox with the volume that the files lie in.
    SandboxRequest with(SandboxRequest request) {
        Map<String, PodVolume> volumes = new HashMap<>(request.volumes());
        volumes.put(VOLUME, new PodVolume.HostPath(directory(request.uid()).toString(), "DirectoryOrCreate"));
        return request.with(volumes);
    }

    /// Makes the empty file of a run.
    ///
    /// @return where the container finds it; empty when the manifest has something else there, or wants none
    Optional<VolumeMount> prepare(PodUid pod, WantedContainer container, int attempt) throws IOException {
        String path = container.spec().path("terminationMessagePath").asText();
        boolean isTaken = false;
        for (var mount : container.spec().path("volumeMounts")) {
            isTaken |= mount.path("mountPath").asText().equals(path);
        }
        if (!path.startsWith("/") || isTaken) {
            return Optional.empty();
        }
        Path file = file(new ContainerName(pod, container.name()), attempt);
        Files.createDirectories(file.resolveSibling(""));
        Files.deleteIfExists(file);
        Files.createFile(file);
        // Whoever the container's user is.
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        String below = directory(pod).relativize(file).toString();
        return Optional.of(new VolumeMount(VOLUME, path, below, false, "None"));
    }

    /// The messages of runs whose end is not recorded yet, by the id of the attempt. What cannot be read is no
    /// message. The containers of a pod share what the status has room for.
    Map<String, String> of(List<Track> tracks) {
        int room = Math.min(LONGEST_MESSAGE_BYTES, LONGEST_OF_POD_BYTES / Math.max(1, tracks.size()));
        Map<String, String> messages = new HashMap<>();
        for (Track track : tracks) {
            Optional<Attempt> ended = track.attempt()
                    .filter(attempt -> attempt.state() instanceof ContainerState.Exited)
                    .filter(attempt -> !track.recorded().knowsEndOf(attempt.id()));
            if (ended.isPresent()) {
                messages.put(ended.get().id(), cut(message(track.wanted(), ended.get()), room));
            }
        }
        return messages;
    }

    private String message(WantedContainer container, Attempt attempt) {
        try {
            Path file = file(attempt.container(), attempt.number());
            String message = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) ? head(file) : "";
            boolean isFailure = attempt.state() instanceof ContainerState.Exited exited && exited.exitCode() != 0;
            boolean fallsBack =
                    container.spec().path("terminationMessagePolicy").asText().equals("FallbackToLogsOnError");
            Path log = runtime.log(attempt.container(), attempt.number());
            return message.isEmpty() && isFailure && fallsBack && Files.isRegularFile(log) ? tail(log) : message;
        } catch (IOException e) {
            return "Error on reading termination message: " + e.getMessage();
        }
    }

    /// Whole characters of at most so many bytes.
    private static String cut(String message, int bytes) {
        byte[] all = message.getBytes(StandardCharsets.UTF_8);
        int end = Math.min(bytes, all.length);
        while (end > 0 && end < all.length && (all[end] & 0xc0) == 0x80) {
            end--;
        }
        return new String(all, 0, end, StandardCharsets.UTF_8);
    }

    private static String head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return new String(in.readNBytes(LONGEST_MESSAGE_BYTES), StandardCharsets.UTF_8);
        }
    }

    /// The last lines of a log in CRI format, as the container wrote them.
    private static String tail(Path log) throws IOException {
        byte[] end;
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            // Each line begins with a time and more, about fifty bytes.
            long from = Math.max(0, file.length() - LONGEST_TAIL_BYTES - 50L * MOST_TAIL_LINES);
            file.seek(from);
            end = new byte[(int) (file.length() - from)];
            file.readFully(end);
        }
        List<String> lines = new ArrayList<>();
        for (String line : new String(end, StandardCharsets.UTF_8).split("\n")) {
            String[] fields = line.split(" ", TAIL_FIELDS);
            if (fields.length == TAIL_FIELDS) {
                lines.add(fields[TAIL_FIELDS - 1]);
            }
        }
        List<String> last = lines.subList(Math.max(0, lines.size() - MOST_TAIL_LINES), lines.size());
        String text = last.isEmpty() ? "" : String.join("\n", last) + "\n";
        return text.substring(Math.max(0, text.length() - LONGEST_TAIL_BYTES));
    }

    private Path file(ContainerName container, int attempt) {
        Path log = runtime.log(container, attempt);
        return log.resolveSibling(log.getFileName() + ".message");
    }

    private Path directory(PodUid pod) {
        return runtime.log(new ContainerName(pod, "any"), 0).resolve("../..").normalize();
    }
}
