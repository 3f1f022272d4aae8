package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How one upstream registry is reached.
public record RegistrySpec(
        @JsonPropertyDescription("Host as in image references, with port if it has one.") @Nullable
        String host,

        @JsonPropertyDescription("Asked before the host itself, in order.") @Nullable
        List<Mirror> mirrors,

        @JsonPropertyDescription("Transport security.") @Nullable
        Tls tls,

        @JsonPropertyDescription("Who we are there; the first whose repositories match is used.") @Nullable
        List<Credential> credentials) {
    public record Mirror(
            @JsonPropertyDescription("URL, for instance https://mirror.lan:5000.") @Nullable
            String endpoint) {}

    public record Tls(
            @JsonPropertyDescription("Secret with the authority's certificate under ca.crt.")
            ImageSpec.@Nullable SecretName caSecretRef,

            @JsonPropertyDescription("Speak plain HTTP, also to hosts that are not this one.") @Nullable
            Boolean insecure) {}

    public record Credential(
            @JsonPropertyDescription("Secret of type kubernetes.io/dockerconfigjson.")
            ImageSpec.@Nullable SecretName secretRef,

            @JsonPropertyDescription("Repositories it is for, * at the end matches all below; default all.") @Nullable
            List<String> repositories) {}
}
