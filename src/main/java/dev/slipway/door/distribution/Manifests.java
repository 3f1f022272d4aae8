package dev.slipway.door.distribution;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.IncompleteManifestException;
import dev.slipway.engine.repository.RepositoryContents.Naming;
import dev.slipway.engine.repository.StoredManifest;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Manifests: read, stored, deleted, and found by what they are about.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-manifests OCI Distribution
///     Spec: Pushing Manifests
record Manifests(View view, Mirrors mirrors) {
    /// @param pushes whether the client seems to be about to push there
    Answer read(Request request, Meant meant, Route.ManifestOf route, boolean pushes) throws IOException {
        String target = route.target();
        view.reads(meant, target, request.isHead());
        Document found = wanted(request, meant, route, pushes)
                .orElseThrow(() -> new RefusedException(
                        404, ErrorCode.MANIFEST_UNKNOWN, "the repository does not have " + target));
        Map<String, String> headers = new LinkedHashMap<>();
        Descriptor descriptor = found.descriptor();
        headers.put("Content-Type", descriptor.mediaType().value());
        headers.put("Docker-Content-Digest", descriptor.digest().value());
        headers.put("ETag", "\"" + descriptor.digest() + "\"");
        return request.header("If-None-Match").equals(headers.get("ETag"))
                ? Answer.of(304, headers)
                : new Answer(200, headers, new Answer.Body.Bytes(found.bytes()));
    }

    private Optional<Document> wanted(Request request, Meant meant, Route.ManifestOf route, boolean pushes)
            throws IOException {
        String target = route.target();
        Optional<Meant> otherwise = mirrors.otherwise(meant, view.own(route.name()), view.repositories());
        if (otherwise.isEmpty()) {
            return find(meant, target);
        }
        boolean isPinned = Digest.parse(target).isPresent();
        if (isPinned || mirrors.isMadeHere(meant, target)) {
            Optional<Document> here = find(meant, target);
            // Who is told that a part of an index is here does not push it.
            if (here.isPresent() || isPinned && pushes && request.isHead()) {
                return here;
            }
        }
        return elsewhere(request, otherwise.get(), meant, target);
    }

    /// An image that this host has pulled may be older, and is for its own platform only: it is given while the
    /// other registry does not answer. Who only looks may be about to push here, which he can do even then.
    private Optional<Document> elsewhere(Request request, Meant other, Meant meant, String target) throws IOException {
        try {
            Optional<Document> found = find(other, target);
            return found.isPresent() ? found : find(meant, target);
        } catch (RefusedException e) {
            Optional<Document> here = find(meant, target);
            if (here.isEmpty() && !request.isHead()) {
                throw e;
            }
            return here;
        }
    }

    private Optional<Document> find(Meant meant, String target) throws IOException {
        Optional<Repository> mirrored = mirrors.mirrored(meant);
        return mirrored.isPresent() ? mirrored(meant, mirrored.get(), target) : here(meant, target);
    }

    /// A manifest that was read, so that it can be sent though it may be removed meanwhile.
    record Document(Descriptor descriptor, byte[] bytes) {}

    private Optional<Document> mirrored(Meant meant, Repository repository, String target) throws IOException {
        Optional<Document> found = mirrors.through()
                .manifest(repository, target)
                .filter(document ->
                        view.isShown(meant, repository, document.descriptor().digest()));
        if (found.isPresent()) {
            Digest digest = found.get().descriptor().digest();
            view.repositories().reads(new Reference(repository, "", digest));
        }
        return found;
    }

    private Optional<Document> here(Meant meant, String target) throws IOException {
        Optional<Descriptor> found = view.manifest(meant, target);
        return found.isPresent() ? read(view.content(), found.get()) : Optional.empty();
    }

