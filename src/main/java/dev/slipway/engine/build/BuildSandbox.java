package dev.slipway.engine.build;

import dev.slipway.engine.build.BuildRequest.RunLimits;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Durations;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.ContainerRuntime;
import dev.slipway.engine.runtime.ContainerState;
import dev.slipway.engine.runtime.SandboxOutcome;
import dev.slipway.engine.runtime.SandboxRequest;
import dev.slipway.engine.runtime.StartOutcome;
import dev.slipway.engine.tree.TreeWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/// Where the programs of one build run: a pod that no object declares, with a network of its own, made when the first
/// program needs it. Each program is an attempt of its one container, on its own layers.
///
/// ```
/// run -> read what it has written -> forget -> run ... -> close
/// ```
///
/// When the engine dies, the next one finds a pod that nobody declares, and removes it. For one thread.
final class BuildSandbox implements AutoCloseable {
    private static final String CONTAINER = "step";
    private static final String HOSTNAME = "build";
    private static final int QUOTED_LINES = 8;
    private static final int LONGEST_QUOTED = 500;
    private static final int SIGKILL = 9;
    private static final Duration DEATH = Duration.ofMinutes(1);

    private final ContainerRuntime runtime;
    private final PodUid pod;
    private final RunLimits limits;
    private final ImageBuilder.Bounds bounds;
    private boolean open;
    private int attempts;

    BuildSandbox(ContainerRuntime runtime, PodUid pod, RunLimits limits, ImageBuilder.Bounds bounds) {
        this.runtime = runtime;
        this.pod = pod;
        this.limits = limits;
        this.bounds = bounds;
    }

    /// What to run.
    ///
    /// @param lowers the layers so far, topmost first
    /// @param parameters user, working directory and environment
    record Command(BuildStep.Run step, RunParameters parameters, List<Path> lowers) {}

    /// Runs it to its end.
    ///
    /// @return the directory of what it has changed, which is there until [#forget] or [#close]
    /// @throws IOException also when it does not end with success; the message quotes its last lines
    Path run(Command command, BuildLog log) throws IOException {
        long mark = log.mark();
        try {
            ensure();
            attempts++;
            switch (runtime.start(request(command, log))) {
                case StartOutcome.Started started -> {}
                case StartOutcome.Refused refused -> throw new IOException(refused.message());
                case StartOutcome.NotExecuted program -> throw new IOException(program.message());
                case StartOutcome.Unsupported unsupported -> throw new IOException(unsupported.message());
                case StartOutcome.Failed failed -> throw new IOException(failed.message());
            }
            ContainerState last = lookAfter(limits.timeout());
            String end = last.isAlive() ? killed() : end(last);
            if (!end.isEmpty()) {
                throw new IOException(end + quoted(log.tail(mark, QUOTED_LINES)));
            }
            return runtime.written(name(), attempts)
                    .orElseThrow(() -> new NoSuchFileException("what the program has written is gone"));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /// The container that ran last is not needed any more.
    void forget() throws IOException {
        runtime.remove(name(), attempts);
    }

    private void ensure() throws IOException, InterruptedException {
        if (open) {
            return;
        }
        open = true;
        SandboxRequest request = new SandboxRequest(
                pod,
                "",
                HOSTNAME,
                HOSTNAME,
                new SandboxRequest.Network(SandboxRequest.Link.BRIDGE, List.of(), SandboxRequest.Dns.HOST, List.of()),
                new SandboxRequest.Sharing(false, SandboxRequest.Ipc.CONTAINER, false),
                Map.of());
        switch (runtime.ensureSandbox(request)) {
            case SandboxOutcome.Ready ready -> {}
            case SandboxOutcome.Refused refused -> throw new IOException(refused.message());
            case SandboxOutcome.Failed failed -> throw new IOException(failed.message());
        }
    }

    private ContainerName name() {
        return new ContainerName(pod, CONTAINER);
    }

    private ContainerRequest request(Command command, BuildLog log) {
        List<String> env = new ArrayList<>();
        env.add("SOURCE_DATE_EPOCH=" + TreeWriter.AGE.getEpochSecond());
        command.step().env().forEach((name, value) -> env.add(name + "=" + value));
        return new ContainerRequest(
                name(),
                attempts,
                image(command.parameters()),
                command.step().argv(),
                List.of(),
                env,
                "",
                new ContainerRequest.Stdio(false, false, false),
                List.of(),
                limits.resources(bounds),
                ContainerRequest.Security.STANDARD,
                new ContainerRequest.Layer.OfStep(command.lowers(), log.file()));
    }

    /// The image as far as it says how to run it.
    private static LocalImage image(RunParameters parameters) {
        ImageConfig config = new ImageConfig(Platform.host(), null, parameters, List.of(), List.of());
        ImageManifest manifest =
                new ImageManifest(Descriptor.of(MediaType.OCI_CONFIG, ImageConfigCodec.write(config)), List.of());
        Descriptor descriptor = Descriptor.of(MediaType.OCI_MANIFEST, ManifestCodec.write(manifest));
        return new LocalImage(descriptor, manifest, config, Set.of(), Set.of());
    }

    /// Its state when it has ended, or after a time.
    private ContainerState lookAfter(Duration time) throws IOException, InterruptedException {
        return runtime.awaitEnd(name(), attempts, time)
                .orElseThrow(() -> new IOException("the container of the step is gone"));
    }

    /// Ends a program that has had its time; what it has said by then is in the log.
    private String killed() throws IOException, InterruptedException {
        runtime.stop(name(), SIGKILL, Duration.ZERO);
        lookAfter(DEATH);
        return "killed, because it ran for longer than " + Durations.text(limits.timeout());
    }

    /// Why a program did not succeed; empty if it did.
    private String end(ContainerState state) {
        return switch (state) {
            case ContainerState.Exited exited
            when exited.oomKilled() -> "killed, because it needed more memory than " + memory();
            case ContainerState.Exited exited
            when exited.signal() != 0 ->
                "ended by signal %d, exit code %d".formatted(exited.signal(), exited.exitCode());
            case ContainerState.Exited exited ->
                exited.exitCode() == 0 ? "" : "exit code %d".formatted(exited.exitCode());
            case ContainerState.Lost lost -> "lost: its monitor was killed";
            case ContainerState.Created created -> "it was not started";
            case ContainerState.Running running -> "it still runs";
            case ContainerState.Paused paused -> "it is paused";
        };
    }

    private String memory() {
        OptionalLong limit = limits.memory(bounds.memoryBytes());
        return limit.isPresent()
                ? "its limit of %d bytes, which resources.limits.memory of the build sets".formatted(limit.getAsLong())
                : "there is";
    }

    private static String quoted(List<String> lines) {
        return lines.isEmpty()
                ? ", without a word"
                : ", its last lines:\n" + lines.stream().map(BuildSandbox::cut).collect(Collectors.joining("\n"));
    }

    /// A program may write for ever without a line break, and conditions and events are to be read.
    private static String cut(String line) {
        return line.length() <= LONGEST_QUOTED ? line : line.substring(0, LONGEST_QUOTED) + "...";
    }

    static InterruptedIOException interrupted(InterruptedException e) {
        InterruptedIOException interrupted = new InterruptedIOException("interrupted while a step was running");
        interrupted.initCause(e);
        return interrupted;
    }

    /// Ends what runs and takes all of it away.
    @Override
    public void close() throws IOException {
        if (!open) {
            return;
        }
        try {
            runtime.removePod(pod);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }
}
