package dev.slipway.door.openapi;

import dev.slipway.desired.model.OwnGroup;
import java.util.Set;

/// What a model class is called in OpenAPI documents: Kubernetes' own names for Kubernetes' classes.
final class SchemaNames {
    static final String KUBERNETES_MODEL = "io.fabric8.kubernetes.api.model";
    private static final String META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private static final Set<String> META_TYPES = Set.of(
            "Condition",
            "DeleteOptions",
            "FieldsV1",
            "LabelSelector",
            "LabelSelectorRequirement",
            "ListMeta",
            "ManagedFieldsEntry",
            "MicroTime",
            "ObjectMeta",
            "OwnerReference",
            "Preconditions",
            "Status",
            "StatusCause",
            "StatusDetails");

    private SchemaNames() {}

    /// The name of one of Slipway's own.
    static String own(String name) {
        return "dev.slipway." + OwnGroup.VERSION + "." + name;
    }

    static String of(Class<?> type) {
        String folder = type.getPackageName();
        Class<?> outer = type.getEnclosingClass();
        String name = outer == null ? type.getSimpleName() : outer.getSimpleName() + type.getSimpleName();
        if (!folder.startsWith(KUBERNETES_MODEL)) {
            return own(name);
        }
        if (folder.equals(KUBERNETES_MODEL)) {
            return META_TYPES.contains(name) ? META + name : "io.k8s.api.core.v1." + name;
        }
        String group = folder.substring(KUBERNETES_MODEL.length() + 1);
        boolean hasVersion = group.matches(".*\\.v\\d.*");
        return "io.k8s.api." + group + (hasVersion ? "." : ".v1.") + name;
    }
}
