package dev.slipway.actor.image;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.image.Images;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Removes images that no object claims and that nobody runs from, and names that no object has.
///
/// Safe for use by many threads; while an errand makes an image that its object does not show yet, nothing is removed.
final class ImageGarbage {
    private static final Logger LOG = Logger.getLogger(ImageGarbage.class);

    private final ObjectStore store;
    private final Images images;
    private final Supplier<ImageUsers> users;
    private final Supplier<Set<Digest>> made;
    private final Function<ApiObject, Set<String>> buildsOn;
    private final ReentrantLock lock = new ReentrantLock();
    private int making;
    private volatile boolean due = true;

    /// @param made what errands have made and no object shows yet
    /// @param buildsOn the names of images that an Image is built from
    ImageGarbage(
            ObjectStore store,
            Images images,
            Supplier<ImageUsers> users,
            Supplier<Set<Digest>> made,
            Function<ApiObject, Set<String>> buildsOn) {
        this.store = store;
        this.images = images;
        this.users = users;
        this.made = made;
        this.buildsOn = buildsOn;
    }

    /// What the objects of this room claim.
    private record Claims(Set<Reference> names, Set<Digest> digests) {}

    /// Whether there is reason to look: content may have lost its last claim or its last user.
    boolean isDue() {
        return due;
    }

    /// Content may have lost a claim.
    void suspect() {
        due = true;
    }

    /// Keeps everything until [#made].
    void making() {
        lock.lock();
        try {
            making++;
        } finally {
            lock.unlock();
        }
    }

    void made() {
        lock.lock();
        try {
            making--;
        } finally {
            lock.unlock();
        }
    }

    /// Whether an object other than `except` claims the image.
    boolean isClaimed(LocalImage image, ObjectKey except) {
        return fits(image, claims(except));
    }

    /// Removes what is neither claimed nor used. What is used and not claimed is looked at again.
    ///
    /// @param leaving an object that claims nothing any more; null for none
    void collect(@Nullable ObjectKey leaving) {
        lock.lock();
        try {
            if (making > 0) {
                due = true;
                return;
            }
            due = false;
            Claims claims = claims(leaving);
            claims.digests().addAll(made.get());
            ImageUsers now = users.get();
            for (LocalImage image : images.list()) {
                if (fits(image, claims)) {
                    dropNames(image, claims);
                } else {
                    remove(image, now);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// Takes names away that no object has any more.
    private void dropNames(LocalImage image, Claims claims) {
        for (Reference name : image.names()) {
            try {
                if (!claims.names().contains(name)) {
                    images.unname(name);
                }
            } catch (IOException e) {
                due = true;
                LOG.warnf("unclaimed name stays name=%s reason=%s", name, e.getMessage());
            }
        }
    }

    private void remove(LocalImage image, ImageUsers now) {
        if (now.isUsed(image.digest())) {
            due = true;
            return;
        }
        try {
            images.remove(image.digest());
            LOG.infof("image removed digest=%s", image.digest());
        } catch (IOException e) {
            due = true;
            LOG.warnf("unclaimed image stays digest=%s reason=%s", image.digest(), e.getMessage());
        }
    }

    private Claims claims(@Nullable ObjectKey except) {
        Claims claims = new Claims(new HashSet<>(), new HashSet<>());
        for (ApiObject image : store.list(ImageObjects.IMAGES, "").items()) {
            if (!ImageObjects.imageKey(image.name()).equals(except)) {
                ImageObjects.ownName(image).ifPresent(name -> claim(name, claims));
                buildsOn.apply(image).forEach(name -> ImageObjects.parse(name).ifPresent(from -> claim(from, claims)));
                ImageObjects.digest(image).ifPresent(claims.digests()::add);
            }
        }
        for (ApiObject tag : store.list(ImageObjects.TAGS, "").items()) {
            if (!ImageObjects.tagKey(tag.name()).equals(except)) {
                ImageObjects.tagName(tag).ifPresent(name -> claim(name, claims));
                ImageObjects.history(tag).forEach(claims.digests()::add);
            }
        }
        return claims;
    }

    private static void claim(Reference name, Claims claims) {
        claims.names().add(name);
        name.pin().ifPresent(claims.digests()::add);
    }

    private static boolean fits(LocalImage image, Claims claims) {
        return claims.digests().contains(image.digest())
                || !Collections.disjoint(claims.digests(), image.indexes())
                || !Collections.disjoint(claims.names(), image.names());
    }
}
