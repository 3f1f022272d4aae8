package dev.slipway.actor.registry;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.engine.oci.MalformedDocumentException;
import dev.slipway.engine.registry.DockerConfigJson;
import dev.slipway.engine.registry.Keyring;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Reads registry credentials from Secrets. What it says of a Secret never holds what is in it.
///
/// @spec https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets Kubernetes: Docker config
///     Secrets
public final class PullSecrets {
    private static final GroupResource SECRETS = GroupResource.core("secrets");

    private final ObjectStore store;

    public PullSecrets(ObjectStore store) {
        this.store = store;
    }

    /// @param problems why Secrets could not be used, as sentences
    public record Keys(Keyring keyring, List<String> problems) {}

    public static ObjectKey key(String namespace, String name) {
        return new ObjectKey(SECRETS, namespace, name);
    }

    /// The credentials of all of them together.
    public Keys keys(List<ObjectKey> secrets) {
        Keyring keyring = Keyring.EMPTY;
        List<String> problems = new ArrayList<>();
        for (ObjectKey secret : secrets) {
            try {
                keyring = keyring.and(DockerConfigJson.parse(document(secret)));
            } catch (MalformedDocumentException e) {
                problems.add("Secret %s/%s: %s".formatted(secret.namespace(), secret.name(), e.getMessage()));
            }
        }
        return new Keys(keyring, problems);
    }

    private byte[] document(ObjectKey secret) throws MalformedDocumentException {
        return value(secret, ".dockerconfigjson")
                .or(() -> value(secret, ".dockercfg"))
                .orElseThrow(() -> new MalformedDocumentException(
                        store.get(secret).isEmpty()
                                ? "does not exist"
                                : "has no .dockerconfigjson, so it is not of type kubernetes.io/dockerconfigjson"));
    }

    /// One value of a Secret, decoded; empty if it is not there or not base64.
    Optional<byte[]> value(ObjectKey secret, String field) {
        Optional<ApiObject> found = store.get(secret);
        String text = found.map(object -> object.tree().path("data").path(field).asText())
                .orElse("");
        try {
            return text.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
