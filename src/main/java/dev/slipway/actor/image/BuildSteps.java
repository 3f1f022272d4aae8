package dev.slipway.actor.image;

import dev.slipway.desired.model.ImageSpec;
import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.FileOwner;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the steps of a build from the spec of an Image, which was validated. Pure.
final class BuildSteps {
    private static final int TEXT_MODE = 0644;

    private BuildSteps() {}

    static List<BuildStep> of(ImageSpec.Build build) {
        String context = build.context() == null || build.context().directory() == null
                ? ""
                : Objects.requireNonNullElse(build.context().directory().path(), "");
        return orEmpty(build.steps()).stream().map(step -> step(step, context)).toList();
    }

    private static BuildStep step(ImageSpec.Step step, String context) {
        if (step.copyFromHost() != null) {
            return new BuildStep.CopyFromHost(
                    orEmpty(step.copyFromHost().paths()),
                    Boolean.TRUE.equals(step.copyFromHost().libraries()));
        }
        if (step.copy() != null) {
            return copy(step.copy(), context);
        }
        return config(Objects.requireNonNull(step.config(), "a step has exactly one field"));
    }

    private static BuildStep copy(ImageSpec.Copy copy, String context) {
        String to = Objects.requireNonNull(copy.to(), "a copy step says where to");
        FileOwner owner = owner(Objects.requireNonNullElse(copy.chown(), "0:0"));
        Integer mode = copy.mode() == null ? null : Integer.valueOf(Integer.parseInt(copy.mode(), 8));
        if (copy.content() != null) {
            return new BuildStep.CopyText(copy.content(), to, owner, mode == null ? TEXT_MODE : mode);
        }
        String from = Objects.requireNonNull(copy.from(), "a copy step says what");
        return new BuildStep.CopyFromContext(context, from, to, owner, mode);
    }

    private static FileOwner owner(String chown) {
        int colon = chown.indexOf(':');
        long uid = Long.parseLong(colon < 0 ? chown : chown.substring(0, colon));
        return new FileOwner(uid, colon < 0 ? uid : Long.parseLong(chown.substring(colon + 1)));
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
                config.stopSignal());
    }

    private static <T> List<T> orEmpty(@Nullable List<T> list) {
        return list == null ? List.of() : list;
    }

    private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
        return map == null ? Map.of() : map;
    }
}
