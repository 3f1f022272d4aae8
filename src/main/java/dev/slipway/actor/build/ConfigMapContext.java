package dev.slipway.actor.build;

import dev.slipway.engine.build.BuildStage;
import dev.slipway.engine.build.BuildStep;
import dev.slipway.engine.build.CopySource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

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
            case BuildStep.Layer layer ->
                new BuildStep.Layer(layer.actions().stream()
                        .flatMap(action -> actions(applyTo(action)).stream())
                        .toList());
            default -> step;
        };
    }

    private static List<BuildStep.Action> actions(BuildStep step) {
        return switch (step) {
            case BuildStep.Layer layer -> layer.actions();
            case BuildStep.Action action -> List.of(action);
            case BuildStep.Configure config -> throw new IllegalArgumentException("a config step is no action");
        };
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
        String regex = "\\Q" + pattern.replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q") + "\\E";
        return Pattern.matches(regex, key);
    }
}
