package dev.slipway.desired.kind;

import dev.slipway.desired.meta.ApiObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rules that hold for objects of every kind: names, namespaces, labels, what may never change.
public final class CommonRules {
    private static final int MOST_ANNOTATION_BYTES = 256 * 1024;

    private CommonRules() {}

    public static void validate(Kind kind, ApiObject object, @Nullable ApiObject before, Findings findings) {
        if (object.name().isEmpty()) {
            findings.required("metadata.name", "name or generateName is required");
        } else if (kind.name().kind().equals("Namespace")
                ? !Names.isLabel(object.name())
                : !Names.isSubdomain(object.name())) {
            findings.invalid(
                    "metadata.name",
                    object.name(),
                    kind.name().kind().equals("Namespace") ? Names.LABEL_RULE : Names.SUBDOMAIN_RULE);
        }
        if (kind.name().isNamespaced() && !Names.isLabel(object.namespace())) {
            findings.invalid("metadata.namespace", object.namespace(), Names.LABEL_RULE);
        }
        if (!kind.name().isNamespaced() && !object.namespace().isEmpty()) {
            findings.forbidden("metadata.namespace", "not allowed on this type");
        }
        Names.labels(object.labels(), "metadata.labels", findings);
        annotations(object, findings);
        if (before != null) {
            immutable(object, before, findings);
        }
    }

    private static void annotations(ApiObject object, Findings findings) {
        int bytes = 0;
        for (var annotation : object.annotations().entrySet()) {
            bytes += annotation.getKey().length() + annotation.getValue().length();
            if (!Names.isQualified(annotation.getKey())) {
                findings.invalid(
                        "metadata.annotations",
                        annotation.getKey(),
                        "name part must consist of alphanumeric"
                                + " characters, '-', '_' or '.', and must start and end with an alphanumeric character");
            }
        }
        if (bytes > MOST_ANNOTATION_BYTES) {
            findings.invalid("metadata.annotations", bytes, "annotations may have at most 262144 bytes");
        }
    }

    private static void immutable(ApiObject object, ApiObject before, Findings findings) {
        for (String field : List.of("uid", "creationTimestamp", "name", "namespace")) {
            if (!object.metadata()
                    .path(field)
                    .asText()
                    .equals(before.metadata().path(field).asText())) {
                findings.invalid(
                        "metadata." + field, object.metadata().path(field).asText(), "field is immutable");
            }
        }
        if (before.deletionTimestamp().isPresent() && !before.finalizers().containsAll(object.finalizers())) {
            findings.forbidden("metadata.finalizers", "no new finalizers can be added if the object is being deleted");
        }
    }
}
