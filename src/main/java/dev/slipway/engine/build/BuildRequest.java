package dev.slipway.engine.build;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Reference;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What to build.
///
/// @param id who asks, the same at each try: what it leaves for the next, and its log, are kept under it. Safe as the
///     name of a file
/// @param stages the last is the image
/// @param images every image that stages start from or copy from, by the name that they use
/// @param names names that the image gets; they move to it from other images
/// @param useCache whether layers that are known from earlier builds are taken
public record BuildRequest(
        String id, List<BuildStage> stages, Map<String, LocalImage> images, Set<Reference> names, boolean useCache) {
    public BuildRequest {
        stages = List.copyOf(stages);
        images = Map.copyOf(images);
        names = Set.copyOf(names);
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("a build has no stage");
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
