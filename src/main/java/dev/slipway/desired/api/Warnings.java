package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.OwnAnnotations;
import dev.slipway.desired.meta.ApiObject;
import java.util.ArrayList;
import java.util.List;

/// What a writer should know of an object that is accepted all the same. Pure.
final class Warnings {
    private Warnings() {}

    static List<String> of(Kind kind, ObjectNode object) {
        List<String> warnings = new ArrayList<>(kind.warnings(ApiObject.of(object)));
        annotations(object.path("metadata"), "metadata", warnings);
        annotations(object.at("/spec/template/metadata"), "spec.template.metadata", warnings);
        return warnings;
    }

    private static void annotations(JsonNode metadata, String path, List<String> warnings) {
        metadata.path("annotations").properties().stream()
                .filter(annotation -> OwnAnnotations.isUnknown(annotation.getKey()))
                .map(annotation -> "%s.annotations[%s]: unknown annotation, which nothing reads"
                        .formatted(path, annotation.getKey()))
                .forEach(warnings::add);
    }
}
