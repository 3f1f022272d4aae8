package dev.slipway.actor.build;

import dev.slipway.engine.build.BuildStage;
import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.BuildStep.CopySource;
import dev.slipway.engine.build.StageOrigin;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.tree.Wildcards;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The texts of a ConfigMap in the place of a directory: each key is a file. Pure.
///
/// @param texts by key
record ConfigMapContext(Map<String, String> texts) {
    private static final int TEXT_MODE = 0644;

    BuildStage applyTo(BuildStage stage) {
        return new BuildStage(
                stage.base(), stage.steps().stream().map(this::applyTo).toList());
    }

    private BuildStep applyTo(BuildStep step) {
        return switch (step) {
            case BuildStep.Copy copy when copy.source() instanceof CopySource.Context -> files(copy);
            case BuildStep.Add add -> files(add.files());
            case BuildStep.Layer layer ->
                new BuildStep.Layer(layer.actions().stream()
                        .flatMap(action -> actions(applyTo(action)).stream())
                        .toList());
            case BuildStep.Deferred deferred -> new Late(deferred, this);
            case BuildStep.Action action -> action;
            case BuildStep.EnterDirectory enter -> enter;
            case BuildStep.Configure config -> config;
            case BuildStep.Arguments values -> values;
        };
    }

    private static List<BuildStep.Action> actions(BuildStep step) {
        return step instanceof BuildStep.Layer layer ? layer.actions() : List.of((BuildStep.Action) step);
    }

    /// A step that may turn out to copy from the context.
    private record Late(BuildStep.Deferred step, ConfigMapContext files) implements BuildStep.Deferred {
        @Override
        public Optional<StageOrigin> source() {
            return step.source();
        }

        @Override
        public String place() {
            return step.place();
        }

        @Override
        public String words() {
            return step.words();
        }

        @Override
        public BuildStep resolved(Map<String, String> arguments, RunParameters parameters) throws IOException {
            try {
                return files.applyTo(step.resolved(arguments, parameters));
            } catch (IllegalArgumentException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }

    private BuildStep files(BuildStep.Copy copy) {
        List<BuildStep.Action> files = new ArrayList<>();
        for (String from : copy.from()) {
            String pattern = from.replaceFirst("^(\\./|/)+", "");
            boolean all = pattern.isEmpty() || pattern.equals(".");
            List<String> keys = texts.keySet().stream()
                    .filter(key -> all || matches(pattern, key))
                    .toList();
            if (keys.isEmpty() && !all) {
                throw new IllegalArgumentException("the ConfigMap has no key " + pattern);
            }
            boolean isDirectory = all || keys.size() > 1 || copy.to().endsWith("/");
            for (String key : keys) {
                files.add(new BuildStep.CopyText(
                        texts.getOrDefault(key, ""),
                        isDirectory ? copy.to() + "/" + key : copy.to(),
                        copy.owner(),
                        copy.mode() == null ? TEXT_MODE : copy.mode()));
            }
        }
        return files.size() == 1 ? files.getFirst() : new BuildStep.Layer(files);
    }

    private static boolean matches(String pattern, String key) {
        return Wildcards.GO.matching(pattern).test(key);
    }
}
