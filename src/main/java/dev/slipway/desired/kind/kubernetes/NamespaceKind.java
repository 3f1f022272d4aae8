package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import io.fabric8.kubernetes.api.model.Namespace;
import java.util.List;

/// `Namespace`: a room of names; with it goes everything in it.
public final class NamespaceKind implements Kind {
    /// The label that carries the name, so that selectors can.
    private static final String NAME_LABEL = "kubernetes.io/metadata.name";

    private static final KindName NAME =
            new KindName("", "v1", "Namespace", "namespaces", List.of("ns"), Scope.CLUSTER);

    @Override
    public KindName name() {
        return NAME;
    }

    @Override
    public Class<?> model() {
        return Namespace.class;
    }

    @Override
    public boolean isNamedAsLabel() {
        return true;
    }

    @Override
    public List<String> contentFields() {
        return List.of();
    }

    @Override
    public List<Column> columns() {
        return List.of(Column.text("Status", "The status of the namespace.", "/status/phase"), Column.AGE);
    }

    @Override
    public void complete(ObjectNode object) {
        object.withObject("/metadata/labels")
                .put(NAME_LABEL, object.path("metadata").path("name").asText());
        ObjectNode spec = object.withObject("/spec");
        if (!spec.has("finalizers")) {
            spec.putArray("finalizers").add("kubernetes");
        }
        if (object.path("status").path("phase").isMissingNode()) {
            object.withObject("/status").put("phase", "Active");
        }
    }
}
