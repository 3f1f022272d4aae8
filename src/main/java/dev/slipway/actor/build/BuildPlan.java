package dev.slipway.actor.build;

import dev.slipway.engine.build.BuildRequest.RunLimits;
import dev.slipway.engine.build.BuildStage;
import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.BuildStep.CopySource;
import dev.slipway.engine.build.StageOrigin;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// What a build spec comes to. Equal plans on equal images make equal layers, as far as files of the host do.
///
/// @param limits what each program may use
/// @param triggers what the images that stages start from have for a Dockerfile, as far as the plan does it
public record BuildPlan(List<BuildStage> stages, boolean useCache, RunLimits limits, Triggers triggers)
        implements PlanOutcome {
    private static final String OBJECT = "Image/";

    public BuildPlan {
        stages = List.copyOf(stages);
    }

    /// Instructions of images for what is built on them.
    ///
    /// @param areRun whether the plan is that of a Dockerfile; others do without
    /// @param byImage those that the plan knows of
    public record Triggers(boolean areRun, Map<String, List<String>> byImage) {
        /// Of a plan that is no Dockerfile's.
        public static final Triggers LEFT_OUT = new Triggers(false, Map.of());

        public Triggers {
            byImage = Map.copyOf(byImage);
        }
    }

    /// The name under which a plan knows the image of an Image object.
    public static String nameOf(String object) {
        return OBJECT + object;
    }

    /// The Image object that a name stands for; empty for a reference.
    public static String objectOf(String name) {
        return name.startsWith(OBJECT) ? name.substring(OBJECT.length()) : "";
    }

    /// Every image that a stage starts from or copies from, by name.
    public Set<String> images() {
        Set<String> names = new TreeSet<>();
        stages.stream().flatMap(BuildPlan::bases).forEach(base -> {
            if (base instanceof StageOrigin.Image image) {
                names.add(image.name());
            }
        });
        return names;
    }

    /// The images that stages start from, by name.
    public Set<String> bases() {
        Set<String> names = new TreeSet<>();
        for (BuildStage stage : stages) {
            if (stage.base() instanceof StageOrigin.Image image) {
                names.add(image.name());
            }
        }
        return names;
    }

    private static Stream<StageOrigin> bases(BuildStage stage) {
        return Stream.concat(Stream.of(stage.base()), stage.steps().stream().flatMap(BuildPlan::sources));
    }

    private static Stream<StageOrigin> sources(BuildStep step) {
        return switch (step) {
            case BuildStep.Layer layer -> layer.actions().stream().flatMap(BuildPlan::sources);
            case BuildStep.Copy copy ->
                copy.source() instanceof CopySource.Image image ? Stream.of(image.image()) : Stream.empty();
            case BuildStep.Deferred deferred -> deferred.source().stream();
            case BuildStep.Arguments arguments -> Stream.empty();
            case BuildStep.Run run -> Stream.empty();
            case BuildStep.Remove remove -> Stream.empty();
            case BuildStep.Add add -> Stream.empty();
            case BuildStep.MakeDirectory made -> Stream.empty();
            case BuildStep.EnterDirectory enter -> Stream.empty();
            case BuildStep.CopyText text -> Stream.empty();
            case BuildStep.CopyFromHost host -> Stream.empty();
            case BuildStep.Configure config -> Stream.empty();
        };
    }
}
