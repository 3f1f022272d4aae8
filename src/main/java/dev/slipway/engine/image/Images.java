package dev.slipway.engine.image;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.signature.Verdict;
import dev.slipway.engine.snapshot.LayerFacts;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// The images of this host. A *name* is a full reference with a tag, and points at one image; an *image* is its
/// manifest, config and layers, known by the digest of its manifest; *present* means whole: verified and unpacked.
///
/// Life: [#pull] or [#register] makes an image present and gives it a name -> [#find] hands it to whoever starts
/// containers -> [#unname] takes names away -> [#remove] frees what no other image shares.
///
/// Safe for use by many threads. What several callers pull at the same time is fetched once, per image and per layer.
public interface Images {
    /// The image that `reference` names here: by its digest where it has one, else by its tag. Answers from memory.
    Optional<LocalImage> find(Reference reference);

    /// The image with this digest, be it the manifest's or that of an index it was chosen from. Answers from
    /// memory.
    Optional<LocalImage> find(Digest digest);

    /// Every image that is present.
    List<LocalImage> list();

    /// What the layers of a present image are as a stack, bottom first. May look at each of their files.
    List<LayerFacts> survey(LocalImage image) throws IOException;

    /// Makes an image present and waits for it. An interrupt ends the wait, and the work too if nobody else waits.
    PullOutcome pull(PullRequest request, PullProgress progress);

    /// Whether a present image may be used under that reference with no further look: no signature is enforced
    /// there, or a good one was found. A [#pull] looks, also where the image is here. Answers from memory.
    default boolean isKnownGood(Reference reference, LocalImage image) {
        return true;
    }

    /// What came of the last look for the signature of the image of that name; empty if nobody has looked, or
    /// nothing is asked of it. Answers from memory.
    default Optional<Verdict> verdict(Reference name) {
        return Optional.empty();
    }

    /// Makes present an image that was made here: its blobs are in the content store and its layers are unpacked.
    ///
    /// @param manifest points at the manifest in the content store
    /// @param names names it gets; they move here from other images
    /// @param sources images that it was made from; it is guarded if one of them is
    LocalImage register(Descriptor manifest, Set<Reference> names, Collection<LocalImage> sources) throws IOException;

    /// Points `name` at a present image, durably; it moves here if it pointed elsewhere. False if no image has
    /// `digest`.
    boolean name(Reference name, Digest digest) throws IOException;

    /// Takes a name away, durably; the image stays. False if there was no such name.
    boolean unname(Reference name) throws IOException;

    /// Forgets the image with its names, and frees blobs and layers that no other image has. The caller knows that
    /// no container runs from it. False if no image has `digest`.
    default boolean remove(Digest digest) throws IOException {
        return removeUnless(digest, image -> false);
    }

    /// As [#remove], unless the image is needed. The image cannot be found from just before `needed` is asked: who
    /// found it earlier, and has said since that it uses it, keeps it. False also if it stays.
    ///
    /// @param needed whether somebody uses it; must not change images
    boolean removeUnless(Digest digest, Predicate<LocalImage> needed) throws IOException;

    /// Forgets lost images, durably, but for those that are used, and frees what only they have. An image is
    /// lost that is known and not present any more, because something of it is damaged or missing: containers
    /// may run from what is left of it. What is pulled again is not lost any more.
    ///
    /// @param used is told the digests of an image's manifest and of the indexes that it was chosen from
    void forgetLost(Predicate<Set<Digest>> used) throws IOException;

    /// Frees what failed pulls have left for another try, but for that of the names in `wanted`.
    void giveUpAllBut(Set<Reference> wanted) throws IOException;

    /// Frees every blob and layer that neither an image nor a repository needs, and no pull uses. The caller knows
    /// that nothing is being made.
    ///
    /// @return how many went
    int sweep() throws IOException;

    /// Frees those blobs and layers of `candidates` that neither an image nor a repository needs, and no pull uses.
    void free(Set<Digest> candidates) throws IOException;
}
