package dev.slipway.app;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.logs.ContainerLogs;
import dev.slipway.engine.build.ImageBuilder;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.Attempt;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.ContainerRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Finds logs where the runtime and the builder keep them. What runs there were is read from the names of the files,
/// which outlive the runtime's own memory of them.
record RuntimeLogs(ContainerRuntime runtime, ImageBuilder builder) implements ContainerLogs {
    private static final Pattern CURRENT = Pattern.compile("(\\d+)\\.log");

    @Override
    public Optional<Run> run(ApiObject pod, String container, boolean previous) {
        ContainerName name = new ContainerName(new PodUid(pod.uid()), container);
        return attempts(name)
                .skip(previous ? 1 : 0)
                .findFirst()
                .map(number -> new FileLog(runtime.log(name, number), () -> isRunning(name, number)));
    }

    @Override
    public Optional<Run> build(ApiObject image) {
        Path log = builder.log(image.uid());
        return Files.exists(log)
                ? Optional.of(new FileLog(log, () -> builder.isRunning(image.uid())))
                : Optional.empty();
    }

    /// The numbers of the attempts that have a log, the last first.
    private Stream<Integer> attempts(ContainerName name) {
        return siblings(runtime.log(name, 0)).stream()
                .map(CURRENT::matcher)
                .filter(Matcher::matches)
                .map(match -> Integer.valueOf(match.group(1)))
                .sorted(Comparator.reverseOrder());
    }

    /// The names of the files beside `file`, and its own if it is there.
    private static List<String> siblings(Path file) {
        try (Stream<Path> files = Files.list(file.resolveSibling(""))) {
            return files.map(each -> each.getFileName().toString()).toList();
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isRunning(ContainerName name, int number) {
        return runtime.find(name.pod())
                .flatMap(pod -> pod.latest(name.name()))
                .filter(latest -> latest.number() == number)
                .map(Attempt::state)
                .filter(state -> state.isAlive())
                .isPresent();
    }

    private record FileLog(Path current, BooleanSupplier grows) implements Run {
        @Override
        public List<Path> files() {
            Pattern rotated = Pattern.compile(Pattern.quote(current.getFileName() + ".") + "(\\d+)");
            Stream<Path> older = siblings(current).stream()
                    .map(rotated::matcher)
                    .filter(Matcher::matches)
                    .sorted(Comparator.comparingInt((Matcher match) -> Integer.parseInt(match.group(1)))
                            .reversed())
                    .map(match -> current.resolveSibling(match.group()));
            return Stream.concat(older, Stream.of(current)).toList();
        }

        @Override
        public boolean isRunning() {
            return grows.getAsBoolean();
        }
    }
}
