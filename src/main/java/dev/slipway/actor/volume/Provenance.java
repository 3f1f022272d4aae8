package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.model.VolumeSpec;
import java.io.IOException;
import java.util.Optional;

/// What is noted of data that are there: they outlive their object when it retains them, and so does this. Pure.
///
/// @param madeFor uid of the Volume that they were made for; empty when it is not known
/// @param owner uid of the Volume that has them now, or had them last; only it may remove them
/// @param populate what they were made from: null for nothing; empty when it is not known
record Provenance(VolumeSpec.Type type, String madeFor, String owner, Optional<JsonNode> populate) {
    private static final String POPULATE = "populate";

    /// Of data that are about to be made.
    static Provenance of(ApiObject volume) {
        return new Provenance(
                VolumeStorage.type(volume), volume.uid(), volume.uid(), Optional.of(populate(volume.spec())));
    }

    /// Of data that were made before anything was noted.
    static Provenance unknown(VolumeSpec.Type type) {
        return new Provenance(type, "", "", Optional.empty());
    }

    static Provenance read(byte[] bytes) throws IOException {
        JsonNode note = ObjectCodec.json().readTree(bytes);
        return new Provenance(
                VolumeSpec.Type.valueOf(note.path("type").asText()),
                note.path("madeFor").asText(),
                note.path("owner").asText(),
                note.has(POPULATE) ? Optional.of(populate(note)) : Optional.empty());
    }

    /// @param subject for people who look at the file
    byte[] write(String subject) {
        ObjectNode note = ObjectCodec.json().createObjectNode();
        note.put("volume", subject)
                .put("type", type.toString())
                .put("madeFor", madeFor)
                .put("owner", owner);
        populate.ifPresent(source -> note.set(POPULATE, source));
        return ObjectCodec.toBytes(note);
    }

    Provenance ownedBy(String uid) {
        return new Provenance(type, madeFor, uid, populate);
    }

    boolean isOwner(ApiObject volume) {
        return owner.equals(volume.uid());
    }

    /// Whether the data are older than the Volume.
    boolean isKeptFor(ApiObject volume) {
        return !madeFor.equals(volume.uid());
    }

    /// Why a Volume cannot have these data, for people; empty if it can.
    Optional<String> conflict(ApiObject volume) {
        JsonNode wanted = populate(volume.spec());
        if (type == VolumeStorage.type(volume)
                && (wanted.isNull() || populate.filter(wanted::equals).isPresent())) {
            return Optional.empty();
        }
        return Optional.of("data of an earlier volume of this name are kept, of type %s, %s: take another name, or "
                        .formatted(type, words())
                + "remove them with a volume of that type, without populate and with reclaimPolicy Delete");
    }

    /// What the data were made from, for people.
    String words() {
        return populate.map(source -> Population.words(source)
                        .map(words -> "made from " + words)
                        .orElse("empty at first"))
                .orElse("made from what is not known");
    }

    private static JsonNode populate(JsonNode parent) {
        JsonNode source = parent.path(POPULATE);
        return source.isObject() ? source : NullNode.getInstance();
    }
}
