package dev.slipway.engine.registry;

import dev.slipway.engine.oci.Repository;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Where a repository can be asked for: the registry itself, or a mirror of it.
///
/// @param base scheme, host and port, without a path
/// @param prefix goes before repository paths: empty, or ends with a slash
/// @param host whom credentials must have been given for
/// @param namespace the host that a mirror stands in for, or empty
/// @param caCertificates PEM, or empty
record Endpoint(URI base, String prefix, String host, String namespace, String caCertificates) {
    private static final String HUB_ENDPOINT = "registry-1.docker.io";

    /// The endpoints for `repository`, in the order in which they are asked.
    static List<Endpoint> of(Repository repository, RegistrySettings settings) {
        return of(repository.host(), settings);
    }

    static List<Endpoint> of(String host, RegistrySettings settings) {
        List<Endpoint> found = new ArrayList<>();
        RegistrySettings.Host own = settings.host(host);
        for (URI mirror : own.mirrors()) {
            RegistrySettings.Host its = settings.host(mirror.getAuthority());
            found.add(mirror(mirror, host, its.caCertificates()));
        }
        String scheme = own.insecure()
                        || isLoopback(hostName(host)) && own.caCertificates().isEmpty()
                ? "http"
                : "https";
        String authority = host.equals(Repository.DOCKER_HUB) ? HUB_ENDPOINT : host;
        found.add(new Endpoint(URI.create(scheme + "://" + authority), "", host, "", own.caCertificates()));
        return found;
    }

    private static Endpoint mirror(URI mirror, String host, String caCertificates) {
        String path = mirror.getRawPath() == null ? "" : mirror.getRawPath().replaceAll("^/+|/+$", "");
        URI base = URI.create(mirror.getScheme() + "://" + mirror.getRawAuthority());
        return new Endpoint(base, path.isEmpty() ? "" : path + "/", mirror.getAuthority(), host, caCertificates);
    }

    /// The address of `path` below `/v2/`.
    URI uri(String path) {
        String query = namespace.isEmpty() ? "" : (path.indexOf('?') < 0 ? "?ns=" : "&ns=") + namespace;
        return URI.create(base + "/v2/" + prefix + path + query);
    }

    boolean isMirror() {
        return !namespace.isEmpty();
    }

    /// Whether requests to it travel in the clear.
    boolean isPlain() {
        return base.getScheme().equals("http");
    }

    /// Whether `name` can only mean this machine.
    static boolean isLoopback(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.equals("localhost")
                || lower.endsWith(".localhost")
                || lower.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}")
                || lower.equals("[::1]");
    }

    private static String hostName(String host) {
        int port = host.lastIndexOf(':');
        return port < 0 || host.indexOf(']', port) >= 0 ? host : host.substring(0, port);
    }

    /// How near to this host an address is. A registry may send its clients on to addresses that are no nearer than
    /// its own: a stranger's shall not have this host ask what only this host, or its own network, can reach.
    enum Nearness {
        PUBLIC,
        PRIVATE,
        HOST,
        /// Of the link alone, where clouds tell a machine who it is.
        LINK;

        private static final Pattern LITERAL = Pattern.compile("[0-9.]+|\\[.*]");

        /// Where the host of an address is. A name is where the nearest of its addresses is; one that has none
        /// is public, because nobody will be asked.
        static Nearness of(String host) {
            try {
                return Arrays.stream(InetAddress.getAllByName(host))
                        .map(Nearness::of)
                        .max(Comparator.naturalOrder())
                        .orElse(PUBLIC);
            } catch (UnknownHostException e) {
                return PUBLIC;
            }
        }

        /// As [#of], but asks nobody about a name: it is public, unless it is this host's own.
        static Nearness ofLiteral(String host) {
            if (isLoopback(host)) {
                return HOST;
            }
            return LITERAL.matcher(host).matches() ? of(host) : PUBLIC;
        }

        /// Whether who is here may send others there.
        boolean maySendTo(Nearness there) {
            return there == this || there == PUBLIC || this == HOST && there == PRIVATE;
        }

        private static Nearness of(InetAddress address) {
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
            return isPrivate ? PRIVATE : PUBLIC;
        }

        /// 100.64.0.0/10.
        private static boolean isSharedByCarriers(byte[] address) {
            return address[0] == 100 && (address[1] & 0xc0) == 0x40;
        }
    }
}
