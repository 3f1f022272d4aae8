package dev.slipway.engine.registry;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a registry may send its clients: by a redirect, to an upload, or for tokens.
///
/// Nowhere that is nearer to this host than the registry is itself: a stranger's shall not have this host ask what only
/// this host, or its own network, can reach. With credentials, only where the registry has a claim to: to its own host
/// and to hosts of the domain that it is in, as `registry-1.docker.io` to `auth.docker.io`, and `registry.gitlab.com`
/// to `gitlab.com`.
final class Redirection {
    private Redirection() {}

    /// Whether an endpoint may have its clients ask at an address.
    static boolean mayLeadTo(Endpoint endpoint, URI to) {
        String own = endpoint.base().getHost();
        return to.getHost().equalsIgnoreCase(own) || AddressScope.of(own).maySendTo(AddressScope.of(to.getHost()));
    }

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
        AddressScope there = AddressScope.ofLiteral(host);
        boolean inward =
                there != AddressScope.GLOBAL && !AddressScope.of(registry).maySendTo(there);
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

    /// Who can reach an address, the most the first.
    ///
    /// @spec https://www.iana.org/assignments/iana-ipv4-special-registry IANA IPv4 Special-Purpose Address Registry
    private enum AddressScope {
        GLOBAL,
        /// The hosts of a private network.
        PRIVATE,
        /// This host alone.
        HOST,
        /// The link alone, where clouds tell a machine who it is.
        LINK;

        private static final Pattern LITERAL = Pattern.compile("[0-9.]+|\\[.*]");

        /// That of a host. A name has the narrowest one of its addresses; one that has none is global, because
        /// nobody will be asked.
        static AddressScope of(String host) {
            try {
                return Arrays.stream(InetAddress.getAllByName(host))
                        .map(AddressScope::of)
                        .max(Comparator.naturalOrder())
                        .orElse(GLOBAL);
            } catch (UnknownHostException e) {
                return GLOBAL;
            }
        }

        /// As [#of], but asks nobody about a name: it is global, unless it is this host's own.
        static AddressScope ofLiteral(String host) {
            if (Endpoint.isLoopback(host)) {
                return HOST;
            }
            return LITERAL.matcher(host).matches() ? of(host) : GLOBAL;
        }

        /// Whether who is here may send others there.
        boolean maySendTo(AddressScope there) {
            return there == this || there == GLOBAL || this == HOST && there == PRIVATE;
        }

        private static AddressScope of(InetAddress address) {
            if (address.isLinkLocalAddress() || address.isMulticastAddress()) {
                return LINK;
            }
            if (address.isLoopbackAddress() || address.isAnyLocalAddress()) {
                return HOST;
            }
            boolean isPrivate = address.isSiteLocalAddress()
                    || switch (address) {
                        case Inet4Address four -> isSharedByCarriers(four.getAddress());
                        case Inet6Address six -> (six.getAddress()[0] & 0xfe) == 0xfc;
                        default -> false;
                    };
            return isPrivate ? PRIVATE : GLOBAL;
        }

        /// 100.64.0.0/10.
        private static boolean isSharedByCarriers(byte[] address) {
            return address[0] == 100 && (address[1] & 0xc0) == 0x40;
        }
    }
}
