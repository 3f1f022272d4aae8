package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.VolumeSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `Volume`: data that outlives containers.
final class VolumeKind implements Kind {
    @Override
    public KindName name() {
        return OwnKind.name("Volume", "volumes", "vol", Scope.NAMESPACED);
    }

    @Override
    public Class<?> model() {
        return VolumeSpec.class;
    }

    @Override
    public List<String> finalizers() {
        return List.of("slipway.dev/volume");
    }

    @Override
    public List<String> categories() {
        return List.of("slipway");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.text("Type", "Where the data lie.", "/spec/type"),
                Column.text("Reclaim", "What becomes of the data on delete.", "/spec/reclaimPolicy"),
                Column.computed("Origin", "What it was made for.", (object, now) -> object.status()
                        .path("origin")
                        .path("name")
                        .asText("<none>")),
                OwnKind.ready(),
                Column.AGE,
                Column.text("Path", "On the host.", "/status/path").wide());
    }

    @Override
    public void complete(ObjectNode object) {
        ObjectNode spec = object.withObject("/spec");
        if (!spec.hasNonNull("type")) {
            spec.put("type", spec.has("hostPath") ? "HostPath" : "Managed");
        }
        if (!spec.hasNonNull("reclaimPolicy")) {
            spec.put("reclaimPolicy", "Retain");
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        JsonNode spec = object.spec();
        OwnKind.oneOf(spec, "type", List.of("Managed", "HostPath"), "spec", findings);
        OwnKind.oneOf(spec, "reclaimPolicy", List.of("Retain", "Delete"), "spec", findings);
        boolean hostPath = spec.path("type").asText().equals("HostPath");
        if (hostPath && !spec.path("hostPath").path("path").asText().startsWith("/")) {
            findings.required("spec.hostPath.path", "an absolute path");
        }
        if (!hostPath && spec.has("hostPath")) {
            findings.forbidden("spec.hostPath", "only for type HostPath");
        }
        if (before != null && !spec.path("type").equals(before.spec().path("type"))) {
            findings.invalid("spec.type", spec.path("type").asText(), "field is immutable");
        }
        if (before != null && !spec.path("hostPath").equals(before.spec().path("hostPath"))) {
            findings.invalid("spec.hostPath", spec.path("hostPath").path("path").asText(), "field is immutable");
        }
    }
}
