package dev.slipway.door.distribution;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.content.CorruptContentException;
import dev.slipway.engine.content.Ingest;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.repository.Repositories;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;

/// Blobs on their way in, each over one request or many. Safe for use by many threads; one request at a time writes to
/// an upload.
///
/// ```
/// POST -> PATCH ... PATCH -> PUT      the blob is there, and leased to the repository
///                         -> DELETE   nothing is left
///      -> silence for an hour         nothing is left
/// ```
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-blobs OCI Distribution Spec:
///     Pushing Blobs
final class Uploads {
    private static final Logger LOG = Logger.getLogger(Uploads.class);
    private static final Duration KEPT = Duration.ofHours(1);
    private static final int CHUNK_BYTES = 1 << 17;

    private final View view;
    private final Repositories repositories;
    private final ContentStore content;
    private final InstantSource clock;
    private final Limits limits;
    private final Map<String, Upload> uploads = new ConcurrentHashMap<>();
    private final RecentPushes pushed = new RecentPushes();

    Uploads(View view, Repositories repositories, ContentStore content, InstantSource clock, Limits limits) {
        this.view = view;
        this.repositories = repositories;
        this.content = content;
        this.clock = clock;
        this.limits = limits;
    }

    private static final class Upload {
        private final String id = UUID.randomUUID().toString();
        private final Repository repository;
        private final Ingest ingest;
        private final ReentrantLock lock = new ReentrantLock();
        private volatile Instant touched;

        Upload(Repository repository, Ingest ingest, Instant now) {
            this.repository = repository;
            this.ingest = ingest;
            this.touched = now;
        }
    }

    /// Starts an upload, or does all of it at once where the blob comes along or another repository has it.
    ///
    /// @param source what `from` means, if the caller may read it
    Answer begin(Request request, Route.Uploads route, Meant source) throws IOException {
        Repository repository = view.own(route.name());
        Optional<Digest> mounted = request.parameter("mount").flatMap(Digest::parse);
        if (mounted.isPresent() && view.keep(source, mounted.get())) {
            lease(repository, mounted.get());
            return created(repository, mounted.get());
        }
        if (uploads.size() >= limits.uploads()) {
            throw new RefusedException(429, ErrorCode.TOOMANYREQUESTS, "too many uploads are open");
        }
        Optional<String> digest = request.parameter("digest");
        Upload upload = new Upload(repository, content.begin(), clock.instant());
        uploads.put(upload.id, upload);
        if (digest.isEmpty()) {
            return status(202, upload);
        }
        try {
            return finish(request, new Route.Upload(route.name(), upload.id));
        } catch (IOException | RuntimeException e) {
            // Nobody knows its name.
            discard(upload);
            throw e;
        }
    }

    Answer append(Request request, Route.Upload route) throws IOException {
        return alone(route, upload -> {
            write(request, upload);
            return status(202, upload);
        });
    }

    Answer status(Route.Upload route) throws IOException {
        return alone(route, upload -> status(204, upload));
    }

    Answer cancel(Route.Upload route) throws IOException {
        return alone(route, upload -> {
            discard(upload);
            return Answer.of(204, Map.of());
        });
    }

    /// Takes the last bytes, and makes the blob visible if it has the digest.
    Answer finish(Request request, Route.Upload route) throws IOException {
        String text = request.parameter("digest").orElse("");
        Digest digest = Digest.parse(text).orElseThrow(() -> RefusedException.invalidDigest(text));
        return alone(route, upload -> {
            write(request, upload);
            try (Repositories.Hold _ = repositories.hold(digest)) {
                upload.ingest.commit(digest);
                lease(upload.repository, digest);
            } catch (CorruptContentException e) {
                throw new RefusedException(400, ErrorCode.DIGEST_INVALID, String.valueOf(e.getMessage()));
            } finally {
                discard(upload);
            }
            return created(upload.repository, digest);
        });
    }

    private void lease(Repository repository, Digest digest) {
        repositories.lease(repository, digest);
        note(repository);
    }

    /// Somebody pushes to it.
    void note(Repository repository) {
        pushed.note(repository, clock.instant());
    }

    /// Whether a blob comes, or anything has within the hour.
    boolean isPushedTo(Repository repository) {
        Instant limit = clock.instant().minus(KEPT);
        return pushed.isAfter(repository, limit)
                || uploads.values().stream()
                        .anyMatch(upload -> upload.repository.equals(repository) && upload.touched.isAfter(limit));
    }