    /// Empty where it was removed a moment ago.
    static Optional<Document> read(ContentStore content, Descriptor manifest) throws IOException {
        try {
            return Optional.of(new Document(manifest, content.read(manifest.digest(), ManifestCodec.LARGEST_BYTES)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// @param user who pushes; empty where nobody has shown who he is
    Answer write(Request request, Meant meant, Route.ManifestOf route, String user) throws IOException {
        Optional<Digest> digest = Digest.parse(route.target());
        Set<String> tags = tags(digest.isPresent() ? request.all("tag") : List.of(route.target()));
        byte[] bytes = request.body().readNBytes(ManifestCodec.LARGEST_BYTES + 1);
        if (bytes.length > ManifestCodec.LARGEST_BYTES) {
            throw new RefusedException(
                    413,
                    ErrorCode.MANIFEST_INVALID,
                    "the manifest is larger than " + ManifestCodec.LARGEST_BYTES + " bytes");
        }
        StoredManifest manifest = read(bytes, request.header("Content-Type"), digest.orElse(null));
        if (digest.isPresent() && !digest.get().equals(manifest.digest())) {
            throw new RefusedException(400, ErrorCode.DIGEST_INVALID, "the manifest's digest is " + manifest.digest());
        }
        store(meant, route.name(), manifest, bytes, new Naming(tags, user));
        return stored(route, manifest, digest.isPresent() ? tags : Set.of());
    }

    private static Set<String> tags(List<String> names) {
        for (String name : names) {
            if (!Reference.isTag(name)) {
                throw new RefusedException(400, ErrorCode.MANIFEST_INVALID, "not a tag: " + name);
            }
        }
        return new LinkedHashSet<>(names);
    }

    /// @param tags those that came beside the digest
    private static Answer stored(Route.ManifestOf route, StoredManifest manifest, Set<String> tags) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Location", "/v2/%s/manifests/%s".formatted(route.name(), manifest.digest()));
        headers.put("Docker-Content-Digest", manifest.digest().value());
        manifest.about().ifPresent(subject -> headers.put("OCI-Subject", subject.value()));
        if (!tags.isEmpty()) {
            headers.put("OCI-Tag", String.join(", ", tags));
        }
        return Answer.of(201, headers);
    }

    private static StoredManifest read(byte[] bytes, String contentType, @Nullable Digest like) {
        try {
            return StoredManifest.read(bytes, contentType.isEmpty() ? null : new MediaType(contentType), like);
        } catch (MalformedDocumentException e) {
            throw new RefusedException(400, ErrorCode.MANIFEST_INVALID, String.valueOf(e.getMessage()));
        }
    }

    private void store(Meant meant, String path, StoredManifest manifest, byte[] bytes, Naming names)
            throws IOException {
        try {
            adoptParts(meant, path, manifest);
            view.repositories().put(view.own(path), manifest, bytes, names);
        } catch (IncompleteManifestException e) {
            throw new RefusedException(404, ErrorCode.MANIFEST_BLOB_UNKNOWN, String.valueOf(e.getMessage()));
        }
    }

    /// What the path shows because of an image of this host was not pushed again.
    private void adoptParts(Meant meant, String path, StoredManifest manifest) throws IOException {
        for (Digest blob : manifest.blobs()) {
            view.adopt(meant, path, blob);
        }
        Repository own = view.own(path);
        for (Digest child : manifest.manifests()) {
            if (!view.repositories().contents(own).manifests().containsKey(child)) {
                Optional<Document> shown = here(meant, child.value());
                if (shown.isPresent()) {
                    byte[] bytes = shown.get().bytes();
                    StoredManifest part =
                            read(bytes, shown.get().descriptor().mediaType().value(), child);
                    adoptParts(meant, path, part);
                    view.repositories().put(own, part, bytes, Naming.NONE);
                }
            }
        }
    }

    Answer delete(Meant meant, Route.ManifestOf route) throws IOException {
        Repository repository = view.own(route.name());
        Optional<Digest> digest = Digest.parse(route.target());
        boolean done;
        if (digest.isPresent()) {
            Set<Digest> freed = view.repositories().remove(repository, digest.get());
            view.images().free(freed);
            done = !freed.isEmpty();
        } else {
            done = view.repositories().untag(repository, route.target());
        }
        if (!done) {
            boolean isShown = view.manifest(meant, route.target()).isPresent();
            throw isShown
                    ? new RefusedException(403, ErrorCode.DENIED, "an object of this host keeps that image")
                    : new RefusedException(
                            404, ErrorCode.MANIFEST_UNKNOWN, "the repository does not have " + route.target());
        }
        return Answer.of(202, Map.of());
    }
}
