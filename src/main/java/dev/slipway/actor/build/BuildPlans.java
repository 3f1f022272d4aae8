package dev.slipway.actor.build;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.ImageSpec;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.build.BuildStage;
import dev.slipway.engine.build.StageOrigin;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Makes plans of build specs; reads the ConfigMaps that they name. Safe for use by many threads.
public final class BuildPlans {
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

    public PlanOutcome plan(ImageSpec.Build build) {
        try {
            return new BuildPlan(stages(build), !"None".equals(build.cache()));
        } catch (AwaitedException e) {
            return new PlanOutcome.Awaited(Objects.requireNonNull(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return new PlanOutcome.Unreadable(Objects.requireNonNullElse(e.getMessage(), e.toString()));
        }
    }

    private List<BuildStage> stages(ImageSpec.Build build) throws AwaitedException {
        List<BuildStage> stages = List.of(new BuildStage(base(build), BuildSteps.of(build)));
        ImageSpec.ConfigMapName context =
                build.context() == null ? null : build.context().configMapRef();
        if (context == null) {
            return stages;
        }
        ConfigMapContext files = new ConfigMapContext(texts(context));
        return stages.stream().map(files::applyTo).toList();
    }

    private static StageOrigin base(ImageSpec.Build build) {
        if (build.imageName() != null) {
            return new StageOrigin.Image(BuildPlan.nameOf(build.imageName()));
        }
        return build.from() == null || build.from().equals("scratch")
                ? new StageOrigin.Scratch()
                : new StageOrigin.Image(build.from());
    }

    private Map<String, String> texts(ImageSpec.ConfigMapName name) throws AwaitedException {
        ObjectKey key = key(name);
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
        add(build.context() == null ? null : build.context().configMapRef(), keys);
        return keys;
    }

    private static void add(ImageSpec.@Nullable ConfigMapName name, Set<ObjectKey> keys) {
        if (name != null) {
            keys.add(key(name));
        }
    }

    private static ObjectKey key(ImageSpec.ConfigMapName name) {
        return new ObjectKey(
                CONFIG_MAPS,
                Objects.requireNonNullElse(name.namespace(), "default"),
                Objects.requireNonNullElse(name.name(), ""));
    }
}
