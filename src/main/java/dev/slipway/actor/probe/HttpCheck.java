package dev.slipway.actor.probe;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Asks by HTTP/1.1, also over TLS without looking at the certificate. Redirects are followed as long as they stay on
/// the same host.
///
/// @param agent what it calls itself
/// @spec https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
///     Kubernetes: HTTP probes
record HttpCheck(String agent) {
    private static final int MOST_REDIRECTS = 10;
    private static final Set<String> USUAL = Set.of("host", "user-agent", "accept");

    /// @param host whom to connect to
    Finding ask(Check.HttpGet get, String host, Duration timeout) {
        Deadline deadline = Deadline.in(timeout);
        HttpPlace place = HttpPlace.of(get, host);
        for (int redirects = 0; redirects < MOST_REDIRECTS; redirects++) {
            HttpExchange.Response response;
            try {
                response = HttpExchange.get(place, headers(get, place), deadline);
            } catch (IOException e) {
                return failed(place, String.valueOf(e.getMessage()));
            }
            Optional<HttpPlace> next = redirect(place, response);
            if (next.isEmpty() || !next.get().host().equals(place.host())) {
                return finding(response);
            }
            place = next.get();
        }
        return failed(place, "stopped after 10 redirects");
    }

    /// Whether anybody answers at all, whatever it says: all that a hook asks.
    Finding tell(Check.HttpGet get, String host, Duration timeout) {
        HttpPlace place = HttpPlace.of(get, host);
        try {
            HttpExchange.get(place, headers(get, place), Deadline.in(timeout));
            return new Finding.Healthy();
        } catch (IOException e) {
            return failed(place, String.valueOf(e.getMessage()));
        }
    }

    private static Finding failed(HttpPlace place, String why) {
        return new Finding.Unhealthy("Get %s: %s".formatted(GoText.quoted(place.toString()), why));
    }

    private static Finding finding(HttpExchange.Response response) {
        int status = response.status();
        if (status >= 200 && status < 300) {
            return new Finding.Healthy();
        }
        return status >= 300 && status < 400
                ? new Finding.Doubtful("Probe terminated redirects, Response body: " + response.body())
                : new Finding.Unhealthy("HTTP probe failed with statuscode: " + status);
    }

    private static Optional<HttpPlace> redirect(HttpPlace from, HttpExchange.Response response) {
        return switch (response.status()) {
            case 301, 302, 303, 307, 308 -> response.header("location").flatMap(from::resolve);
            default -> Optional.empty();
        };
    }

    /// Those of the manifest, and the usual ones that it does not have; one that it has empty is not sent.
    private List<Check.Header> headers(Check.HttpGet get, HttpPlace place) {
        List<Check.Header> headers = new ArrayList<>();
        usual(get, "Host", GoText.address(place.host(), place.port())).ifPresent(headers::add);
        usual(get, "User-Agent", agent).ifPresent(headers::add);
        usual(get, "Accept", "*/*").ifPresent(headers::add);
        get.headers().stream()
                .filter(header -> !USUAL.contains(header.name().toLowerCase(Locale.ROOT)))
                .forEach(headers::add);
        return headers;
    }

    private static Optional<Check.Header> usual(Check.HttpGet get, String name, String value) {
        return get.headers().stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .findFirst()
                .or(() -> Optional.of(new Check.Header(name, value)))
                .filter(header -> !header.value().isEmpty());
    }
}
