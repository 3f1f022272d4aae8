package dev.slipway.engine.registry;

import static dev.slipway.engine.registry.RegistryException.Kind.NOT_FOUND;
import static dev.slipway.engine.registry.RegistryException.Kind.PROTOCOL;
import static dev.slipway.engine.registry.RegistryException.Kind.UNAUTHORIZED;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Sends one blob to a repository. For one thread at a time.
///
/// ```
/// there already -> nothing
/// POST mount    -> 201: the registry took it from another repository
/// POST          -> PATCH ... PATCH -> PUT
///                      a chunk that fails: ask how much is there, go on from that
/// ```
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks OCI
///     Distribution Spec: Pushing a blob in chunks
public final class BlobPush {
    private static final long CHUNK_BYTES = 8L << 20;
    private static final String BYTES = "application/octet-stream";
    private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-([0-9]{1,18})");

    /// Opens the blob where the next chunk begins.
    public interface Source {
        InputStream open(long offsetBytes) throws IOException;
    }

    /// How the repository got the blob.
    public enum Sent {
        /// It had it.
        PRESENT,
        MOUNTED,
        UPLOADED
    }

    private final Repository repository;
    private final Descriptor blob;
    private final Source source;
    private final Optional<Repository> origin;
    private final Patience patience;
    private final String words;

    BlobPush(Repository repository, Descriptor blob, Source source, Optional<Repository> origin, Patience patience) {
        this.repository = repository;
        this.blob = blob;
        this.source = source;
        this.origin = origin;
        this.patience = patience;
        this.words = "push blob " + blob.digest().shortHex() + " to " + repository.familiar();
    }

    Sent run(Conversation conversation) throws IOException {
        if (isThere(conversation)) {
            return Sent.PRESENT;
        }
        HttpResponse<BodyReader> response =
                origin.isPresent() ? mount(conversation, origin.get()) : begin(conversation, "");
        if (response.statusCode() == 201) {
            return Sent.MOUNTED;
        }
        upload(conversation, location(conversation, response));
        return Sent.UPLOADED;
    }

    /// A registry may refuse to look into the other repository; then the blob is uploaded.
    private HttpResponse<BodyReader> mount(Conversation conversation, Repository from) throws IOException {
        try {
            return begin(conversation, "?mount=" + blob.digest() + "&from=" + from.path());
        } catch (RegistryException e) {
            if (e.kind() != UNAUTHORIZED && e.kind() != NOT_FOUND) {
                throw e;
            }
            return begin(conversation, "");
        }
    }

    private boolean isThere(Conversation conversation) throws IOException {
        try {
            conversation
                    .ask(Question.head(repository.path() + "/blobs/" + blob.digest(), words))
                    .body()
                    .close();
            return true;
        } catch (RegistryException e) {
            if (e.kind() == NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }

    private HttpResponse<BodyReader> begin(Conversation conversation, String query) throws IOException {
        HttpResponse<BodyReader> response =
                conversation.ask(Question.write("POST", repository.path() + "/blobs/uploads/" + query, words));
        response.body().close();
        return response;
    }

    private URI location(Conversation conversation, HttpResponse<?> response) throws RegistryException {
        String text = response.headers().firstValue("Location").orElse("");
        try {
            URI location = response.uri().resolve(URI.create(text));
            if (!text.isEmpty()) {
                return location;
            }
        } catch (IllegalArgumentException e) {
            throw new RegistryException(PROTOCOL, words + ": the address of the upload is malformed", null, e);
        }
        throw new RegistryException(
                PROTOCOL,
                words + " from " + Transport.origin(conversation.endpoint().base()) + ": no address to upload to");
    }

    private void upload(Conversation conversation, URI first) throws IOException {
        URI location = first;
        long offset = 0;
        int fruitless = 0;
        while (true) {
            boolean isLast = blob.sizeBytes() - offset <= CHUNK_BYTES;
            HttpResponse<BodyReader> response;
            try {
                response = isLast ? finish(conversation, location, offset) : append(conversation, location, offset);
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                if (++fruitless >= patience.attempts()) {
                    throw e;
                }
                Transport.pause(patience.pauseAfter(fruitless));
                offset = offset(conversation, location, e);
                continue;
            }
            if (response.statusCode() / 100 == 2) {
                response.body().close();
                if (isLast) {
                    return;
                }
                location = location(conversation, response);
                offset += CHUNK_BYTES;
                fruitless = 0;
            } else if (isLast && response.statusCode() == 404 && isThere(conversation)) {
                // The answer to the last request was lost, and not the request.
                response.body().close();
                return;
            } else if (response.statusCode() == 416 && ++fruitless < patience.attempts()) {
                offset = offset(conversation, location, conversation.refused(question("PATCH"), response));
            } else {
                throw conversation.refused(question("PATCH"), response);
            }
        }
    }

    private HttpResponse<BodyReader> append(Conversation conversation, URI location, long offset) throws IOException {
        Question question =
                question("PATCH").carrying(BYTES, body(offset, CHUNK_BYTES)).chunk(offset, offset + CHUNK_BYTES - 1);
        return conversation.askAt(question, location);
    }

    private HttpResponse<BodyReader> finish(Conversation conversation, URI location, long offset) throws IOException {
        long length = blob.sizeBytes() - offset;
        Question question = question("PUT").carrying(BYTES, body(offset, length));
        String query = (location.getRawQuery() == null ? "?" : "&") + "digest=" + blob.digest();
        return conversation.askAt(question, URI.create(location + query));
    }

    /// How much the registry has of the upload.
    private long offset(Conversation conversation, URI location, IOException failure) throws IOException {
        HttpResponse<BodyReader> status = conversation.askAt(question("GET"), location);
        status.body().close();
        Matcher range = RANGE.matcher(status.headers().firstValue("Range").orElse(""));
        if (status.statusCode() / 100 != 2 || !range.matches()) {
            throw failure;
        }
        long last = Long.parseLong(range.group(1));
        if (last >= blob.sizeBytes()) {
            throw new RegistryException(PROTOCOL, words + ": the registry has more than was sent", null, failure);
        }
        return last == 0 ? 0 : last + 1;
    }

    private Question question(String method) {
        return Question.write(method, "", words);
    }

    private Question.Body body(long offset, long length) {
        return new Question.Body(length, () -> {
            try {
                return new Part(source.open(offset), length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /// The first bytes of a stream.
    private static final class Part extends InputStream {
        private final InputStream whole;
        private long left;

        Part(InputStream whole, long left) {
            this.whole = whole;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = left == 0 ? -1 : whole.read(bytes, offset, (int) Math.min(length, left));
            left -= Math.max(0, count);
            return count;
        }

        @Override
        public void close() throws IOException {
            whole.close();
        }
    }
}
