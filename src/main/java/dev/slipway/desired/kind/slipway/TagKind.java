package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.TagSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `Tag`: a movable name of an image.
final class TagKind implements Kind {
    @Override
    public KindName name() {
        return OwnKind.name("Tag", "tags", "tag", Scope.CLUSTER);
    }

    @Override
    public Class<?> model() {
        return TagSpec.class;
    }

    @Override
    public List<String> categories() {
        return List.of("slipway");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.text("Repository", "What it names.", "/spec/repository"),
                Column.text("Tag", "Which version.", "/spec/tag"),
                Column.text("Digest", "What it points at.", "/status/digest"),
                OwnKind.ready(),
                Column.AGE);
    }

    @Override
    public void complete(ObjectNode object) {
        ObjectNode spec = object.withObject("/spec");
        if (!spec.hasNonNull("tag")) {
            spec.put("tag", "latest");
        }
        if (!spec.hasNonNull("historyLimit")) {
            spec.put("historyLimit", 10);
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        if (object.spec().path("repository").asText().isEmpty()) {
            findings.required("spec.repository");
        }
        if (!object.spec().path("tag").asText().matches("[\\w][\\w.-]{0,127}")) {
            findings.invalid(
                    "spec.tag", object.spec().path("tag").asText(), "must match [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
        }
        OwnKind.exactlyOne(object.spec().path("target"), List.of("image", "digest"), "spec.target", findings);
        String digest = object.spec().path("target").path("digest").asText();
        if (!digest.isEmpty() && !digest.matches("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")) {
            findings.invalid("spec.target.digest", digest, "must be sha256:<64 hex digits>");
        }
    }
}
