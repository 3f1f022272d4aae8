package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.ImageSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `Image`: immutable content, pulled or built.
final class ImageKind implements Kind {
    @Override
    public KindName name() {
        return OwnKind.name("Image", "images", "img", Scope.CLUSTER);
    }

    @Override
    public Class<?> model() {
        return ImageSpec.class;
    }

    @Override
    public List<String> finalizers() {
        return List.of("slipway.dev/image");
    }

    @Override
    public List<String> categories() {
        return List.of("slipway");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.computed("Reference", "Where it comes from.", (object, now) -> reference(object)),
                Column.computed("Digest", "Of its manifest.", (object, now) -> shortDigest(object)),
                Column.number("Layers", "How many layers it has.", (object, now) -> object.status()
                        .path("layers")
                        .size()),
                Column.computed(
                        "Size",
                        "Of its layers, unpacked.",
                        (object, now) ->
                                OwnKind.bytes(object.status().path("sizes").path("unpacked"))),
                OwnKind.ready(),
                Column.AGE);
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        JsonNode source = object.spec().path("source");
        OwnKind.exactlyOne(source, List.of("pull", "build"), "spec.source", findings);
        if (source.has("pull") && source.path("pull").path("reference").asText().isEmpty()) {
            findings.required("spec.source.pull.reference");
        }
        if (source.has("build")) {
            build(source.path("build"), findings);
        }
    }

    private static void build(JsonNode build, Findings findings) {
        String path = "spec.source.build";
        OwnKind.exactlyOne(build, List.of("from", "imageName"), path, findings);
        JsonNode steps = build.path("steps");
        for (int i = 0; i < steps.size(); i++) {
            String at = path + ".steps[" + i + "]";
            OwnKind.exactlyOne(steps.get(i), List.of("copyFromHost", "copy", "config"), at, findings);
            if (steps.get(i).has("copyFromHost")) {
                hostPaths(steps.get(i).path("copyFromHost").path("paths"), at + ".copyFromHost.paths", findings);
            }
            if (steps.get(i).has("copy")) {
                copy(steps.get(i).path("copy"), at + ".copy", build.has("context"), findings);
            }
        }
    }

    private static void hostPaths(JsonNode paths, String path, Findings findings) {
        if (paths.isEmpty()) {
            findings.required(path);
        }
        for (int i = 0; i < paths.size(); i++) {
            if (!paths.get(i).asText().startsWith("/")) {
                findings.invalid(path + "[" + i + "]", paths.get(i).asText(), "must be an absolute path");
            }
        }
    }

    private static void copy(JsonNode copy, String path, boolean hasContext, Findings findings) {
        OwnKind.exactlyOne(copy, List.of("from", "content"), path, findings);
        if (copy.has("from") && !hasContext) {
            findings.required("spec.source.build.context", "a copy step takes from it");
        }
        if (!copy.path("to").asText().startsWith("/")) {
            findings.invalid(path + ".to", copy.path("to").asText(), "must be an absolute path");
        }
        if (copy.has("mode") && !copy.path("mode").asText().matches("0?[0-7]{3,4}")) {
            findings.invalid(path + ".mode", copy.path("mode").asText(), "must be permission bits in octal");
        }
        if (copy.has("chown") && !copy.path("chown").asText().matches("[0-9]{1,10}(:[0-9]{1,10})?")) {
            findings.invalid(path + ".chown", copy.path("chown").asText(), "must be uid or uid:gid");
        }
    }

    private static String reference(ApiObject object) {
        JsonNode pull = object.spec().path("source").path("pull");
        return pull.isObject() ? pull.path("reference").asText() : "<built>";
    }

    private static String shortDigest(ApiObject object) {
        String digest = object.status().path("digest").asText();
        return digest.length() > 19 ? digest.substring(0, 19) : digest;
    }
}
