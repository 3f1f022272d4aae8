package dev.slipway.door.http;

import dev.slipway.door.pki.Credentials;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;

/// Decides who may ask. Whoever opened the unix socket is the administrator; TLS needs a client certificate that the
/// engine's authority signed for an administrator, or the bearer token; plain TCP is never answered.
///
/// A web page in a browser on this host must not drive the API, so a request with a foreign `Host` (DNS rebinding), a
/// foreign `Origin`, or the body of an HTML form is refused whatever credential it carries.
public final class Gate {
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1");
    private static final Set<String> FORMS =
            Set.of("application/x-www-form-urlencoded", "multipart/form-data", "text/plain");
    private static final String ADMINISTRATORS = "system:masters";
    private static final Pattern ATTRIBUTE = Pattern.compile("(?:^|,)(CN|O)=([^,+]+)");

    private final Supplier<Credentials> credentials;
    private final Set<String> hosts;

    public Gate(Supplier<Credentials> credentials, Set<String> hosts) {
        this.credentials = credentials;
        this.hosts = Set.copyOf(hosts);
    }

    /// The caller of an admitted request.
    ///
    /// @throws RefusedException when the request is not admitted
    public Caller admit(HttpServerRequest request) {
        refuseForms(request);
        if (isLocalSocket(request)) {
            refuseForeignOrigin(request);
            return Caller.ADMINISTRATOR;
        }
        if (!request.isSSL()) {
            throw new RefusedException(403, "Forbidden", "plain connections are not answered; use TLS");
        }
        refuseForeignHost(request);
        refuseForeignOrigin(request);
        return authenticated(request);
    }

    private static boolean isLocalSocket(HttpServerRequest request) {
        SocketAddress local = request.connection().localAddress();
        return local != null && local.isDomainSocket();
    }

    private Caller authenticated(HttpServerRequest request) {
        SSLSession session = request.connection().sslSession();
        if (session != null) {
            try {
                if (session.getPeerCertificates()[0] instanceof X509Certificate certificate) {
                    return caller(certificate.getSubjectX500Principal());
                }
            } catch (SSLPeerUnverifiedException e) {
                // No certificate was shown; the token decides.
                return bearer(request);
            }
        }
        return bearer(request);
    }

    private Caller bearer(HttpServerRequest request) {
        String authorization = request.getHeader("Authorization");
        if (authorization != null
                && authorization.regionMatches(true, 0, "Bearer ", 0, 7)
                && credentials.get().accepts(authorization.substring(7).strip())) {
            return Caller.ADMINISTRATOR;
        }
        throw new RefusedException(401, "Unauthorized", "Unauthorized");
    }

    private static Caller caller(X500Principal subject) {
        String name = "";
        Set<String> groups = new HashSet<>();
        Matcher attribute = ATTRIBUTE.matcher(subject.getName());
        while (attribute.find()) {
            if (attribute.group(1).equals("CN")) {
                name = attribute.group(2);
            } else {
                groups.add(attribute.group(2));
            }
        }
        if (!groups.contains(ADMINISTRATORS)) {
            throw new RefusedException(403, "Forbidden", "user \"%s\" may do nothing here".formatted(name));
        }
        groups.add("system:authenticated");
        return new Caller(name, groups.stream().sorted().toList());
    }

    private void refuseForeignHost(HttpServerRequest request) {
        HostAndPort authority = request.authority();
        String host = authority == null ? "" : bare(authority.host());
        String local =
                Objects.requireNonNullElse(request.connection().localAddress().hostAddress(), "");
        if (!LOOPBACK.contains(host) && !hosts.contains(host) && !host.equals(local)) {
            throw new RefusedException(403, "Forbidden", "the host \"" + host + "\" is not a name of this server");
        }
    }

    private static void refuseForeignOrigin(HttpServerRequest request) {
        String origin = request.getHeader("Origin");
        HostAndPort authority = request.authority();
        if (origin == null) {
            return;
        }
        if (authority == null || !origin.equalsIgnoreCase("https://" + authority)) {
            throw new RefusedException(403, "Forbidden", "requests from the origin \"" + origin + "\" are refused");
        }
    }

    private static void refuseForms(HttpServerRequest request) {
        String contentType = request.getHeader("Content-Type");
        if (contentType != null && FORMS.contains(ApiRequest.mediaType(contentType))) {
            throw new RefusedException(
                    415, "UnsupportedMediaType", "bodies of type " + contentType + " are not accepted; send JSON");
        }
    }

    private static String bare(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        return lower.startsWith("[") && lower.endsWith("]") ? lower.substring(1, lower.length() - 1) : lower;
    }
}
