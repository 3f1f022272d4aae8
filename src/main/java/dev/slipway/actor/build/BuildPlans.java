package dev.slipway.actor.build;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.ImageSpec;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.build.BuildStage;
import dev.slipway.engine.build.StageOrigin;
import dev.slipway.engine.dockerfile.Dockerfile;
import dev.slipway.engine.dockerfile.MalformedDockerfileException;
import dev.slipway.engine.tree.TextFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Makes plans of build specs; reads the ConfigMaps that they name. Safe for use by many threads.
public final class BuildPlans {
    /// Stands for the directory of a context that is a ConfigMap.
    private static final String CONFIG_MAP = "/";

    private static final GroupResource CONFIG_MAPS = GroupResource.core("configmaps");

    private final ObjectStore store;

    public BuildPlans(ObjectStore store) {
        this.store = store;
    }

    /// Something is to be waited for before there can be a plan.
    static final class AwaitedException extends Exception {
        private static final long serialVersionUID = 1L;

        AwaitedException(String message) {
            super(message);
        }
    }

    /// The plan, as far as it does not depend on triggers of images.
    public PlanOutcome plan(ImageSpec.Build build) {
        return plan(build, Map.of());
    }

    /// @param triggers what images have for a Dockerfile that begins with them, by name
    public PlanOutcome plan(ImageSpec.Build build, Map<String, List<String>> triggers) {
        try {
            BuildPlan.Triggers run =
                    build.dockerfile() == null ? BuildPlan.Triggers.LEFT_OUT : new BuildPlan.Triggers(true, triggers);
            return new BuildPlan(
                    stages(build, run.byImage()), !"None".equals(build.cache()), BuildLimits.of(build), run);
        } catch (AwaitedException e) {
            return new PlanOutcome.Awaited(Objects.requireNonNull(e.getMessage()));
        } catch (MalformedDockerfileException | IllegalArgumentException e) {
            return new PlanOutcome.Unreadable(Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }

    private List<BuildStage> stages(ImageSpec.Build build, Map<String, List<String>> triggers)
            throws AwaitedException, MalformedDockerfileException {
        ImageSpec.ConfigMapName context =
                build.context() == null ? null : build.context().configMapRef();
        String directory = context == null ? BuildSteps.directory(build) : CONFIG_MAP;
        List<BuildStage> stages = build.dockerfile() == null
                ? List.of(new BuildStage(base(build), BuildSteps.of(build)))
                : Dockerfile.stages(text(build.dockerfile()), options(build.dockerfile(), directory, triggers));
        if (context == null) {
            return stages;
        }
        ConfigMapContext files = new ConfigMapContext(texts(key(context.namespace(), context.name())));
        return stages.stream().map(files::applyTo).toList();
    }

    private static Dockerfile.Options options(
            ImageSpec.Dockerfile dockerfile, String directory, Map<String, List<String>> triggers) {
        return new Dockerfile.Options(
                Objects.requireNonNullElse(dockerfile.args(), Map.of()),
                Objects.requireNonNullElse(dockerfile.target(), ""),
                directory,
                triggers);
    }

    private String text(ImageSpec.Dockerfile dockerfile) throws AwaitedException {
        ImageSpec.ConfigMapKey reference = dockerfile.configMapKeyRef();
        if (reference != null) {
            ObjectKey key = key(reference.namespace(), reference.name());
            String text = texts(key).get(reference.key());
            if (text == null) {
                throw new AwaitedException(
                        "ConfigMap %s/%s has no key %s".formatted(key.namespace(), key.name(), reference.key()));
            }
            return text;
        }
        return dockerfile.path() == null
                ? Objects.requireNonNullElse(dockerfile.inline(), "")
                : read(Path.of(dockerfile.path()));
    }

    private static String read(Path file) throws AwaitedException {
        try {
            Path absolute = file.toRealPath();
            return TextFile.read(String.valueOf(absolute.getParent()), String.valueOf(absolute.getFileName()));
        } catch (NoSuchFileException e) {
            throw new AwaitedException("Dockerfile %s does not exist".formatted(file));
        } catch (IOException e) {
            throw new AwaitedException("Dockerfile %s cannot be read: %s".formatted(file, e));
        }
    }

    private static StageOrigin base(ImageSpec.Build build) {
        if (build.imageName() != null) {
            return new StageOrigin.Image(BuildPlan.nameOf(build.imageName()));
        }
        return build.from() == null || build.from().equals("scratch")
                ? new StageOrigin.Scratch()
                : new StageOrigin.Image(build.from());
    }

    private Map<String, String> texts(ObjectKey key) throws AwaitedException {
        ApiObject map = store.get(key)
                .orElseThrow(() ->
                        new AwaitedException("ConfigMap %s/%s does not exist".formatted(key.namespace(), key.name())));
        Map<String, String> texts = new TreeMap<>();
        map.tree()
                .path("data")
                .properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }

    /// The ConfigMaps that a build reads.
    public static Set<ObjectKey> configMaps(ImageSpec.Build build) {
        Set<ObjectKey> keys = new HashSet<>();
        if (build.context() != null && build.context().configMapRef() != null) {
            ImageSpec.ConfigMapName context = build.context().configMapRef();
            keys.add(key(context.namespace(), context.name()));
        }
        if (build.dockerfile() != null && build.dockerfile().configMapKeyRef() != null) {
            ImageSpec.ConfigMapKey text = build.dockerfile().configMapKeyRef();
            keys.add(key(text.namespace(), text.name()));
        }
        return keys;
    }

    private static ObjectKey key(@Nullable String namespace, @Nullable String name) {
        return new ObjectKey(
                CONFIG_MAPS, Objects.requireNonNullElse(namespace, "default"), Objects.requireNonNullElse(name, ""));
    }
}
