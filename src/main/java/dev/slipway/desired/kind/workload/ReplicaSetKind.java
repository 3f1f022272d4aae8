package dev.slipway.desired.kind.workload;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.kubernetes.PodAnnotationRules;
import dev.slipway.desired.meta.ApiObject;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `ReplicaSet`: so many equal pods, whatever becomes of each.
public final class ReplicaSetKind implements Kind {
    private static final KindName NAME =
            new KindName("apps", "v1", "ReplicaSet", "replicasets", List.of("rs"), Scope.NAMESPACED);

    @Override
    public KindName name() {
        return NAME;
    }

    @Override
    public Class<?> model() {
        return ReplicaSet.class;
    }

    @Override
    public List<String> categories() {
        return List.of("all");
    }

    @Override
    public List<Column> columns() {
        return Stream.concat(
                        Stream.of(
                                WorkloadRules.count("Desired", "Pods that shall be.", "/spec/replicas"),
                                WorkloadRules.count("Current", "Pods that are.", "/status/replicas"),
                                WorkloadRules.count("Ready", "Pods that are ready.", "/status/readyReplicas"),
                                Column.AGE),
                        WorkloadRules.wideColumns().stream())
                .toList();
    }

    @Override
    public void complete(ObjectNode object) {
        WorkloadRules.complete(object.withObject("/spec"));
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        PodAnnotationRules.state(
                Place.of(object, "metadata", findings).at("annotations"), PodAnnotationRules.earlier(before));
        WorkloadRules.validate(Place.of(object, "spec", findings), before);
    }

    @Override
    public List<String> ignoredFields(ApiObject object) {
        return WorkloadRules.ignoredFields(object);
    }
}
