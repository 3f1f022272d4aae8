package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Quantities;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.Reason;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.model.VolumeSpec;
import dev.slipway.desired.reconcile.Involved;
import dev.slipway.engine.volume.Enforcement;
import dev.slipway.engine.volume.HostPath;
import dev.slipway.engine.volume.HostPaths;
import dev.slipway.engine.volume.MountedVolumes;
import dev.slipway.engine.volume.NfsExport;
import dev.slipway.engine.volume.Ownership;
import dev.slipway.engine.volume.VolumeName;
import dev.slipway.engine.volume.VolumeNotes;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Where the data of a Volume lie, by its type.
///
/// ```
/// Managed    a directory of Slipway's; an object of the same name finds what an earlier one retained
/// HostPath   a path of the host's; its data are never removed
/// Memory     a tmpfs of its own, until the host goes down; retained like a directory until then
/// NFS        a directory of a server, mounted while the object is there
/// ```
///
/// Data that are there are never filled again. What is noted of them ([Provenance]) tells an object of the same name
/// whether they are what it asks for. If they are of another type, or it is to be populated from something else, it
/// gets nothing, and takes nothing away when it goes.
record VolumeStorage(VolumeParts parts) {
    static final GroupResource VOLUMES = new GroupResource(OwnGroup.GROUP, "volumes");
    private static final int OCTAL = 8;

    /// The data; made, and filled, where they are not there.
    ///
    /// @throws NotYetException when what it is to be filled with is not there yet
    /// @throws KeptDataException when others are kept under its name
    Path ensure(ApiObject volume) throws IOException {
        if (type(volume) == VolumeSpec.Type.HostPath) {
            return host(volume.spec().path("hostPath"));
        }
        detachOther(volume);
        Optional<Provenance> found = provenance(volume);
        Optional<String> conflict = found.flatMap(kept -> kept.conflict(volume));
        if (conflict.isPresent()) {
            throw new KeptDataException(conflict.get());
        }
        if (type(volume) != VolumeSpec.Type.NFS) {
            note(volume, found.map(kept -> kept.ownedBy(volume.uid())).orElseGet(() -> Provenance.of(volume)));
        }
        Path path = make(volume);
        found.filter(kept -> !kept.isOwner(volume)).ifPresent(kept -> parts.recorder()
                .normal(
                        Involved.of(volume),
                        Reason.DATA_KEPT,
                        "it has the data of an earlier volume of this name, " + kept.words()));
        return path;
    }

    /// Has its data keep to its capacity; empty when no directory of Slipway's has them.
    Optional<Enforcement> limit(ApiObject volume) throws IOException {
        return isManaged(volume)
                ? Optional.of(
                        parts.volumes().limit(name(volume), capacity(volume).orElse(0L)))
                : Optional.empty();
    }

    /// Comes before the data, so that they are never there without it.
    private void note(ApiObject volume, Provenance provenance) throws IOException {
        byte[] note = provenance.write(volume.namespace() + "/" + volume.name());
        VolumeNotes notes = parts.volumes().notes();
        if (!Arrays.equals(note, notes.read(name(volume)).orElse(null))) {
            notes.write(name(volume), note);
        }
    }

    private Path make(ApiObject volume) throws IOException {
        JsonNode spec = volume.spec();
        return switch (type(volume)) {
            case HostPath -> host(spec.path("hostPath"));
            case Memory ->
                parts.volumes().mounted().memory(name(volume), capacity(volume), ownership(spec.path("ownership")));
            case NFS -> parts.volumes().mounted().nfs(name(volume), export(spec.path("nfs")));
            case Managed -> managed(volume, spec.path("ownership"));
        };
    }

