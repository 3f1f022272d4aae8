package dev.slipway.desired.kind;

import dev.slipway.desired.meta.ApiObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rules that hold for objects of every kind: names, namespaces, labels, owners, what may never change.
public final class CommonRules {
    private static final int MOST_ANNOTATION_BYTES = 256 * 1024;
    private static final List<String> IMMUTABLE = List.of("name", "namespace", "uid", "creationTimestamp");

    private CommonRules() {}

    public static void validate(Kind kind, ApiObject object, @Nullable ApiObject before, Findings findings) {
        Place metadata = Place.of(object, "metadata", findings);
        if (metadata.at("name").isEmpty()) {
            metadata.at("name").required("name or generateName is required");
        } else if (before == null) {
            metadata.at("name").reads(kind.isNamedAsLabel() ? Names::label : Names::subdomain);
        }
        if (kind.name().isNamespaced()) {
            metadata.at("namespace").reads(Names::label);
        } else if (!metadata.at("namespace").isEmpty()) {
            metadata.at("namespace").forbidden("not allowed on this type");
        }
        labels(metadata.at("labels"));
        annotations(metadata.at("annotations"));
        metadata.at("ownerReferences").items().forEach(CommonRules::owner);
        metadata.at("finalizers").items().forEach(CommonRules::finalizer);
        if (before != null) {
            immutable(metadata, before, object);
        }
    }

    /// What a template says of the objects that are made of it.
    public static void template(Place metadata) {
        labels(metadata.at("labels"));
        annotations(metadata.at("annotations"));
        metadata.at("finalizers").items().forEach(CommonRules::finalizer);
    }

    /// The labels of an object, or what a selector compares with them.
    public static void labels(Place labels) {
        for (Place label : labels.entries()) {
            Names.qualified(label.name())
                    .forEach(fault -> labels.findings().invalid(labels.path(), label.name(), fault));
            Names.labelValue(label.text())
                    .forEach(fault -> labels.findings().invalid(labels.path(), label.text(), fault));
        }
    }

    private static void annotations(Place annotations) {
        int bytes = 0;
        for (Place annotation : annotations.entries()) {
            bytes += annotation.name().length() + annotation.text().length();
            Names.qualified(annotation.name())
                    .forEach(fault -> annotations.findings().invalid(annotations.path(), annotation.name(), fault));
        }
        if (bytes > MOST_ANNOTATION_BYTES) {
            annotations.findings().tooLong(annotations.path(), MOST_ANNOTATION_BYTES);
        }
    }

    private static void owner(Place owner) {
        List.of("apiVersion", "kind", "name", "uid").forEach(field -> {
            if (owner.at(field).isEmpty()) {
                owner.at(field).invalid("must not be empty");
            }
        });
    }

    private static void finalizer(Place finalizer) {
        finalizer.reads(Names::qualified);
    }

    private static void immutable(Place metadata, ApiObject before, ApiObject object) {
        for (String field : IMMUTABLE) {
            Place now = metadata.at(field);
            if (!now.text().equals(before.metadata().path(field).asText())) {
                now.findings().invalid(now.path(), now.text(), "field is immutable");
            }
        }
        if (before.deletionTimestamp().isPresent() && !before.finalizers().containsAll(object.finalizers())) {
            metadata.at("finalizers")
                    .forbidden("no new finalizers can be added if the object is being deleted, found new finalizers "
                            + object.finalizers().stream()
                                    .filter(each -> !before.finalizers().contains(each))
                                    .toList());
        }
    }
}
