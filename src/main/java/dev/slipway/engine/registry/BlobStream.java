package dev.slipway.engine.registry;

import static dev.slipway.engine.registry.RegistryException.Kind.PROTOCOL;

import dev.slipway.engine.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The bytes of one blob from an offset to its end. When the connection breaks or stalls it asks for the rest after a
/// pause, as long as each few connections bring [Patience#LEAST_PROGRESS_BYTES]. It gives exactly the announced number
/// of bytes or fails; whether they are the right ones is for the reader to check. For one thread.
final class BlobStream extends InputStream {
    private static final Pattern CONTENT_RANGE = Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/.*");

    /// Asks one of the repository's endpoints.
    interface Source {
        HttpResponse<BodyReader> ask(Question question) throws IOException;
    }

    private final Descriptor blob;
    private final Question question;
    private final Source source;
    private final Patience patience;
    private long position;
    private long openedAt;
    private int fruitless;
    private @Nullable BodyReader body;

    BlobStream(Descriptor blob, Question question, Source source, Patience patience) {
        this.blob = blob;
        this.question = question;
        this.source = source;
        this.patience = patience;
    }

    /// Sends the first request, so that a refusal comes from here.
    void open(long offsetBytes) throws IOException {
        position = offsetBytes;
        try {
            body = connect();
        } catch (InterruptedIOException | RegistryException e) {
            throw e;
        } catch (IOException e) {
            giveUpOrPause(e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        while (position < blob.sizeBytes()) {
            try {
                int count = current().read(bytes, offset, (int) Math.min(length, blob.sizeBytes() - position));
                if (count < 0) {
                    throw new IOException("the connection ended early");
                }
                position += count;
                return count;
            } catch (InterruptedIOException | RegistryException e) {
                throw e;
            } catch (IOException e) {
                giveUpOrPause(e);
            }
        }
        return -1;
    }

    @Override
    public void close() {
        if (body != null) {
            body.close();
        }
    }

    private BodyReader current() throws IOException {
        if (body == null) {
            body = connect();
        }
        return body;
    }

    private void giveUpOrPause(IOException cause) throws IOException {
        close();
        body = null;
        fruitless = position - openedAt >= Patience.LEAST_PROGRESS_BYTES ? 1 : fruitless + 1;
        if (fruitless >= patience.attempts()) {
            throw new RegistryException(
                    RegistryException.Kind.UNREACHABLE,
                    question.words() + ": stopped at " + position + " of " + blob.sizeBytes() + " bytes: "
                            + cause.getMessage(),
                    null,
                    cause);
        }
        Transport.pause(patience.pauseAfter(fruitless));
    }

    private BodyReader connect() throws IOException {
        openedAt = position;
        boolean rest = position > 0;
        HttpResponse<BodyReader> response =
                source.ask(rest ? question.range(position, blob.sizeBytes() - 1) : question);
        BodyReader opened = response.body();
        try {
            if (response.statusCode() == 206 && rest) {
                checkRange(response);
            } else if (response.statusCode() == 200) {
                checkLength(response);
                // A registry that ignores ranges sends everything again.
                opened.skipNBytes(position);
            } else {
                throw protocol("the server answers " + response.statusCode());
            }
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    private void checkRange(HttpResponse<?> response) throws RegistryException {
        String range = response.headers().firstValue("Content-Range").orElse("");
        Matcher matcher = CONTENT_RANGE.matcher(range);
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) != position) {
            throw protocol("asked for bytes from " + position + " and got \"" + range + "\"");
        }
    }

    private void checkLength(HttpResponse<?> response) throws RegistryException {
        long length = response.headers().firstValueAsLong("Content-Length").orElse(blob.sizeBytes());
        if (length != blob.sizeBytes()) {
            throw protocol("it has " + length + " bytes instead of " + blob.sizeBytes());
        }
    }

    private RegistryException protocol(String why) {
        return new RegistryException(PROTOCOL, question.words() + ": " + why);
    }
}
