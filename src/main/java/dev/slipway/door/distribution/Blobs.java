package dev.slipway.door.distribution;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Hands blobs out, whole or in part.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs OCI Distribution Spec:
///     Pulling blobs
record Blobs(View view, ContentStore content, Mirrors mirrors) {
    /// Who looks for a blob without a registry's name may be about to push, and is told of this one only.
    Answer read(Request request, Meant meant, Route.Blob route) throws IOException {
        Digest digest = Digest.parse(route.digest()).orElseThrow(() -> RefusedException.invalidDigest(route.digest()));
        Optional<Meant> otherwise = request.isHead() || view.has(meant, digest)
                ? Optional.empty()
                : mirrors.otherwise(meant, view.own(route.name()), view.repositories());
        return read(request, otherwise.orElse(meant), digest);
    }

    private Answer read(Request request, Meant meant, Digest digest) throws IOException {
        Optional<Repository> asked = meant.seesGuarded() ? Optional.empty() : mirrors.mirrored(meant);
        if (asked.isPresent() && !mirrors.through().mayGive(asked.get(), digest)) {
            throw unknown(digest);
        }
        boolean isHere = request.isHead() ? view.keep(meant, digest) : view.has(meant, digest);
        if (!isHere) {
            Repository mirrored = mirrors.mirrored(meant)
                    .filter(repository -> view.isShown(meant, repository, digest))
                    .orElseThrow(() -> unknown(digest));
            return coming(request, mirrored, digest);
        }
        long size = content.sizeBytes(digest).orElse(0);
        Map<String, String> headers = headers(digest);
        if (request.header("If-None-Match").equals(headers.get("ETag"))) {
            return Answer.of(304, headers);
        }
        String range = request.header("Range");
        Optional<ByteRange> part = range.isEmpty() ? Optional.empty() : ByteRange.wanted(range, size);
        if (part.isEmpty()) {
            return new Answer(200, headers, body(request, meant, digest, new ByteRange(0, size - 1)));
        }
        ByteRange wanted = part.get();
        headers.put("Content-Range", "bytes %d-%d/%d".formatted(wanted.first(), wanted.last(), size));
        return new Answer(206, headers, body(request, meant, digest, wanted));
    }

    /// A blob that is fetched from another registry while it is read.
    private Answer coming(Request request, Repository mirrored, Digest digest) throws IOException {
        Descriptor blob = mirrors.through().blob(mirrored, digest).orElseThrow(() -> unknown(digest));
        Answer.Body body = request.isHead()
                ? new Answer.Body.Announced(blob.sizeBytes())
                : new Answer.Body.Stream(
                        mirrors.through().open(mirrored, blob),
                        blob.sizeBytes(),
                        view.repositories().readers().send(mirrored, digest));
        return new Answer(200, headers(digest), body);
    }

    private Answer.Body body(Request request, Meant meant, Digest digest, ByteRange range) throws IOException {
        if (request.isHead()) {
            return new Answer.Body.Announced(range.length());
        }
        try {
            return new Answer.Body.Stream(
                    content.open(digest, range.first()), range.length(), view.send(meant, digest));
        } catch (NoSuchFileException e) {
            throw unknown(digest);
        }
    }

    static RefusedException unknown(Digest digest) {
        return new RefusedException(404, ErrorCode.BLOB_UNKNOWN, "the repository does not have " + digest);
    }

    private static Map<String, String> headers(Digest digest) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/octet-stream");
        headers.put("Docker-Content-Digest", digest.value());
        headers.put("ETag", "\"" + digest + "\"");
        headers.put("Accept-Ranges", "bytes");
        headers.put("Cache-Control", "max-age=31536000");
        return headers;
    }
}
