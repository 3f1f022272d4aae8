package dev.slipway.actor.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/// Sees to it that every image that pods name or Tags point at is an object, and that the object shows what becomes of
/// it. Thread-safe.
final class ImplicitImages {
    private static final Logger LOG = Logger.getLogger(ImplicitImages.class);

    private final ObjectApi objects;
    private final Images images;
    private final LocalNames names;
    private final Consumer<ObjectKey> touched;

    ImplicitImages(ObjectApi objects, Images images, LocalNames names, Consumer<ObjectKey> touched) {
        this.objects = objects;
        this.images = images;
        this.names = names;
        this.touched = touched;
    }

    /// Makes the object unless another one is of that name, and gives every object of it a round.
    void show(Reference name) {
        List<ApiObject> shown = of(name);
        if (shown.isEmpty() && names.tag(name).isEmpty()) {
            create(ImageObjects.implicit(name));
        }
        touch(shown);
    }

    /// Makes objects of the images of this host that a Tag points at or can go back to, and that no object shows.
    void show(Reference tag, Set<Digest> digests) {
        Set<Digest> shown = new HashSet<>();
        objects.store().list(ImageObjects.IMAGES, "").items().forEach(image -> ImageObjects.digest(image)
                .or(() -> ImageObjects.ownName(image).flatMap(Reference::pin))
                .ifPresent(shown::add));
        for (Digest digest : digests) {
            if (!shown.contains(digest) && images.find(digest).isPresent()) {
                create(ImageObjects.implicitOfTag(new Reference(tag.repository(), "", digest)));
            }
        }
    }

    /// The content of an image has gone: objects that only show it go, too.
    void gone(LocalImage image) {
        touch(objects.store().list(ImageObjects.IMAGES, "").items().stream()
                .filter(object -> ImageObjects.digest(object)
                        .filter(image.digest()::equals)
                        .isPresent())
                .toList());
    }

    /// An object may have taken the name: then those that merely show it are in the way.
    void retire(Reference name) {
        if (names.isTaken(name)) {
            touch(of(name).stream().filter(ImageObjects::isImplicit).toList());
        }
    }

    private List<ApiObject> of(Reference name) {
        return objects.store().list(ImageObjects.IMAGES, "").items().stream()
                .filter(image -> isOf(name, image))
                .toList();
    }

    /// Also when the name has a digest, as it is written for a Container that runs an Image or a Tag object.
    private static boolean isOf(Reference name, ApiObject image) {
        return ImageObjects.ownName(image).filter(name::equals).isPresent()
                || name.pin().isPresent() && name.pin().equals(ImageObjects.digest(image));
    }

    private void touch(List<ApiObject> images) {
        images.forEach(image -> touched.accept(ImageObjects.imageKey(image.name())));
    }

    private void create(ObjectNode image) {
        try {
            objects.create(objects.kinds().find(ImageObjects.IMAGES).orElseThrow(), "", image, WriteOptions.by(""));
        } catch (ApiException e) {
            // Somebody else's question was faster, or the disk is full; the pod's own pull tells that.
            LOG.debugf(
                    "image is not shown image=%s: %s",
                    image.at("/metadata/name").asText(), e.getMessage());
        }
    }
}
