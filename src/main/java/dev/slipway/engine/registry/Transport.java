package dev.slipway.engine.registry;

import static dev.slipway.engine.registry.RegistryException.Kind.PROTOCOL;
import static dev.slipway.engine.registry.RegistryException.Kind.UNREACHABLE;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Sends one request and brings the answer that counts: it follows redirects, and asks again after a pause where the
/// other side was overloaded or the connection broke. Safe for use by many threads.
final class Transport implements AutoCloseable {
    private static final int MOST_REDIRECTS = 5;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private final Patience patience;
    private final HttpClients clients;
    private final Map<String, RateLimit> rateLimits = new ConcurrentHashMap<>();

    Transport(Patience patience) {
        this.patience = patience;
        this.clients = new HttpClients(patience.connect());
    }

    Patience patience() {
        return patience;
    }

    /// Asks `endpoint`; the answer may be any status except a redirect, 429 and those of a failing server. The
    /// caller closes its body.
    ///
    /// @param authorization the header's value; goes to `uri`'s origin and to no other. Null for none
    HttpResponse<BodyReader> send(Endpoint endpoint, Question question, URI uri, @Nullable String authorization)
            throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                HttpResponse<BodyReader> response = follow(endpoint, question, uri, authorization);
                RateLimit.of(response.headers()).ifPresent(limit -> rateLimits.put(endpoint.host(), limit));
                if (!isTransient(response.statusCode())) {
                    return response;
                }
                response.body().close();
                Optional<Duration> wanted = RateLimit.retryAfter(response.headers());
                if (attempt == patience.attempts()
                        || wanted.filter(this::isTooLong).isPresent()) {
                    throw refusal(question, uri, response.statusCode(), wanted.orElse(null));
                }
                pause(wanted.orElse(patience.pauseAfter(attempt)));
            } catch (InterruptedIOException | RegistryException e) {
                throw e;
            } catch (IOException e) {
                // Nobody listens: a mirror or the caller's next round is a better use of the time.
                boolean down = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
                boolean isLast = attempt == patience.attempts() || down && (endpoint.isMirror() || attempt >= 2);
                if (isLast || isOf(e, CertificateException.class)) {
                    throw unreachable(question, uri, e);
                }
                pause(patience.pauseAfter(attempt));
            }
        }
    }

    /// What the registry or mirror at `host` said last of what it gives to this host.
    Optional<RateLimit> rateLimit(String host) {
        return Optional.ofNullable(rateLimits.get(host));
    }

    @Override
    public void close() {
        clients.close();
    }

    static RegistryException unreachable(Question question, URI uri, IOException cause) {
        String why = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        if (cause instanceof ConnectException) {
            why = "connection refused or host unknown";
        } else if (cause instanceof HttpTimeoutException) {
            why = "timed out";
        } else if (isOf(cause, CertPathBuilderException.class)) {
            why = "its certificate is of an authority that this host does not trust";
        }
        return new RegistryException(UNREACHABLE, question.words() + " from " + origin(uri) + ": " + why, null, cause);
    }

    private static boolean isOf(Throwable failure, Class<? extends Exception> cause) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause).anyMatch(cause::isInstance);
    }

    /// `https://host:port`, for messages: the rest of an address may hold signatures.
    static String origin(URI uri) {
        return uri.getScheme() + "://" + uri.getRawAuthority();
    }

    static void pause(Duration pause) throws InterruptedIOException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private HttpResponse<BodyReader> follow(
            Endpoint endpoint, Question question, URI first, @Nullable String authorization) throws IOException {
        URI uri = first;
        for (int hops = 0; hops <= MOST_REDIRECTS; hops++) {
            boolean home = origin(uri).equalsIgnoreCase(origin(first));
            HttpResponse<BodyReader> response = once(endpoint, question, uri, home ? authorization : null);
            if (!REDIRECTS.contains(response.statusCode())) {
                return response;
            }
            response.body().close();
            uri = target(endpoint, question, uri, response);
        }
        throw new RegistryException(PROTOCOL, question.words() + " from " + origin(first) + ": too many redirects");
    }

    private HttpResponse<BodyReader> once(Endpoint endpoint, Question question, URI uri, @Nullable String authorization)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .method(question.method(), body(question))
                .timeout(patience.answer(question.body().lengthBytes()))
                .header("User-Agent", "slipway");
        question.headers().forEach(request::header);
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        try {
            return clients.trusting(endpoint.caCertificates())
                    .send(request.build(), status -> new BodyReader(patience.noProgress()));
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static HttpRequest.BodyPublisher body(Question question) {
        return question.body().isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.fromPublisher(
                        HttpRequest.BodyPublishers.ofInputStream(question.body().source()),
                        question.body().lengthBytes());
    }

    private static URI target(Endpoint endpoint, Question question, URI from, HttpResponse<?> response)
            throws RegistryException {
        String location = response.headers().firstValue("Location").orElse("");
        URI to;
        try {
            to = from.resolve(URI.create(location));
        } catch (IllegalArgumentException e) {
            throw new RegistryException(
                    PROTOCOL, question.words() + " from " + origin(from) + ": redirect to a bad address", null, e);
        }
        boolean secure = "https".equalsIgnoreCase(to.getScheme());
        boolean plain = "http".equalsIgnoreCase(to.getScheme()) && endpoint.isPlain();
        boolean hasBody = !question.body().isEmpty();
        if (location.isEmpty() || to.getHost() == null || hasBody || !(secure || plain)) {
            throw new RegistryException(
                    PROTOCOL,
                    question.words() + " from " + origin(from) + ": redirect to " + to.getScheme()
                            + " is not followed");
        }
        if (!Redirection.mayLeadTo(endpoint, to)) {
            throw new RegistryException(
                    PROTOCOL,
                    question.words() + " from " + origin(from) + ": redirect to " + to.getHost()
                            + ", which is nearer to this host than the registry, is not followed");
        }
        return to;
    }

    private boolean isTooLong(Duration pause) {
        return pause.compareTo(patience.longestPause()) > 0;
    }

    private static boolean isTransient(int status) {
        return status == 429 || status == 408 || status == 500 || status >= 502 && status <= 504;
    }

    private static RegistryException refusal(Question question, URI uri, int status, @Nullable Duration retryAfter) {
        RegistryException.Kind kind = status == 429 ? RegistryException.Kind.RATE_LIMITED : UNREACHABLE;
        String why = status == 429 ? "too many requests" : "the server answers " + status;
        return new RegistryException(kind, question.words() + " from " + origin(uri) + ": " + why, retryAfter, null);
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while talking to a registry");
    }
}
