package dev.slipway.engine.registry;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// How to reach registries: what the Registry objects of this host say. A host that is not named has [Host#STANDARD].
///
/// @param hosts by host name as in a reference, with port
public record RegistrySettings(Map<String, Host> hosts) {
    public static final RegistrySettings STANDARD = new RegistrySettings(Map.of());

    private static final Pattern MIRROR_PATH =
            Pattern.compile("[a-z0-9]+(?:[._-][a-z0-9]+)*(?:/[a-z0-9]+(?:[._-][a-z0-9]+)*)*");

    public RegistrySettings {
        hosts = Map.copyOf(hosts);
    }

    /// @param mirrors `https://host[:port][/prefix]` or `http://...`, asked in this order before the host itself
    /// @param insecure speak plain HTTP
    /// @param caCertificates PEM, trusted besides the system's; empty for none
    /// @param keyring credentials for everybody on this host
    /// @param verification what is asked of its images
    public record Host(
            List<URI> mirrors, boolean insecure, String caCertificates, Keyring keyring, Verification verification) {
        public static final Host STANDARD = new Host(List.of(), false, "", Keyring.EMPTY);

        /// Of which nothing is asked.
        public Host(List<URI> mirrors, boolean insecure, String caCertificates, Keyring keyring) {
            this(mirrors, insecure, caCertificates, keyring, Verification.OFF);
        }

        public Host {
            mirrors = List.copyOf(mirrors);
            mirrors.forEach(RegistrySettings::check);
        }
    }

    private static void check(URI mirror) {
        boolean web = "http".equals(mirror.getScheme()) || "https".equals(mirror.getScheme());
        String path = mirror.getRawPath() == null ? "" : mirror.getRawPath().replaceAll("^/+|/+$", "");
        boolean named = mirror.getRawUserInfo() == null && mirror.getRawQuery() == null && mirror.getHost() != null;
        if (!web || !named || !path.isEmpty() && !MIRROR_PATH.matcher(path).matches()) {
            throw new IllegalArgumentException("not the address of a mirror: " + mirror);
        }
    }

    Host host(String host) {
        return hosts.getOrDefault(host, Host.STANDARD);
    }

    /// What everybody on this host may show to `endpoint`.
    Keyring keyring(Endpoint endpoint) {
        return host(endpoint.host()).keyring();
    }
}
