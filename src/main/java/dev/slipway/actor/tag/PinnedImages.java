package dev.slipway.actor.tag;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.model.PodAnnotations;
import dev.slipway.engine.oci.Digest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Which images the containers of a pod template are bound to, so that all pods that are made of it run the same bytes
/// though a Tag moves. A value.
///
/// As an annotation it reads `web=acme/shop:1@sha256:...,setup=acme/tools@sha256:...`. One that is bound to another
/// name than its container has by now is none.
///
/// @param byContainer image as it is written in the template, with `@` and a digest behind it
public record PinnedImages(Map<String, String> byContainer) {
    public PinnedImages {
        byContainer = Collections.unmodifiableMap(new TreeMap<>(byContainer));
    }

    /// Those of a template, or of a pod that was made of it.
    public static PinnedImages of(JsonNode template) {
        return parse(template.path("metadata")
                .path("annotations")
                .path(PodAnnotations.PINNED_IMAGES)
                .asText());
    }

    /// What cannot be read is left out.
    public static PinnedImages parse(String text) {
        Map<String, String> pinned = new TreeMap<>();
        for (String each : text.split(",")) {
            int equals = each.indexOf('=');
            String image = each.substring(equals + 1);
            if (equals > 0 && Digest.parse(digest(image)).isPresent()) {
                pinned.put(each.substring(0, equals), image);
            }
        }
        return new PinnedImages(pinned);
    }

    /// Empty where nothing is bound.
    public String text() {
        return byContainer.entrySet().stream()
                .map(each -> each.getKey() + "=" + each.getValue())
                .collect(Collectors.joining(","));
    }

    /// What a container is bound to.
    ///
    /// @param image as it is written in the template now
    public Optional<String> of(String container, String image) {
        return Optional.ofNullable(byContainer.get(container)).filter(pinned -> pinned.startsWith(image + "@"));
    }

    /// A pod's spec with the images that its containers are bound to.
    public JsonNode bind(JsonNode podSpec) {
        JsonNode bound = podSpec.deepCopy();
        containers(bound).forEach(container -> of(
                        container.path("name").asText(), container.path("image").asText())
                .ifPresent(image -> container.put("image", image)));
        return bound;
    }

    /// The digest at the end of a name; empty without one.
    public static String digest(String image) {
        int at = image.indexOf('@');
        return at < 0 ? "" : image.substring(at + 1);
    }

    /// The containers of a pod's spec, also those that run before the others.
    public static List<ObjectNode> containers(JsonNode podSpec) {
        List<ObjectNode> containers = new ArrayList<>();
        for (String field : List.of("initContainers", "containers")) {
            for (JsonNode each : podSpec.path(field)) {
                if (each instanceof ObjectNode container) {
                    containers.add(container);
                }
            }
        }
        return containers;
    }
}
