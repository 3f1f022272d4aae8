package dev.slipway.engine.build;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.runtime.Resources;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// What to build.
///
/// @param id who asks, the same at each try: what it leaves for the next, and its log, are kept under it. Safe as the
///     name of a file
/// @param stages the last is the image
/// @param images every image that stages start from or copy from, by the name that they use
/// @param names names that the image gets; they move to it from other images
/// @param useCache whether layers that are known from earlier builds are taken
/// @param limits what each program may use
public record BuildRequest(
        String id,
        List<BuildStage> stages,
        Map<String, LocalImage> images,
        Set<Reference> names,
        boolean useCache,
        RunLimits limits) {
    public BuildRequest {
        stages = List.copyOf(stages);
        images = Map.copyOf(images);
        names = Set.copyOf(names);
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("a build has no stage");
        }
    }

    /// With standard limits.
    public BuildRequest(
            String id,
            List<BuildStage> stages,
            Map<String, LocalImage> images,
            Set<Reference> names,
            boolean useCache) {
        this(id, stages, images, names, useCache, RunLimits.STANDARD);
    }

    /// What each program of a build may use. They decide whether a layer can be made, and not what it holds: they
    /// are no part of a key.
    ///
    /// @param cpuMillis thousandths of one cpu; empty for all that is free
    /// @param memoryBytes beyond it the kernel kills; 0 for all that is free, empty for what is usual here
    /// @param timeout how long one step may run
    public record RunLimits(OptionalLong cpuMillis, OptionalLong memoryBytes, Duration timeout) {
        /// For builds that do not say.
        public static final RunLimits STANDARD =
                new RunLimits(OptionalLong.empty(), OptionalLong.empty(), Duration.ofHours(1));

        private static final long PIDS = 16_384;

        /// When the host runs out of memory, builds go before what it runs for others.
        private static final int KILLED_FIRST = 1000;

        public RunLimits {
            if (!timeout.isPositive()) {
                throw new IllegalArgumentException("a step needs time to run: " + timeout);
            }
        }

        /// What a program may take; empty for all that is free.
        ///
        /// @param usual where nothing is said
        OptionalLong memory(OptionalLong usual) {
            OptionalLong wanted = memoryBytes.isPresent() ? memoryBytes : usual;
            return wanted.orElse(0) == 0 ? OptionalLong.empty() : wanted;
        }

        Resources resources(ImageBuilder.Bounds usual) {
            return new Resources(
                    OptionalLong.empty(),
                    cpuMillis,
                    OptionalLong.empty(),
                    memory(usual.memoryBytes()),
                    usual.countsProcesses() ? OptionalLong.of(PIDS) : OptionalLong.empty(),
                    KILLED_FIRST);
        }
    }

    int steps() {
        return stages.stream().mapToInt(stage -> stage.steps().size()).sum();
    }

    LocalImage image(String name) {
        LocalImage image = images.get(name);
        if (image == null) {
            throw new IllegalArgumentException("the request does not say what image " + name + " is");
        }
        return image;
    }
}
