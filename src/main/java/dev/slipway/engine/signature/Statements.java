package dev.slipway.engine.signature;

import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Manifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryException;
import dev.slipway.engine.repository.StoredManifest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/// Signatures that are kept beside an image. What a repository of this host has is not asked of anybody else.
///
/// @param image whose they are
record Statements(Signatures.Places places, Reference image, Keyring keyring) implements SignatureCheck.Source {
    @Override
    public Optional<Manifest> tagged(String tag) throws IOException {
        try {
            return Optional.of(document(new Reference(repository(), tag, null)));
        } catch (RegistryException e) {
            if (e.kind() == RegistryException.Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    @Override
    public Manifest manifest(Digest digest) throws IOException {
        return document(new Reference(repository(), "", digest));
    }

    @Override
    public List<Descriptor> referrers(Digest subject) throws IOException {
        return places.repositories().find(image).isPresent()
                ? places.repositories().contents(repository()).referrers(subject).stream()
                        .map(StoredManifest::descriptor)
                        .toList()
                : places.registry().referrers(repository(), subject, keyring);
    }

    @Override
    public byte[] blob(Descriptor blob) throws IOException {
        if (places.repositories().has(repository(), blob.digest())
                && places.content().contains(blob.digest())) {
            return places.content().read(blob.digest(), (int) blob.sizeBytes());
        }
        try (InputStream stream = places.registry().blob(repository(), blob, 0, keyring)) {
            byte[] bytes = stream.readAllBytes();
            if (!blob.digest().of(bytes).equals(blob.digest())) {
                throw new CorruptContentException(blob.digest(), "has another digest");
            }
            return bytes;
        }
    }

    private Repository repository() {
        return image.repository();
    }

    private Manifest document(Reference reference) throws IOException {
        Optional<StoredManifest> kept = places.repositories().find(reference);
        if (kept.isEmpty()) {
            return places.registry().manifest(reference, keyring).manifest();
        }
        Descriptor descriptor = kept.get().descriptor();
        byte[] bytes = places.content().read(descriptor.digest(), ManifestCodec.LARGEST_BYTES);
        return ManifestCodec.parse(bytes, descriptor.mediaType());
    }
}
