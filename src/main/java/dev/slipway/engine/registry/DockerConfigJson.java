package dev.slipway.engine.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.engine.oci.MalformedDocumentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// Reads what Secrets of type `kubernetes.io/dockerconfigjson` and `kubernetes.io/dockercfg` hold. Messages never quote
/// the document.
///
/// @spec https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets Kubernetes: Docker config
///     Secrets
public final class DockerConfigJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private DockerConfigJson() {}

    /// The credentials in `document`: under `auths`, or, as in the older form, at the top.
    public static Keyring parse(byte[] document) throws MalformedDocumentException {
        JsonNode top = tree(document);
        JsonNode auths = top.has("auths") ? top.get("auths") : top;
        if (!auths.isObject()) {
            throw new MalformedDocumentException("registry credentials: auths is not an object");
        }
        List<Keyring.Key> keys = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : auths.properties()) {
            if (entry.getValue().isObject()) {
                Credentials credentials = credentials(entry.getKey(), entry.getValue());
                keys.add(new Keyring.Key(RepositoryPattern.parse(entry.getKey()), credentials));
            }
        }
        return new Keyring(keys);
    }

    private static JsonNode tree(byte[] document) throws MalformedDocumentException {
        try {
            JsonNode top = MAPPER.readTree(document);
            if (top.isObject()) {
                return top;
            }
        } catch (JsonProcessingException e) {
            throw new MalformedDocumentException(
                    "registry credentials: not JSON at line " + e.getLocation().getLineNr());
        } catch (IOException e) {
            throw new MalformedDocumentException("registry credentials: cannot be read");
        }
        throw new MalformedDocumentException("registry credentials: not a JSON object");
    }

    /// `auth` is `username:password` in base64 and fills what is not written out.
    private static Credentials credentials(String host, JsonNode entry) throws MalformedDocumentException {
        String username = entry.path("username").asText("");
        String password = entry.path("password").asText("");
        String auth = entry.path("auth").asText("").strip();
        if (username.isEmpty() && password.isEmpty() && !auth.isEmpty()) {
            String pair = decode(host, auth);
            int colon = pair.indexOf(':');
            if (colon < 0) {
                throw new MalformedDocumentException("registry credentials: auth of " + host + " has no colon");
            }
            username = pair.substring(0, colon);
            password = pair.substring(colon + 1);
        }
        return new Credentials(username, password, entry.path("identitytoken").asText(""));
    }

    private static String decode(String host, String auth) throws MalformedDocumentException {
        try {
            // Some writers leave the padding away, some end with NUL bytes.
            byte[] pair = Base64.getDecoder().decode(auth.replaceAll("=+$", ""));
            return new String(pair, StandardCharsets.UTF_8).replace("\0", "");
        } catch (IllegalArgumentException e) {
            throw new MalformedDocumentException("registry credentials: auth of " + host + " is not base64");
        }
    }
}
