package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.model.VolumeSpec;
import dev.slipway.engine.volume.HostPath;
import dev.slipway.engine.volume.HostPaths;
import dev.slipway.engine.volume.NfsExport;
import dev.slipway.engine.volume.Ownership;
import dev.slipway.engine.volume.VolumeName;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where the data of a Volume lie, by its type.
///
/// ```
/// Managed    a directory of Slipway's; an object of the same name finds what an earlier one retained
/// HostPath   a path of the host's; its data are never removed
/// Memory     a tmpfs of its own, until the host goes down
/// NFS        a directory of a server, mounted while the object is there
/// ```
record VolumeStorage(VolumeParts parts) {
    static final GroupResource VOLUMES = new GroupResource(OwnGroup.GROUP, "volumes");
    private static final int OCTAL = 8;

    /// The data; made, and filled, where they are not there.
    ///
    /// @throws NotYetException when what it is to be filled with is not there yet
    Path ensure(ApiObject volume) throws IOException {
        JsonNode spec = volume.spec();
        return switch (type(volume)) {
            case HostPath -> host(spec.path("hostPath"));
            case Memory ->
                parts.volumes().mounted().memory(name(volume), capacity(volume), ownership(spec.path("ownership")));
            case NFS -> parts.volumes().mounted().nfs(name(volume), export(spec.path("nfs")));
            case Managed -> managed(volume, spec.path("ownership"));
        };
    }

    private static Path host(JsonNode spec) throws IOException {
        HostPath path = new HostPath(
                Path.of(spec.path("path").asText()),
                HostPath.Type.of(spec.path("type").asText()));
        HostPaths.ensure(path);
        return path.path();
    }

    private static NfsExport export(JsonNode spec) {
        List<String> options = new ArrayList<>();
        spec.path("options").forEach(option -> options.add(option.asText()));
        return new NfsExport(
                spec.path("server").asText(),
                spec.path("path").asText(),
                spec.path("readOnly").asBoolean(),
                options);
    }

    private Path managed(ApiObject volume, JsonNode ownership) throws IOException {
        Optional<Path> found = find(volume);
        if (found.isPresent()) {
            return found.get();
        }
        return volume.spec().has("populate")
                ? parts.volumes()
                        .populate(
                                name(volume),
                                ownership.isObject() ? Optional.of(ownership(ownership)) : Optional.empty(),
                                new Population(parts).of(volume))
                : parts.volumes().ensure(name(volume), ownership(ownership));
    }

    /// The data, if they are there.
    Optional<Path> find(ApiObject volume) {
        return switch (type(volume)) {
            case HostPath ->
                Optional.of(Path.of(volume.spec().at("/hostPath/path").asText()));
            case Memory, NFS -> parts.volumes().mounted().find(name(volume));
            case Managed -> parts.volumes().find(name(volume));
        };
    }

    /// Does with the data what the reclaim policy says. Those of the host and of servers always stay.
    void end(ApiObject volume) throws IOException {
        boolean isRetained = volume.spec().path("reclaimPolicy").asText().equals("Retain");
        switch (type(volume)) {
            case HostPath -> {}
            case NFS -> parts.volumes().mounted().detach(name(volume));
            case Memory -> {
                if (!isRetained) {
                    parts.volumes().mounted().detach(name(volume));
                }
            }
            case Managed -> {
                if (!isRetained) {
                    parts.volumes().delete(name(volume));
                }
            }
        }
    }

    private static VolumeSpec.Type type(ApiObject volume) {
        return VolumeSpec.Type.valueOf(volume.spec().path("type").asText());
    }

    /// Whether the data are this host's, and nobody's but Slipway's to look through.
    static boolean isKeptHere(ApiObject volume) {
        return isManaged(volume) || type(volume) == VolumeSpec.Type.Memory;
    }

    private static boolean isManaged(ApiObject volume) {
        return type(volume) == VolumeSpec.Type.Managed;
    }

    /// @throws IOException when its data are somebody else's, and may be more than this host can keep twice
    static void requireManaged(ApiObject volume) throws IOException {
        if (!isManaged(volume)) {
            throw new IOException("volume \"%s\" is of type %s: only data of type Managed are copied"
                    .formatted(volume.name(), volume.spec().path("type").asText()));
        }
    }

    /// How many bytes it shall hold at most, if it says.
    static Optional<Long> capacity(ApiObject volume) {
        return Quantities.parse(volume.spec().path("capacity").asText())
                .map(bytes -> bytes.setScale(0, RoundingMode.CEILING)
                        .min(BigDecimal.valueOf(Long.MAX_VALUE))
                        .longValue());
    }

    static VolumeName name(ApiObject volume) {
        return VolumeName.of(volume.namespace(), volume.name());
    }

    static ObjectKey key(ApiObject volume) {
        return new ObjectKey(VOLUMES, volume.namespace(), volume.name());
    }

    private static Ownership ownership(JsonNode spec) {
        return new Ownership(
                spec.path("uid").asInt(Ownership.ROOT.uid()),
                spec.path("gid").asInt(Ownership.ROOT.gid()),
                spec.has("mode") ? Integer.parseInt(spec.path("mode").asText(), OCTAL) : Ownership.ROOT.mode());
    }
}
