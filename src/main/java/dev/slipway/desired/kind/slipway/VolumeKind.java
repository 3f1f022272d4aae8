package dev.slipway.desired.kind.slipway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.KindName;
import dev.slipway.desired.kind.KindName.Scope;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.model.VolumeSpec;
import dev.slipway.desired.model.VolumeStatus;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// `Volume`: data that outlives containers.
///
/// What `Retain` keeps is found by the next Volume of the name, as it is: `populate` fills what is made, never what is
/// there. If that was made from something else, or is of another type, the Volume is `Stalled` with `Conflict`, and the
/// data stay.
final class VolumeKind implements Kind {
    private static final Pattern MODE = Pattern.compile("0?[0-7]{3,4}");

    @Override
    public KindName name() {
        return OwnKind.name("Volume", "volumes", "vol", Scope.NAMESPACED);
    }

    @Override
    public Class<?> model() {
        return VolumeSpec.class;
    }

    @Override
    public Class<?> statusModel() {
        return VolumeStatus.class;
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
                Column.computed(
                        "Used",
                        "How much the data take.",
                        (object, now) -> OwnKind.bytes(object.status().path("bytesUsed"))),
                Column.textOrNone("Capacity", "How much they may take.", "/spec/capacity"),
                Column.computed("Mounted-By", "Pods that have it mounted.", (object, now) -> mountedBy(object)),
                Column.textOrNone("Claim", "The claim that has it.", "/status/claimRef/name"),
                Column.computed("Origin", "What it was made for.", (object, now) -> object.status()
                        .path("origin")
                        .path("name")
                        .asText("<none>")),
                OwnKind.ready(),
                Column.AGE,
                Column.textOrNone("Path", "On the host.", "/status/path").wide());
    }

    @Override
    public void complete(ObjectNode object) {
        ObjectNode spec = object.withObject("/spec");
        if (!spec.hasNonNull("type")) {
            spec.put("type", spec.has("hostPath") ? "HostPath" : spec.has("nfs") ? "NFS" : "Managed");
        }
        if (!spec.hasNonNull("reclaimPolicy")) {
            spec.put("reclaimPolicy", "Retain");
        }
    }

    @Override
    public void validate(ApiObject object, @Nullable ApiObject before, Findings findings) {
        Place spec = Place.of(object, "spec", findings);
        Place type = spec.at("type");
        type.oneOf(List.of("Managed", "HostPath", "Memory", "NFS"));
        spec.at("reclaimPolicy").oneOf(List.of("Retain", "Delete", "DeleteWhenUnused"));
        VolumeSources.validate(spec);
        Place capacity = spec.at("capacity");
        capacity.holds(
                Quantities.parse(capacity.text())
                        .filter(bytes -> bytes.signum() > 0)
                        .isPresent(),
                "must be a quantity greater than 0, for instance 10Gi");
        ownership(spec.at("ownership"));
        for (String field : List.of("type", "hostPath", "nfs", "populate")) {
            boolean isSame = before == null
                    || spec.value().path(field).equals(before.spec().path(field));
            if (!isSame) {
                findings.invalid(spec.at(field).path(), spec.at(field).text(), "field is immutable");
            }
        }
    }

    private static String mountedBy(ApiObject object) {
        Set<String> pods = new LinkedHashSet<>();
        object.status()
                .path("mountedBy")
                .forEach(mount -> pods.add(mount.path("pod").asText()));
        return pods.isEmpty() ? "<none>" : String.join(",", pods);
    }

    private static void ownership(Place ownership) {
        ownership.at("uid").notNegative();
        ownership.at("gid").notNegative();
        Place mode = ownership.at("mode");
        mode.holds(MODE.matcher(mode.text()).matches(), "must be permission bits in octal");
    }
}
