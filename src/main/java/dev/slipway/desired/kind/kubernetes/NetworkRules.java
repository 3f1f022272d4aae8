package dev.slipway.desired.kind.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.kind.Names;
import dev.slipway.desired.kind.Place;
import dev.slipway.desired.model.PodAnnotations;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What a pod's names and ports must be.
public final class NetworkRules {
    private static final List<String> DNS_POLICIES =
            List.of("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
    private static final int MOST_NAMESERVERS = 3;
    private static final int MOST_SEARCHES = 32;
    private static final int LONGEST_HOSTNAME = 64;

    private NetworkRules() {}

    /// Names, in a pod or in a container that is an object of its own.
    public static void names(Place spec) {
        spec.at("hostname").reads(text -> text.isEmpty() ? List.of() : Names.label(text));
        spec.at("subdomain").reads(text -> text.isEmpty() ? List.of() : Names.label(text));
        override(spec);
        spec.at("dnsPolicy").oneOf(DNS_POLICIES);
        dns(spec.at("dnsConfig"), spec.at("dnsPolicy").text().equals("None"));
        for (Place alias : spec.at("hostAliases").items()) {
            Place ip = alias.at("ip");
            if (!Addresses.isAddress(ip.text())) {
                ip.findings().invalid(ip.path(), ip.text(), Addresses.RULE);
            }
            alias.at("hostnames").items().forEach(name -> name.reads(Names::subdomain));
        }
    }

    /// A name that replaces all others.
    private static void override(Place spec) {
        Place override = spec.at("hostnameOverride");
        override.reads(Names::subdomain);
        override.holds(override.text().length() <= LONGEST_HOSTNAME, "must be no more than 64 characters");
        if (override.isThere()) {
            spec.present(List.of("hostNetwork", "setHostnameAsFQDN")).stream()
                    .filter(field -> field.value().asBoolean())
                    .forEach(field -> field.forbidden("may not be true when `hostnameOverride` is set"));
        }
    }

    private static void dns(Place config, boolean isNeeded) {
        Place servers = config.at("nameservers");
        if (isNeeded && !config.isThere()) {
            config.required("must provide `dnsConfig` when `dnsPolicy` is None");
        } else if (isNeeded && servers.isEmpty()) {
            servers.required("must provide at least one DNS nameserver when `dnsPolicy` is None");
        }
        servers.holds(servers.value().size() <= MOST_NAMESERVERS, "must not have more than 3 nameservers");
        servers.items().forEach(server -> server.holds(Addresses.isAddress(server.text()), Addresses.RULE));
        Place searches = config.at("searches");
        searches.holds(searches.value().size() <= MOST_SEARCHES, "must not have more than 32 search paths");
        config.at("options").items().forEach(option -> {
            if (option.at("name").isEmpty()) {
                option.at("name").required("must not be empty");
            }
        });
    }

    /// Whether there is a network at all.
    ///
    /// @param spec of the pod, or of a container that is an object of its own
    public static void mode(Place mode, JsonNode spec) {
        mode.oneOf(List.of("Bridge", "None"));
        boolean isOfHost = spec.path("hostNetwork").asBoolean();
        if (mode.text().equals("None") && !isOfHost && hasHostPort(spec)) {
            mode.invalid("cannot be None while there is a hostPort: nothing could lead from it");
        }
    }

    /// The very address that is wanted, of which only the engine knows whether it is in its subnet.
    ///
    /// @param mode what is said of the network as a whole
    public static void address(Place address, Place mode) {
        address.holds(Addresses.isFour(address.text()), "must be an IPv4 address, for instance 10.88.1.5");
        if (address.isThere() && mode.text().equals("None")) {
            address.forbidden("may not be set where there is no network");
        }
    }

    /// @param network what asks for a network other than the host's
    public static void excludesHost(Place network, JsonNode spec) {
        if (network.isThere() && spec.path("hostNetwork").asBoolean()) {
            network.forbidden("may not be set when `hostNetwork` is true");
        }
    }

    /// A pod keeps the network that it was made with.
    static void stays(Place annotations, JsonNode earlier) {
        for (String name : List.of(PodAnnotations.NETWORK_MODE, PodAnnotations.NETWORK_ADDRESS)) {
            if (!annotations.at(name).text().equals(earlier.path(name).asText())) {
                annotations.at(name).forbidden("may not be changed: a pod keeps the network that it was made with");
            }
        }
    }

    private static boolean hasHostPort(JsonNode spec) {
        return Stream.of(
                        Stream.of(spec),
                        spec.path("containers").valueStream(),
                        spec.path("initContainers").valueStream())
                .flatMap(containers -> containers)
                .flatMap(container -> container.path("ports").valueStream())
                .anyMatch(port -> port.path("hostPort").asInt() > 0);
    }

    /// Ports of the host: each once, and with the host's network equal to those of the container.
    static void hostPorts(Place spec) {
        boolean hostNetwork = spec.at("hostNetwork").value().asBoolean();
        Set<String> taken = new HashSet<>();
        for (Place container : spec.at("containers").items()) {
            for (Place port : container.at("ports").items()) {
                Place host = port.at("hostPort");
                if (hostNetwork
                        && host.value().asInt()
                                != port.at("containerPort").value().asInt()) {
                    port.at("containerPort").invalid("must match `hostPort` when `hostNetwork` is true");
                }
                String key =
                        port.at("protocol").text() + "/" + port.at("hostIP").text() + "/" + host.text();
                if (host.value().asInt() != 0 && !taken.add(key)) {
                    host.findings().duplicate(host.path(), host.value());
                }
            }
        }
    }
}
