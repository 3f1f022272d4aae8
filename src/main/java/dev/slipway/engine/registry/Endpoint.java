package dev.slipway.engine.registry;

import dev.slipway.engine.oci.Repository;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
}