    private interface Work {
        Answer on(Upload upload) throws IOException;
    }

    private Answer alone(Route.Upload route, Work work) throws IOException {
        Upload upload = uploads.get(route.id());
        if (upload == null || !upload.repository.equals(view.own(route.name()))) {
            throw new RefusedException(404, ErrorCode.BLOB_UPLOAD_UNKNOWN, "there is no such upload");
        }
        if (!upload.lock.tryLock()) {
            throw new RefusedException(409, ErrorCode.BLOB_UPLOAD_INVALID, "another request writes to the upload");
        }
        try {
            if (!uploads.containsKey(upload.id)) {
                throw new RefusedException(404, ErrorCode.BLOB_UPLOAD_UNKNOWN, "there is no such upload");
            }
            upload.touched = clock.instant();
            return work.on(upload);
        } finally {
            upload.touched = clock.instant();
            upload.lock.unlock();
        }
    }

    /// What came before the connection broke stays, so that the client can go on from there.
    private void write(Request request, Upload upload) throws IOException {
        String range = request.header("Content-Range");
        if (!range.isEmpty()) {
            check(ByteRange.sent(range), request.contentLength(), upload);
        }
        if (request.contentLength() > limits.largestBlobBytes() - upload.ingest.offsetBytes()) {
            throw tooLarge();
        }
        byte[] chunk = new byte[CHUNK_BYTES];
        InputStream body = request.body();
        for (int count = body.read(chunk); count >= 0; count = body.read(chunk)) {
            if (count > limits.largestBlobBytes() - upload.ingest.offsetBytes()) {
                discard(upload);
                throw tooLarge();
            }
            store(upload, chunk, count);
            upload.touched = clock.instant();
        }
    }

    /// What could not be written whole, for instance on a full disk, is of no use to go on from.
    private void store(Upload upload, byte[] chunk, int count) throws IOException {
        try {
            upload.ingest.write(chunk, 0, count);
        } catch (IOException e) {
            discard(upload);
            throw e;
        }
    }

    private static void check(ByteRange range, long contentLength, Upload upload) {
        if (range.first() != upload.ingest.offsetBytes() || contentLength >= 0 && contentLength != range.length()) {
            throw new RefusedException(
                    416,
                    ErrorCode.BLOB_UPLOAD_INVALID,
                    "the upload goes on at byte " + upload.ingest.offsetBytes(),
                    headers(upload));
        }
    }

    private RefusedException tooLarge() {
        return new RefusedException(
                413,
                ErrorCode.SIZE_INVALID,
                "blobs of more than %d bytes are not taken".formatted(limits.largestBlobBytes()));
    }

    private static Answer status(int status, Upload upload) {
        return Answer.of(status, headers(upload));
    }

    private static Map<String, String> headers(Upload upload) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Location", "/v2/%s/blobs/uploads/%s".formatted(upload.repository.path(), upload.id));
        headers.put("Range", "0-" + Math.max(0, upload.ingest.offsetBytes() - 1));
        headers.put("Docker-Upload-UUID", upload.id);
        return headers;
    }

    private static Answer created(Repository repository, Digest digest) {
        return Answer.of(
                201,
                Map.of(
                        "Location",
                        "/v2/%s/blobs/%s".formatted(repository.path(), digest),
                        "Docker-Content-Digest",
                        digest.value()));
    }

    /// Gives up those that nobody has touched for long.
    void expire() {
        Instant limit = clock.instant().minus(KEPT);
        pushed.expire(limit);
        for (Upload upload : List.copyOf(uploads.values())) {
            if (upload.touched.isBefore(limit) && upload.lock.tryLock()) {
                try {
                    discard(upload);
                } finally {
                    upload.lock.unlock();
                }
            }
        }
    }

    /// Gives up all of them.
    void close() {
        List.copyOf(uploads.values()).forEach(this::discard);
    }

    private void discard(Upload upload) {
        uploads.remove(upload.id);
        try {
            upload.ingest.discard();
        } catch (IOException e) {
            LOG.warnf("upload not removed upload=%s reason=\"%s\"", upload.id, e.getMessage());
        }
    }
}
