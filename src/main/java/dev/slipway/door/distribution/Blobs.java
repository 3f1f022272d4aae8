package dev.slipway.door.distribution;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Hands blobs out, whole or in part.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-blobs OCI Distribution Spec:
///     Pulling blobs
record Blobs(View view, ContentStore content, Mirrors mirrors) {
    Answer read(Request request, List<Repository> meant, Digest digest) throws IOException {
        if (!view.keep(meant, digest)) {
            Optional<Repository> mirrored = mirrors.mirrored(meant);
            Optional<Answer.Body.Stream> coming =
                    mirrored.isPresent() ? mirrors.through().blob(mirrored.get(), digest) : Optional.empty();
            if (coming.isPresent()) {
                return new Answer(200, headers(digest), coming.get());
            }
            throw new RefusedException(404, ErrorCode.BLOB_UNKNOWN, "the repository does not have " + digest);
        }
        long size = content.sizeBytes(digest).orElse(0);
        Map<String, String> headers = headers(digest);
        if (request.header("If-None-Match").equals(headers.get("ETag"))) {
            return Answer.of(304, headers);
        }
        String range = request.header("Range");
        Optional<ByteRange> part = range.isEmpty() ? Optional.empty() : ByteRange.wanted(range, size);
        if (part.isEmpty()) {
            return new Answer(200, headers, new Answer.Body.Stream(() -> content.open(digest), size));
        }
        ByteRange wanted = part.get();
        headers.put("Content-Range", "bytes %d-%d/%d".formatted(wanted.first(), wanted.last(), size));
        return new Answer(
                206, headers, new Answer.Body.Stream(() -> content.open(digest, wanted.first()), wanted.length()));
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
