package dev.slipway.engine.repository;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.oci.Manifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Referral;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A manifest, an index or an artifact, as a repository knows it without reading it again.
///
/// @param descriptor with the annotations of the document itself
/// @param blobs config and layers
/// @param manifests what an index lists
/// @param subject the manifest that this one is about; null for none
/// @param artifactType empty where nothing is said
/// @param guarded it was fetched from a registry that wanted credentials for it
public record StoredManifest(
        Descriptor descriptor,
        Set<Digest> blobs,
        Set<Digest> manifests,
        @Nullable Digest subject,
        String artifactType,
        boolean guarded) {
    public StoredManifest {
        blobs = Set.copyOf(blobs);
        manifests = Set.copyOf(manifests);
    }

    /// Reads a document.
    ///
    /// @param declared the type that it came with; null where nobody said
    /// @param like gives the algorithm of the digest; null for sha256
    public static StoredManifest read(byte[] bytes, @Nullable MediaType declared, @Nullable Digest like)
            throws MalformedDocumentException {
        Manifest manifest = ManifestCodec.parse(bytes, declared);
        Referral referral = ManifestCodec.referral(bytes);
        Digest digest = like == null ? Digest.sha256(bytes) : like.of(bytes);
        Set<Digest> blobs = new LinkedHashSet<>();
        Set<Digest> manifests = new LinkedHashSet<>();
        Map<String, String> annotations =
                switch (manifest) {
                    case ImageManifest image -> {
                        blobs.add(image.config().digest());
                        image.layers().stream()
                                .filter(layer -> !layer.mediaType().isForeign())
                                .forEach(layer -> blobs.add(layer.digest()));
                        yield image.annotations();
                    }
                    case ImageIndex index -> {
                        index.manifests().forEach(each -> manifests.add(each.digest()));
                        yield index.annotations();
                    }
                };
        return new StoredManifest(
                new Descriptor(manifest.mediaType(), digest, bytes.length, null, annotations),
                blobs,
                manifests,
                referral.subject() == null ? null : referral.subject().digest(),
                referral.artifactType(),
                false);
    }

    /// The same, as one that came with credentials.
    public StoredManifest asGuarded() {
        return new StoredManifest(descriptor, blobs, manifests, subject, artifactType, true);
    }

    public Digest digest() {
        return descriptor.digest();
    }

    public Optional<Digest> about() {
        return Optional.ofNullable(subject);
    }
}
