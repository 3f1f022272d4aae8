package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.meta.ApiObject;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Kinds around claims.
public final class StorageKinds {
    /// Marks the class of claims that name none.
    public static final String DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";

    private StorageKinds() {}

    /// What a claim has, or may have: Slipway writes one for each claim that it has made a Volume for, to be looked
    /// at, and binds claims to those that people have declared.
    public static Kind persistentVolume() {
        return new PersistentVolumeKind();
    }

    private static final class PersistentVolumeKind implements Kind {
        private static final List<String> SOURCES = List.of("hostPath", "local", "nfs");

        @Override
        public KindName name() {
            return new KindName("", "v1", "PersistentVolume", "persistentvolumes", List.of("pv"), Scope.CLUSTER);
        }

        @Override
        public Class<?> model() {
            return PersistentVolume.class;
        }

        @Override
        public List<Column> columns() {
            return List.of(
                    Column.text("Capacity", "How much it holds.", "/spec/capacity/storage"),
                    Column.computed(
                            "Access Modes",
                            "How it may be used.",
                            (volume, now) -> ClaimKind.shortModes(volume.spec().path("accessModes"))),
                    Column.text(
                            "Reclaim Policy",
                            "What becomes of the data with the claim.",
                            "/spec/persistentVolumeReclaimPolicy"),
                    Column.computed(
                            "Status",
                            "Available, Bound, Released, Failed or Terminating.",
                            (volume, now) -> ClaimKind.phase(volume)),
                    Column.computed("Claim", "Whose it is.", (volume, now) -> claim(volume)),
                    Column.text("StorageClass", "What made it.", "/spec/storageClassName"),
                    Column.text("Reason", "Why it is so.", "/status/reason"),
                    Column.AGE,
                    Column.text("VolumeMode", "Filesystem or Block.", "/spec/volumeMode")
                            .wide());
        }

        @Override
        public void complete(ObjectNode object) {
            ObjectNode spec = object.withObject("/spec");
            put(spec, "persistentVolumeReclaimPolicy", "Retain");
            put(spec, "volumeMode", "Filesystem");
            if (spec.path("hostPath") instanceof ObjectNode path) {
                put(path, "type", "");
            }
            if (object.path("status").path("phase").isMissingNode()) {
                object.withObject("/status").put("phase", "Pending");
            }
        }

        private static void put(ObjectNode node, String field, String value) {
            if (!node.hasNonNull(field)) {
                node.put(field, value);
            }
        }

        @Override
        public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
            Place spec = Place.of(object, "spec", findings);
            if (spec.at("accessModes").require()) {
                spec.at("accessModes").items().forEach(mode -> mode.oneOf(ClaimKind.ACCESS_MODES));
            }
            Place storage = spec.at("capacity").at("storage");
            if (storage.require()) {
                ResourceRules.quantity(storage);
            }
            spec.at("persistentVolumeReclaimPolicy").oneOf(List.of("Delete", "Retain"));
            spec.at("volumeMode").oneOf(List.of("Block", "Filesystem"));
            if (!spec.at("claimRef").at("uid").isThere()) {
                spec.present(SOURCES).forEach(PersistentVolumeKind::source);
                spec.present(SOURCES).stream()
                        .skip(1)
                        .forEach(extra -> extra.forbidden("may not specify more than 1 volume type"));
            }
            for (String field : SOURCES) {
                if (before != null && !source(spec.value(), field).equals(source(before.spec(), field))) {
                    spec.at(field).forbidden("spec.persistentvolumesource is immutable after creation");
                }
            }
        }

        /// What is in the store may be older than a default.
        private static JsonNode source(JsonNode spec, String field) {
            JsonNode source = spec.path(field).deepCopy();
            if (source instanceof ObjectNode path && field.equals("hostPath")) {
                put(path, "type", "");
            }
            return source;
        }

        private static void source(Place source) {
            if (source.name().equals("nfs")) {
                VolumeRules.nfs(source);
                return;
            }
            Place path = source.at("path");
            if (path.require()) {
                path.holds(path.text().startsWith("/"), "must be an absolute path");
                path.holds(!List.of(path.text().split("/")).contains(".."), "must not contain '..'");
            }
            source.at("type").oneOf(VolumeRules.HOST_PATH_TYPES);
        }

        /// Of mount options, too: only a server's file system is mounted anew, the others are places of the host.
        @Override
        public List<String> warnings(ApiObject object) {
            JsonNode spec = object.spec();
            List<String> warnings = new ArrayList<>();
            if (SOURCES.stream().noneMatch(spec::has)
                    && !spec.at("/claimRef/uid").isTextual()) {
                warnings.add(
                        "spec: Slipway binds PersistentVolumes of these sources only: " + String.join(", ", SOURCES));
            }
            if (!spec.path("mountOptions").isEmpty() && !spec.has("nfs")) {
                warnings.add("spec.mountOptions: accepted, but only a volume of nfs is mounted with them");
            }
            return warnings;
        }
    }

    /// How volumes are made for claims.
    public static Kind storageClass() {
        return new StorageClassKind();
    }

    private static final class StorageClassKind implements Kind {
        private static final List<String> IGNORED = List.of("allowedTopologies", "mountOptions", "parameters");

        @Override
        public KindName name() {
            return new KindName("storage.k8s.io", "v1", "StorageClass", "storageclasses", List.of("sc"), Scope.CLUSTER);
        }

        @Override
        public Class<?> model() {
            return StorageClass.class;
        }

        @Override
        public boolean hasStatus() {
            return false;
        }

        @Override
        public List<String> contentFields() {
            return List.of();
        }

        @Override
        public List<Column> columns() {
            return List.of(
                    Column.text("Provisioner", "Who makes the volumes.", "/provisioner"),
                    Column.text("ReclaimPolicy", "What becomes of the data with the claim.", "/reclaimPolicy"),
                    Column.text("VolumeBindingMode", "When they are made.", "/volumeBindingMode"),
                    Column.computed("AllowVolumeExpansion", "Whether they may grow.", (object, now) -> object.tree()
                            .path("allowVolumeExpansion")
                            .asBoolean()),
                    Column.AGE);
        }

        /// What a provisioner of directories has no use for.
        @Override
        public List<String> ignoredFields(ApiObject object) {
            return IGNORED.stream()
                    .filter(field -> !object.tree().path(field).isEmpty())
                    .toList();
        }
    }

    private static String claim(ApiObject volume) {
        JsonNode claim = volume.spec().path("claimRef");
        return claim.isMissingNode()
                ? ""
                : claim.path("namespace").asText() + "/" + claim.path("name").asText();
    }
}
