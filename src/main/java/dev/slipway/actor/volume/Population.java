package dev.slipway.actor.volume;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.image.PodImages.Question;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.volume.VolumeContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a Volume is to hold when it is made.
record Population(VolumeParts parts) {
    /// @throws NotYetException when that is not there yet
    /// @throws IOException when it cannot be had
    VolumeContent of(ApiObject volume) throws IOException {
        JsonNode populate = volume.spec().path("populate");
        JsonNode image = populate.path("fromImagePath");
        JsonNode archive = populate.path("fromArchive");
        JsonNode snapshot = populate.path("fromSnapshot");
        if (image.isObject()) {
            return image(volume, image);
        }
        if (archive.isObject()) {
            return VolumeContent.ofArchive(Path.of(archive.path("path").asText()));
        }
        return snapshot.isObject()
                ? snapshot(volume.namespace(), snapshot.path("name").asText())
                : clone(volume, populate.at("/fromVolume/name").asText());
    }

    /// In words, for people; empty for a Volume that begins empty.
    ///
    /// @param populate of a Volume's spec
    static Optional<String> words(JsonNode populate) {
        for (var source : populate.properties()) {
            JsonNode value = source.getValue();
            return Optional.of(
                    switch (source.getKey()) {
                        case "fromImagePath" ->
                            "image %s, %s"
                                    .formatted(
                                            value.path("image").asText(),
                                            value.path("path").asText());
                        case "fromArchive" -> "archive " + value.path("path").asText();
                        case "fromSnapshot" -> "snapshot " + value.path("name").asText();
                        default -> "volume " + value.path("name").asText();
                    });
        }
        return Optional.empty();
    }

    private VolumeContent image(ApiObject volume, JsonNode from) throws IOException {
        ObjectKey key = VolumeStorage.key(volume);
        String reference = from.path("image").asText();
        Question question = new Question(key, volume.uid(), reference, PullPolicy.IF_NOT_PRESENT, List.of());
        return switch (parts.images().ask(question)) {
            case Answer.Present present ->
                parts.volumes()
                        .ofImage(
                                parts.layers().of(present.image()),
                                from.path("path").asText());
            case Answer.Pulling pulling ->
                throw new NotYetException("image %s is being made present".formatted(reference));
            case Answer.Failed failed -> throw new IOException(failed.message());
        };
    }

    private VolumeContent snapshot(String namespace, String name) throws IOException {
        ApiObject snapshot = parts.objects()
                .store()
                .get(new ObjectKey(SnapshotController.SNAPSHOTS, namespace, name))
                .orElseThrow(() -> new IOException("snapshot \"%s\" not found".formatted(name)));
        if (!SnapshotController.isReady(snapshot)) {
            throw new NotYetException("snapshot \"%s\" is not ready to use".formatted(name));
        }
        return parts.snapshots().contentOf(SnapshotController.data(snapshot));
    }

    private VolumeContent clone(ApiObject volume, String name) throws IOException {
        ApiObject source = parts.objects()
                .store()
                .get(new ObjectKey(VolumeStorage.VOLUMES, volume.namespace(), name))
                .orElseThrow(() -> new IOException("volume \"%s\" not found".formatted(name)));
        VolumeStorage.requireManaged(source);
        if (!Conditions.isTrue(source.status(), "Ready")) {
            throw new NotYetException("volume \"%s\" is not ready".formatted(name));
        }
        return new Copies(parts).of(source, Copies.Moment.NOBODY);
    }
}
