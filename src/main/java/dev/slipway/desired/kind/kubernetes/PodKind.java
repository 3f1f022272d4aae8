package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.meta.ApiObject;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `Pod`: one or more containers that share a network and volumes.
public final class PodKind implements Kind {
    private static final KindName NAME = new KindName("", "v1", "Pod", "pods", List.of("po"), Scope.NAMESPACED);

    @Override
    public KindName name() {
        return NAME;
    }

    @Override
    public Class<?> model() {
        return Pod.class;
    }

    @Override
    public List<String> categories() {
        return List.of("all");
    }

    @Override
    public List<Column> columns() {
        return PodColumns.ALL;
    }

    @Override
    public void complete(ObjectNode object) {
        if (object.path("spec") instanceof ObjectNode spec) {
            PodDefaults.completePod(spec);
        }
        if (object.path("status").path("phase").isMissingNode()) {
            object.withObject("/status").put("phase", "Pending");
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        Place spec = Place.of(object, "spec", findings);
        Place annotations = Place.of(object, "metadata", findings).at("annotations");
        PodAnnotationRules.validate(annotations, PodAnnotationRules.earlier(before), spec.value());
        if (before == null) {
            PodRules.validate(spec);
        } else {
            NetworkRules.stays(annotations, PodAnnotationRules.earlier(before));
            PodUpdateRules.validate(spec, before);
        }
    }

    @Override
    public List<String> ignoredFields(ApiObject object) {
        return IgnoredPodFields.of(object.spec(), "spec");
    }
}