    /// What is known of the data under its name, whoever has them; empty if there are none. A server's directory is
    /// no data of this host.
    Optional<Provenance> provenance(ApiObject volume) throws IOException {
        if (type(volume) == VolumeSpec.Type.HostPath) {
            return Optional.empty();
        }
        VolumeName name = name(volume);
        Optional<VolumeSpec.Type> there = parts.volumes().find(name).isPresent()
                ? Optional.of(VolumeSpec.Type.Managed)
                : parts.volumes().mounted().isMemory(name) ? Optional.of(VolumeSpec.Type.Memory) : Optional.empty();
        if (there.isEmpty()) {
            return Optional.empty();
        }
        Optional<byte[]> note = parts.volumes().notes().read(name);
        if (note.isPresent()) {
            Provenance noted = Provenance.read(note.get());
            if (noted.type() == there.get()) {
                return Optional.of(noted);
            }
        }
        // A status that has its path is of an object that had them when nothing was noted yet.
        boolean isOwn =
                type(volume) == there.get() && volume.status().path("path").isTextual();
        return Optional.of(isOwn ? Provenance.of(volume) : Provenance.unknown(there.get()));
    }

    /// A server that an object of another type has left mounted under the name.
    private void detachOther(ApiObject volume) throws IOException {
        if (type(volume) != VolumeSpec.Type.NFS && isServer(name(volume))) {
            parts.volumes().mounted().detach(name(volume));
        }
    }

    private boolean isServer(VolumeName name) throws IOException {
        MountedVolumes mounted = parts.volumes().mounted();
        return mounted.find(name).isPresent() && !mounted.isMemory(name);
    }

    private boolean isOwner(ApiObject volume) throws IOException {
        return provenance(volume).filter(data -> data.isOwner(volume)).isPresent();
    }

    private boolean isOthers(ApiObject volume) throws IOException {
        return provenance(volume).filter(data -> !data.isOwner(volume)).isPresent();
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
        Optional<Path> found = parts.volumes().find(name(volume));
        if (found.isPresent()) {
            return found.get();
        }
        if (!volume.spec().has("populate")) {
            return parts.volumes().ensure(name(volume), ownership(ownership));
        }
        Path filled = parts.volumes()
                .populate(
                        name(volume),
                        ownership.isObject() ? Optional.of(ownership(ownership)) : Optional.empty(),
                        new Population(parts).of(volume));
        // An image is kept for it until here.
        parts.images().forget(volume.uid());
        return filled;
    }

    /// The data, if they are there and its own.
    Optional<Path> find(ApiObject volume) throws IOException {
        VolumeName name = name(volume);
        return switch (type(volume)) {
            case HostPath ->
                Optional.of(Path.of(volume.spec().at("/hostPath/path").asText()));
            case NFS -> isServer(name) ? parts.volumes().mounted().find(name) : Optional.empty();
            case Memory -> isOwner(volume) ? parts.volumes().mounted().find(name) : Optional.empty();
            case Managed -> isOwner(volume) ? parts.volumes().find(name) : Optional.empty();
        };
    }

    /// Does with its own data what the reclaim policy says. Those of the host and of servers always stay.
    void end(ApiObject volume) throws IOException {
        VolumeName name = name(volume);
        switch (type(volume)) {
            case HostPath -> {}
            case NFS -> {
                if (isServer(name)) {
                    parts.volumes().mounted().detach(name);
                }
            }
            case Memory, Managed -> {
                if (!volume.spec().path("reclaimPolicy").asText().equals("Retain") && !isOthers(volume)) {
                    remove(volume);
                }
            }
        }
    }

    private void remove(ApiObject volume) throws IOException {
        VolumeName name = name(volume);
        if (isManaged(volume)) {
            parts.volumes().delete(name);
        } else {
            parts.volumes().mounted().detach(name);
        }
        parts.volumes().notes().remove(name);
    }

    static VolumeSpec.Type type(ApiObject volume) {
        return VolumeSpec.Type.valueOf(volume.spec().path("type").asText());
    }

    /// Whether the data are this host's, and nobody's but Slipway's to look through.
    static boolean isKeptHere(ApiObject volume) {
        return isManaged(volume) || type(volume) == VolumeSpec.Type.Memory;
    }

    static boolean isManaged(ApiObject volume) {
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
