package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.meta.ApiObject;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `PersistentVolumeClaim`: asks for data by size and way of access; who uses them names the claim.
///
/// @spec https://kubernetes.io/docs/concepts/storage/persistent-volumes/ Kubernetes: Persistent Volumes
public final class ClaimKind implements Kind {
    /// Keeps a claim until no pod uses it.
    public static final String PROTECTION = "kubernetes.io/pvc-protection";

    static final List<String> ACCESS_MODES =
            List.of("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod");

    /// What may be filled in after a claim was made.
    private static final List<String> FILLED_IN = List.of("volumeName", "storageClassName");

    @Override
    public KindName name() {
        return new KindName(
                "", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", List.of("pvc"), Scope.NAMESPACED);
    }

    @Override
    public Class<?> model() {
        return PersistentVolumeClaim.class;
    }

    @Override
    public List<String> finalizers() {
        return List.of(PROTECTION);
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.computed("Status", "Whether it has its volume.", (claim, now) -> phase(claim)),
                Column.text("Volume", "The PersistentVolume that it has.", "/spec/volumeName"),
                Column.text("Capacity", "What it has.", "/status/capacity/storage"),
                Column.computed(
                        "Access Modes",
                        "How it may be used.",
                        (claim, now) -> shortModes(claim.status().path("accessModes"))),
                Column.text("StorageClass", "What made it.", "/spec/storageClassName"),
                Column.AGE,
                Column.text("VolumeMode", "Filesystem or Block.", "/spec/volumeMode")
                        .wide());
    }

    @Override
    public void complete(ObjectNode object) {
        ObjectNode spec = object.withObject("/spec");
        if (!spec.hasNonNull("volumeMode")) {
            spec.put("volumeMode", "Filesystem");
        }
        if (object.path("status").path("phase").isMissingNode()) {
            object.withObject("/status").put("phase", "Pending");
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        Place spec = Place.of(object, "spec", findings);
        spec(spec);
        if (before != null) {
            requireSame(spec, before.spec());
            requireNoLess(spec.at("resources").at("requests").at("storage"), before);
        }
    }

    /// What a claim asks for, also one that is made from a template.
    static void spec(Place spec) {
        if (spec.at("accessModes").require()) {
            spec.at("accessModes").items().forEach(mode -> mode.oneOf(ACCESS_MODES));
        }
        spec.at("resources").at("requests").at("storage").require();
        spec.at("volumeMode").oneOf(List.of("Filesystem"));
    }

    /// Who asks for as much as before may go on, whatever the volume has by now; who asks for less gets it down to
    /// what the volume has.
    private static void requireNoLess(Place storage, ApiObject before) {
        Optional<BigDecimal> asked = Quantities.parse(storage.text());
        Optional<BigDecimal> askedBefore =
                Quantities.parse(before.spec().at("/resources/requests/storage").asText());
        Optional<BigDecimal> has =
                Quantities.parse(before.status().at("/capacity/storage").asText());
        if (isLess(asked, askedBefore) && isLess(asked, has)) {
            storage.forbidden("field can not be less than status.capacity");
        }
    }

    private static boolean isLess(Optional<BigDecimal> one, Optional<BigDecimal> other) {
        return one.isPresent() && other.isPresent() && one.get().compareTo(other.get()) < 0;
    }

    private static void requireSame(Place spec, JsonNode before) {
        for (String field :
                List.of("accessModes", "selector", "volumeMode", "dataSource", "storageClassName", "volumeName")) {
            boolean isFilledIn =
                    FILLED_IN.contains(field) && before.path(field).asText().isEmpty();
            if (!isFilledIn && !spec.value().path(field).equals(before.path(field))) {
                spec.at(field)
                        .forbidden("spec is immutable after creation except resources.requests and"
                                + " volumeAttributesClassName for bound claims");
            }
        }
    }

    /// As kubectl shows it: what is being deleted says so, while who uses it keeps it.
    static String phase(ApiObject object) {
        return object.deletionTimestamp().isPresent()
                ? "Terminating"
                : object.status().path("phase").asText();
    }

    /// `RWO,ROX`, as kubectl prints them.
    static String shortModes(JsonNode modes) {
        StringBuilder text = new StringBuilder();
        for (JsonNode mode : modes) {
            text.append(text.isEmpty() ? "" : ",")
                    .append(
                            switch (mode.asText()) {
                                case "ReadWriteOnce" -> "RWO";
                                case "ReadOnlyMany" -> "ROX";
                                case "ReadWriteMany" -> "RWX";
                                case "ReadWriteOncePod" -> "RWOP";
                                default -> mode.asText();
                            });
        }
        return text.toString();
    }
}
