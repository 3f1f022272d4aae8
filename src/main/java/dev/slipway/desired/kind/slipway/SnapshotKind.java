package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.VolumeSnapshotSpec;
import dev.slipway.desired.model.VolumeSnapshotStatus;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `VolumeSnapshot`: what a volume held at one moment. Kubernetes' own kind; its `VolumeSnapshotContent`, which there
/// stands for the copy in a storage system, would say nothing more on one host, and is not served.
///
/// @spec https://kubernetes.io/docs/concepts/storage/volume-snapshots/ Kubernetes: Volume Snapshots
final class SnapshotKind implements Kind {
    /// Names between slashes, none of them `.` or `..`.
    private static final Pattern FILE = Pattern.compile("(/(?!\\.{1,2}(/|$))[^/\\x00]+)+");

    @Override
    public KindName name() {
        return new KindName(
                "snapshot.storage.k8s.io", "v1", "VolumeSnapshot", "volumesnapshots", List.of("vs"), Scope.NAMESPACED);
    }

    @Override
    public Class<?> model() {
        return VolumeSnapshotSpec.class;
    }

    @Override
    public Class<?> statusModel() {
        return VolumeSnapshotStatus.class;
    }

    @Override
    public List<String> finalizers() {
        return List.of("snapshot.storage.kubernetes.io/volumesnapshot-bound-protection");
    }

    @Override
    public List<Column> columns() {
        return List.of(
                Column.text("ReadyToUse", "Whether volumes can be made from it.", "/status/readyToUse"),
                Column.text("SourcePVC", "What it was taken of.", "/spec/source/persistentVolumeClaimName"),
                Column.text("RestoreSize", "How much a volume made from it takes.", "/status/restoreSize"),
                Column.computed("CreationTime", "How old its data are.", SnapshotKind::age)
                        .from(".status.creationTime"),
                Column.AGE,
                Column.textOrNone("Error", "Why it is not taken yet.", "/status/error/message")
                        .wide());
    }

    private static String age(ApiObject snapshot, Instant now) {
        JsonNode time = snapshot.status().path("creationTime");
        return time.isTextual() ? Column.age(time, now) : "";
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        String archive = object.annotations().get(VolumeSnapshotSpec.ARCHIVE);
        if (archive != null && !FILE.matcher(archive).matches()) {
            findings.invalid(
                    "metadata.annotations[" + VolumeSnapshotSpec.ARCHIVE + "]",
                    archive,
                    "must be the absolute path of a file, without . and ..");
        }
        Place source = Place.of(object, "spec", findings).at("source");
        source.at("persistentVolumeClaimName").requireReads(Names::subdomain);
        if (before != null && !source.value().equals(before.spec().path("source"))) {
            source.forbidden("field is immutable");
        }
    }
}
