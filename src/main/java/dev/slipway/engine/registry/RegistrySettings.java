package dev.slipway.engine.registry;

import dev.slipway.engine.oci.Repository;
import java.net.URI;
import java.util.List;
import java.util.Map;

/// How to reach registries: what the Registry objects of this host say. A host that is not named has [Host#STANDARD].
///
/// @param hosts by host name as in a reference, with port
public record RegistrySettings(Map<String, Host> hosts) {
    public static final RegistrySettings STANDARD = new RegistrySettings(Map.of());

    public RegistrySettings {
        hosts = Map.copyOf(hosts);
    }

    /// @param mirrors `https://host[:port][/prefix]` or `http://...`, asked in this order before the host itself
    /// @param insecure speak plain HTTP
    /// @param caCertificates PEM, trusted besides the system's; empty for none
    /// @param keyring credentials for everybody on this host
    public record Host(List<URI> mirrors, boolean insecure, String caCertificates, Keyring keyring) {
        public static final Host STANDARD = new Host(List.of(), false, "", Keyring.EMPTY);

        public Host {
            mirrors = List.copyOf(mirrors);
        }
    }

    Host host(Repository repository) {
        return hosts.getOrDefault(repository.host(), Host.STANDARD);
    }
}
