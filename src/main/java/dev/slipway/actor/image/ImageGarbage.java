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
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

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
    private final Consumer<LocalImage> removed;
    private final ReentrantLock lock = new ReentrantLock();
    private int making;
    private volatile boolean due = true;

    ImageGarbage(ObjectStore store, Images images, Supplier<ImageUsers> users, Sights sights) {
        this.store = store;
        this.images = images;
        this.users = users;
        this.made = sights.made();
        this.buildsOn = sights.buildsOn();
        this.removed = sights.removed();
    }

    /// What it is told, and what it tells.
    ///
    /// @param made what errands have made and no object shows yet, and what they build on
    /// @param buildsOn the names of images that an Image is built from
    /// @param removed told of each image that has gone
    record Sights(
            Supplier<Set<Digest>> made, Function<ApiObject, Set<String>> buildsOn, Consumer<LocalImage> removed) {}

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

    /// What is done while nothing is made.
    interface Work {
        void run() throws IOException;
    }

    /// Does `work` while no errand makes an image; nothing if one does.
    void unlessMaking(Work work) throws IOException {
        lock.lock();
        try {
            if (making == 0) {
                work.run();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Whether an object other than `except` claims the image.
    boolean isClaimed(LocalImage image, ObjectKey except) {
        return fits(image, claimed(Set.of(except)));
    }

    /// What would keep images if these objects went.
    Predicate<LocalImage> keptWithout(Set<ObjectKey> leaving) {
        Claims claims = claimed(leaving);
        Set<Digest> unseen = new HashSet<>(made.get());
        leaving.forEach(key -> store.get(key).flatMap(ImageObjects::digest).ifPresent(unseen::remove));
        claims.digests().addAll(unseen);
        ImageUsers now = users.get();
        return image -> fits(image, claims) || now.isUsed(image);
    }

    /// The manifests that images of this host are, or were chosen from, and those that objects claim.
    Set<Digest> needed() {
        Set<Digest> needed = new HashSet<>(claims(Set.of()).digests());
        for (LocalImage image : images.list()) {
            needed.add(image.digest());
            needed.addAll(image.indexes());
        }
        return needed;
    }

    /// How a look at every image ended.
    sealed interface Look {
        /// Why an image stays that should have gone.
        default Optional<String> failure(LocalImage image) {
            return this instanceof Failed failed
                    ? Optional.ofNullable(failed.reasons().get(image.digest()))
                    : Optional.empty();
        }

        /// What nobody needs has gone.
        record Whole() implements Look {}

        /// An errand runs; somebody comes back.
        record Later() implements Look {}

        /// Something could not be removed, and stays for now.
        ///
        /// @param reasons by the image that stays, or whose names do
        record Failed(Map<Digest, String> reasons) implements Look {}
    }

    /// Removes what is neither claimed nor used. What is used and not claimed, or could not be looked at, is looked
    /// at again.
    ///
    /// @param leaving objects that claim nothing any more
    Look collect(Set<ObjectKey> leaving) {
        lock.lock();
        try {
            if (making > 0) {
                due = true;
                return new Look.Later();
            }
            due = false;
            return looked(leaving);
        } catch (RuntimeException | Error e) {
            due = true;
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /// Called with the lock held.
    private Look looked(Set<ObjectKey> leaving) {
        Claims claims = claims(leaving);
        Map<Digest, String> failures = new HashMap<>();
        for (LocalImage image : images.list()) {
            try {
                if (fits(image, claims)) {
                    dropNames(image, claims);
                } else {
                    remove(image, leaving);
                }
            } catch (IOException e) {
                LOG.warnf("unclaimed image or name stays digest=%s reason=%s", image.digest(), e.getMessage());
                failures.put(image.digest(), String.valueOf(e.getMessage()));
            }
        }
        forgetLost();
        try {
            images.giveUpAllBut(claims.names());
        } catch (IOException e) {
            due = true;
            LOG.warnf("what unwanted pulls have left stays reason=%s", e.getMessage());
        }
        due |= !failures.isEmpty();
        return failures.isEmpty() ? new Look.Whole() : new Look.Failed(failures);
    }

    /// What is lost cannot be listed, and may be run from all the same. Nobody else needs it: it would have to be
    /// pulled again, and as long as it is kept the next start knows too little to free what others have.
    private void forgetLost() {
        try {
            images.forgetLost(this::isUsed);
        } catch (IOException e) {
            due = true;
            LOG.warnf("lost images that nobody needs are not forgotten reason=%s", e.getMessage());
        }
    }

    /// Nobody comes to say that it is not used any more.
    private boolean isUsed(Set<Digest> lost) {
        boolean isUsed = users.get().isUsed(lost);
        due |= isUsed;
        return isUsed;
    }

    /// Takes names away that no object has any more.
    private void dropNames(LocalImage image, Claims claims) throws IOException {
        for (Reference name : image.names()) {
            if (!claims.names().contains(name)) {
                images.unname(name);
            }
        }
    }

    /// Who needs it is asked before, because others could not find it meanwhile, and again when nobody can find it.
    private void remove(LocalImage image, Set<ObjectKey> leaving) throws IOException {
        if (users.get().isUsed(image)) {
            due = true;
        } else if (images.removeUnless(image.digest(), each -> isNeeded(each, leaving))) {
            LOG.infof("image removed digest=%s", image.digest());
            removed.accept(image);
        } else {
            due = true;
        }
    }

    private boolean isNeeded(LocalImage image, Set<ObjectKey> leaving) {
        return fits(image, claims(leaving)) || users.get().isUsed(image);
    }

    /// What objects and errands claim.
    private Claims claims(Set<ObjectKey> leaving) {
        Claims claims = claimed(leaving);
        claims.digests().addAll(made.get());
        return claims;
    }

    private Claims claimed(Set<ObjectKey> except) {
        Claims claims = new Claims(new HashSet<>(), new HashSet<>());
        for (ApiObject image : store.list(ImageObjects.IMAGES, "").items()) {
            boolean mayClaim = !ImageObjects.isCollected(image) && !ImageObjects.isOfTag(image);
            if (mayClaim && !except.contains(ImageObjects.imageKey(image.name()))) {
                ImageObjects.ownName(image).ifPresent(name -> claim(name, claims));
                buildsOn.apply(image).forEach(name -> ImageObjects.parse(name).ifPresent(from -> claim(from, claims)));
                ImageObjects.digest(image).ifPresent(claims.digests()::add);
            }
        }
        store.list(ImageObjects.REPLICA_SETS, "").items().forEach(set -> claims.digests()
                .addAll(ImageObjects.bound(set)));
        for (ApiObject tag : store.list(ImageObjects.TAGS, "").items()) {
            if (!except.contains(ImageObjects.tagKey(tag.name()))) {
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
        return !Collections.disjoint(claims.digests(), image.digests())
                || !Collections.disjoint(claims.names(), image.names());
    }
}
