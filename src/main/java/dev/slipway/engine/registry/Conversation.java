package dev.slipway.engine.registry;

import static dev.slipway.engine.registry.RegistryException.Kind.NOT_FOUND;
import static dev.slipway.engine.registry.RegistryException.Kind.PROTOCOL;
import static dev.slipway.engine.registry.RegistryException.Kind.UNAUTHORIZED;

import dev.slipway.engine.oci.Repository;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What one client says to one endpoint about one repository with one credential, or with none. It learns at the first
/// challenge what to show, and shows it from then on. Safe for use by many threads: its lock makes them wait for one
/// token instead of fetching one each.
final class Conversation {
    private static final int LARGEST_ERROR_BYTES = 16 << 10;

    /// @param credentials null to stay anonymous
    record Key(
            Endpoint endpoint,
            Repository repository,
            @Nullable Credentials credentials) {}

    /// What a registry wants to see with a request. Never printed.
    ///
    /// @param header the value of the `Authorization` header
    /// @param staleNanos when to stop using it, by [System#nanoTime]
    /// @param lasting it does not become stale
    record Authorization(String header, long staleNanos, boolean lasting) {
        static Authorization lasting(String header) {
            return new Authorization(header, 0, true);
        }

        static Authorization until(String header, Duration lifetime) {
            return new Authorization(header, System.nanoTime() + lifetime.toNanos(), false);
        }

        boolean isFresh() {
            return lasting || staleNanos - System.nanoTime() > 0;
        }

        @Override
        public String toString() {
            return "Authorization[hidden]";
        }
    }

    private final Key key;
    private final Transport transport;
    private final Tokens tokens;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Authorization authorization;

    Conversation(Key key, Transport transport) {
        this.key = key;
        this.transport = transport;
        this.tokens = new Tokens(transport);
    }

    Endpoint endpoint() {
        return key.endpoint();
    }

    /// An answer.
    ///
    /// @param guarded whether the registry has wanted credentials for it, and was shown some
    record Heard(HttpResponse<BodyReader> response, boolean guarded) {}

    /// Asks, and answers the registry's challenge if there is one; only a good answer (2xx) comes back.
    HttpResponse<BodyReader> ask(Question question) throws IOException {
        return hear(question).response();
    }

    /// As [#ask], and tells what was shown for this very answer.
    Heard hear(Question question) throws IOException {
        Heard heard = exchange(question, key.endpoint().uri(question.path()));
        if (heard.response().statusCode() / 100 == 2) {
            return heard;
        }
        throw refused(question, heard.response());
    }

    /// What an answer that is not good says.
    RegistryException refused(Question question, HttpResponse<BodyReader> response) {
        try (BodyReader body = response.body()) {
            return refusal(question, response.statusCode(), body);
        }
    }

    /// Asks at an address that the registry gave, such as that of an upload. What is shown to the registry is shown
    /// to no other host.
    HttpResponse<BodyReader> askAt(Question question, URI uri) throws IOException {
        Endpoint endpoint = key.endpoint();
        if (Transport.origin(uri).equalsIgnoreCase(Transport.origin(endpoint.base()))) {
            return exchange(question, uri).response();
        }
        boolean plain = "http".equalsIgnoreCase(uri.getScheme()) && endpoint.isPlain();
        if (!plain && !"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null) {
            throw new RegistryException(
                    PROTOCOL,
                    question.words() + " from " + Transport.origin(endpoint.base()) + ": sent to a bad address");
        }
        if (!Redirection.mayLeadTo(endpoint, uri)) {
            throw new RegistryException(
                    PROTOCOL,
                    question.words() + " from " + Transport.origin(endpoint.base()) + ": sent to " + uri.getHost()
                            + ", which is nearer to this host than the registry");
        }
        return transport.send(endpoint, question, uri, null);
    }

    /// Asks, and answers the registry's challenge if there is one; whatever comes then comes back.
    private Heard exchange(Question question, URI uri) throws IOException {
        Authorization shown = current();
        HttpResponse<BodyReader> response = transport.send(key.endpoint(), question, uri, header(shown));
        if (response.statusCode() == 401) {
            Optional<Challenge> challenge = Challenge.parse(response.headers().allValues("WWW-Authenticate"));
            if (challenge.isPresent()
                    && (key.credentials() != null || challenge.get().isBearer())) {
                response.body().close();
                shown = answer(challenge.get(), shown);
                response = transport.send(key.endpoint(), question, uri, header(shown));
            }
        }
        return new Heard(response, key.credentials() != null && shown != null);
    }

    private @Nullable Authorization current() {
        lock.lock();
        try {
            Authorization known = authorization;
            return known != null && known.isFresh() ? known : null;
        } finally {
            lock.unlock();
        }
    }

    /// What to show after `refused` was not enough. Another thread may have found it meanwhile.
    private Authorization answer(Challenge challenge, @Nullable Authorization refused) throws IOException {
        lock.lock();
        try {
            Authorization known = authorization;
            if (known == null || known == refused || !known.isFresh()) {
                known = challenge.isBearer() ? tokens.fetch(key, challenge) : basic();
                authorization = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private Authorization basic() {
        Credentials credentials = key.credentials();
        if (credentials == null) {
            throw new IllegalStateException("basic authorization needs credentials");
        }
        return Authorization.lasting(basic(credentials));
    }

    static String basic(Credentials credentials) {
        String pair = credentials.username() + ":" + credentials.password();
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private static @Nullable String header(@Nullable Authorization authorization) {
        return authorization == null ? null : authorization.header();
    }

    private RegistryException refusal(Question question, int status, BodyReader body) {
        String head =
                question.words() + " from " + Transport.origin(key.endpoint().base()) + ": ";
        String detail = ErrorBody.detail(body, LARGEST_ERROR_BYTES);
        return switch (status) {
            case 404 -> new RegistryException(NOT_FOUND, head + "not found" + detail);
            case 401, 403 -> new RegistryException(UNAUTHORIZED, head + denied() + detail);
            default -> new RegistryException(PROTOCOL, head + "the server answers " + status + detail);
        };
    }

    private String denied() {
        return key.credentials() == null
                ? "access denied: it does not exist, or needs credentials"
                : "access denied to user " + key.credentials().username();
    }
}
