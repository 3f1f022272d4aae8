package dev.slipway.actor.build;

import dev.slipway.desired.model.ImageSpec;
import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.BuildStep.CopySource;
import dev.slipway.engine.build.StageOrigin;
import dev.slipway.engine.oci.Durations;
import dev.slipway.engine.oci.Healthcheck;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the steps of a build from the spec of an Image, which was validated. Pure.
final class BuildSteps {
    private static final int TEXT_MODE = 0644;
    private static final String ROOT = "0:0";

    private BuildSteps() {}

    static List<BuildStep> of(ImageSpec.Build build) {
        String context = directory(build);
        return orEmpty(build.steps()).stream().map(step -> step(step, context)).toList();
    }

    /// The directory of the context; empty where there is none.
    static String directory(ImageSpec.Build build) {
        return build.context() == null || build.context().directory() == null
                ? ""
                : Objects.requireNonNullElse(build.context().directory().path(), "");
    }

    private static BuildStep step(ImageSpec.Step step, String context) {
        if (step.layer() != null) {
            return new BuildStep.Layer(
                    step.layer().stream().map(action -> action(action, context)).toList());
        }
        if (step.config() != null) {
            return config(step.config());
        }
        return action(new ImageSpec.Action(step.run(), step.copyFromHost(), step.copy(), step.remove()), context);
    }

    private static BuildStep.Action action(ImageSpec.Action action, String context) {
        if (action.run() != null) {
            return new BuildStep.Run(action.run(), Map.of());
        }
        if (action.copyFromHost() != null) {
            return new BuildStep.CopyFromHost(
                    orEmpty(action.copyFromHost().paths()),
                    Boolean.TRUE.equals(action.copyFromHost().libraries()));
        }
        if (action.remove() != null) {
            return new BuildStep.Remove(action.remove());
        }
        return copy(Objects.requireNonNull(action.copy(), "a step has exactly one field"), context);
    }

    private static BuildStep.Action copy(ImageSpec.Copy copy, String context) {
        String to = Objects.requireNonNull(copy.to(), "a copy step says where to");
        boolean ofImage = copy.image() != null || copy.imageName() != null;
        String owner = Objects.requireNonNullElse(copy.chown(), ofImage ? "" : ROOT);
        Integer mode = copy.mode() == null ? null : Integer.valueOf(Integer.parseInt(copy.mode(), 8));
        if (copy.content() != null) {
            return new BuildStep.CopyText(copy.content(), to, owner, mode == null ? TEXT_MODE : mode);
        }
        String from = Objects.requireNonNull(copy.from(), "a copy step says what");
        return new BuildStep.Copy(source(copy, context), List.of(from), to, owner, mode);
    }

    private static CopySource source(ImageSpec.Copy copy, String context) {
        if (copy.imageName() != null) {
            return new CopySource.Image(new StageOrigin.Image(BuildPlan.nameOf(copy.imageName())));
        }
        return copy.image() == null
                ? new CopySource.Context(context)
                : new CopySource.Image(new StageOrigin.Image(copy.image()));
    }

    private static BuildStep config(ImageSpec.Config config) {
        return new BuildStep.Configure(
                orEmpty(config.env()),
                config.user(),
                config.workingDir(),
                config.entrypoint(),
                config.cmd(),
                Set.copyOf(orEmpty(config.volumes())),
                Set.copyOf(orEmpty(config.exposedPorts())),
                orEmpty(config.labels()),
                config.stopSignal(),
                healthcheck(config.healthcheck()),
                null);
    }

    private static @Nullable Healthcheck healthcheck(ImageSpec.@Nullable Healthcheck check) {
        return check == null
                ? null
                : new Healthcheck(
                        orEmpty(check.test()),
                        Durations.parse(check.interval()),
                        Durations.parse(check.timeout()),
                        Durations.parse(check.startPeriod()),
                        Durations.parse(check.startInterval()),
                        check.retries() == null ? 0 : check.retries());
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }
}
