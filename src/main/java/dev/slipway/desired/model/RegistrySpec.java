package dev.slipway.desired.model;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How one upstream registry is reached, or how one is served on this host.
public record RegistrySpec(
        @JsonPropertyDescription("Host as in image references, with port if it has one.") @Nullable
        String host,

        @JsonPropertyDescription("Asked before the host itself, in order.") @Nullable
        List<Mirror> mirrors,

        @JsonPropertyDescription("Transport security.") @Nullable
        Tls tls,

        @JsonPropertyDescription("Who we are there; the first whose repositories match is used.") @Nullable
        List<Credential> credentials,

        @JsonPropertyDescription("What is asked of its images before they are used.") @Nullable
        Verify verify,

        @JsonPropertyDescription("Serve a registry on this host, whose repositories are called by the host above.")
        @Nullable
        Serve serve) {
    public record Mirror(
            @JsonPropertyDescription("URL, for instance https://mirror.lan:5000.") @Nullable
            String endpoint,

            @JsonPropertyDescription(
                    "The mirror fetches from the host what it does not have; one that is served on this host does so when this is true.")
            @Nullable
            Boolean pullThrough) {}

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

    public record Verify(
            @JsonPropertyDescription("Secret with a public key in PEM under cosign.pub.")
            ImageSpec.@Nullable SecretName keySecretRef,

            @JsonPropertyDescription(
                    "Enforce, an image without a signature by the key is not pulled; Warn, it is, and its condition Verified and an event say so; \"Off\", in quotes, because YAML takes the bare word for false.")
            @Nullable
            String mode) {}

    /// A registry on this host. It serves what is pushed to it and, behind that, the images that this host has
    /// built or pulled.
    public record Serve(
            @JsonPropertyDescription("Address and port, for instance 127.0.0.1:5000.") @Nullable
            String listen,

            @JsonPropertyDescription("Certificate of the server; without one it listens on loopback only.") @Nullable
            ServeTls tls,

            @JsonPropertyDescription("Who may pull: Anonymous, everybody, or Token, users only; default Anonymous.")
            @Nullable
            String auth,

            @JsonPropertyDescription(
                    "Which images of this host are shown to those who show no password: Public, those that were pulled without credentials, or built on such; All, also those that were pulled with credentials, and mirrored hosts that have credentials; default Public. Users see all that they may pull.")
            @Nullable
            String hostImages,

            @JsonPropertyDescription("Users, who show a name and a password.") @Nullable
            List<User> users,

            @JsonPropertyDescription(
                    "Repositories that take pushes, * stands for any characters; default those that users may push to. Without users, everybody of this host may push there, and the registry must listen on a loopback address.")
            @Nullable
            List<String> allowPush,

            @JsonPropertyDescription("Whether who may push may delete, too; default false.") @Nullable
            Boolean deleteEnabled) {}

    public record ServeTls(
            @JsonPropertyDescription("Secret of type kubernetes.io/tls.")
            ImageSpec.@Nullable SecretName secretRef) {}

    public record User(
            @JsonPropertyDescription("Secret of type kubernetes.io/basic-auth.")
            ImageSpec.@Nullable SecretName secretRef,

            @JsonPropertyDescription("Repositories to pull from; default all.") @Nullable
            List<String> allowPull,

            @JsonPropertyDescription("Repositories to push to, of those that take pushes; default none.") @Nullable
            List<String> allowPush) {}
}
