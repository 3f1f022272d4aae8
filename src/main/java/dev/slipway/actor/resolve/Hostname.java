package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/// What a pod calls itself. A pod that names a subdomain has a full name as well, whether or not a Service of that
/// name exists: nobody but the pod itself is told of it.
///
/// @param kernel what the kernel is told, and `HOSTNAME` in every container
/// @param names of its own address in `/etc/hosts`, the full one first
/// @spec https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#pod-s-hostname-and-subdomain-fields
///     Kubernetes: Pod's hostname and subdomain fields
record Hostname(String kernel, List<String> names) {
    private static final String CLUSTER_DOMAIN = "cluster.local";
    private static final int LONGEST = 63;

    Hostname {
        names = List.copyOf(names);
    }

    static Hostname of(PodScope scope) {
        JsonNode spec = scope.spec();
        if (spec.path("hostNetwork").asBoolean()) {
            return only(scope.host().name());
        }
        String override = spec.path("hostnameOverride").asText();
        if (!override.isEmpty()) {
            return only(override);
        }
        String asked = spec.path("hostname").asText();
        String hostname = cut(asked.isEmpty() ? scope.pod().name() : asked);
        String subdomain = spec.path("subdomain").asText();
        if (subdomain.isEmpty()) {
            return only(hostname);
        }
        String full = String.join(".", hostname, subdomain, scope.pod().namespace(), "svc", CLUSTER_DOMAIN);
        return new Hostname(spec.path("setHostnameAsFQDN").asBoolean() ? full : hostname, List.of(full, hostname));
    }

    private static Hostname only(String name) {
        return new Hostname(name, List.of(name));
    }

    /// The kernel takes 64 bytes, a label of a domain name 63.
    private static String cut(String name) {
        return name.substring(0, Math.min(name.length(), LONGEST)).replaceFirst("[-.]+$", "");
    }
}
