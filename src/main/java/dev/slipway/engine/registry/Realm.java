package dev.slipway.engine.registry;

import java.net.URI;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// Whether a registry may send its clients to another address for tokens, and with credentials. A registry has a claim
/// to its own host and to
/// hosts of the domain that it is in: `registry-1.docker.io` to `auth.docker.io`, `registry.gitlab.com` to
/// `gitlab.com`.
final class Realm {
    private Realm() {}

    /// Why `realm` must not be asked for the sake of `endpoint`, or empty if it may.
    ///
    /// @param withCredentials without them nothing can be lost to a stranger, and registries that only put their
    ///     name on another one's content send there
    static Optional<String> objection(URI realm, Endpoint endpoint, boolean withCredentials) {
        String scheme = realm.getScheme();
        if (realm.getHost() == null || scheme == null) {
            return Optional.of("is not an address");
        }
        boolean plain = scheme.equalsIgnoreCase("http");
        if (!plain && !scheme.equalsIgnoreCase("https")) {
            return Optional.of("is not http or https");
        }
        if (plain && !endpoint.isPlain()) {
            return Optional.of("is not https");
        }
        String registry = endpoint.base().getHost().toLowerCase(Locale.ROOT);
        String host = realm.getHost().toLowerCase(Locale.ROOT);
        Endpoint.Nearness there = Endpoint.Nearness.ofLiteral(host);
        boolean inward = there != Endpoint.Nearness.PUBLIC
                && !Endpoint.Nearness.of(registry).maySendTo(there);
        boolean own = host.equals(registry) || isInDomainOf(host, registry);
        return inward || withCredentials && !own ? Optional.of("belongs to another host") : Optional.empty();
    }

    private static boolean isInDomainOf(String host, String registry) {
        String[] labels = registry.split("\\.");
        boolean address = registry.startsWith("[") || registry.matches("[0-9.]+");
        if (address || labels.length < 3 || isPublicSuffix(labels)) {
            return false;
        }
        String domain = String.join(".", Arrays.copyOfRange(labels, 1, labels.length));
        return host.equals(domain) || host.endsWith("." + domain);
    }

    /// Whether the last two of three labels look like `co.uk`, below which strangers live side by side.
    private static boolean isPublicSuffix(String[] labels) {
        return labels.length == 3 && labels[2].length() == 2 && labels[1].length() <= 3;
    }
}
