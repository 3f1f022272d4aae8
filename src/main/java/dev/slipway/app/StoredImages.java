package dev.slipway.app;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.model.OwnGroup;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.door.apiserver.ImageExports;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.http.SinkStream;
import dev.slipway.engine.archive.ArchiveFormat;
import dev.slipway.engine.archive.ImageArchives;
import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.InvalidReferenceException;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Keyring;
import java.util.Comparator;
import java.util.Optional;

/// Hands images out of the store, as files and to registries.
record StoredImages(ObjectStore objects, Images images, ImageArchives archives, ImagePusher pusher)
        implements ImageExports {
    private static final GroupResource IMAGES = new GroupResource(OwnGroup.GROUP, "images");

    @Override
    public Optional<Reply.Source> archive(ApiObject object, String format) {
        ArchiveFormat wanted = ArchiveFormat.of(format)
                .filter(each -> each != ArchiveFormat.ROOTFS_TAR)
                .orElseThrow(() -> RefusedException.badRequest("format must be oci-layout or docker-archive"));
        return Digest.parse(object.status().path("digest").asText())
                .flatMap(images::find)
                .map(image -> sink -> archives.write(image, name(image, object), wanted, new SinkStream(sink)));
    }

    @Override
    public Reply.Source push(String name, String destination) {
        LocalImage image = find(name)
                .orElseThrow(() ->
                        new RefusedException(404, "NotFound", "image \"%s\" is not on this host".formatted(name)));
        Reference target = parse(destination)
                .filter(reference -> reference.pin().isEmpty())
                .orElseThrow(() -> RefusedException.badRequest(
                        "not where an image can be pushed, like registry.example/path:tag: " + destination));
        ImagePusher.Origin origin = origin(name, image);
        return sink -> {
            PushReport report = new PushReport(target, sink);
            report.ended(pusher.push(new ImagePusher.Order(image, origin, target, Keyring.EMPTY), report));
        };
    }

    /// By the object of that name, else by what it is called.
    private Optional<LocalImage> find(String name) {
        return objects.get(new ObjectKey(IMAGES, "", name))
                .flatMap(object -> Digest.parse(object.status().path("digest").asText()))
                .flatMap(images::find)
                .or(() -> parse(name).flatMap(images::find));
    }

    /// Where it was pulled from, as the object of that name says, or else as that is what it was pulled by.
    private ImagePusher.Origin origin(String name, LocalImage image) {
        Optional<ApiObject> object = objects.get(new ObjectKey(IMAGES, "", name));
        Optional<Reference> source = object.isPresent()
                ? parse(object.get().spec().at("/source/pull/reference").asText())
                : parse(name).filter(image.pulledAs()::containsKey);
        Optional<Digest> index = source.flatMap(reference -> reference.pin().or(() -> image.pulledAs(reference)));
        return new ImagePusher.Origin(index, source.map(Reference::repository), true);
    }

    private static Optional<Reference> parse(String text) {
        try {
            return Optional.of(Reference.parse(text));
        } catch (InvalidReferenceException e) {
            return Optional.empty();
        }
    }

    private static String name(LocalImage image, ApiObject object) {
        return image.names().stream()
                .map(Reference::toString)
                .min(Comparator.naturalOrder())
                .orElse(object.name() + ":latest");
    }
}
