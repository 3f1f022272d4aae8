package dev.slipway.engine.registry;

import static dev.slipway.engine.registry.RegistryException.Kind.PROTOCOL;
import static dev.slipway.engine.registry.RegistryException.Kind.UNAUTHORIZED;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Fetches bearer tokens from the realm that a registry names, if the registry has a claim to it.
///
/// @spec https://distribution.github.io/distribution/spec/auth/token/ Token Authentication
/// @spec https://distribution.github.io/distribution/spec/auth/oauth/ OAuth2 Token Authentication
final class Tokens {
    private static final int LARGEST_BYTES = 1 << 20;
    private static final Duration SHORTEST_LIFE = Duration.ofSeconds(60);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Transport transport;

    Tokens(Transport transport) {
        this.transport = transport;
    }

    /// Gets a token that answers `challenge`.
    Conversation.Authorization fetch(Conversation.Key key, Challenge challenge) throws IOException {
        Endpoint endpoint = key.endpoint();
        URI realm = realm(endpoint, challenge.parameter("realm"), key.credentials() != null);
        String ownScope = "repository:" + endpoint.prefix() + key.repository().path() + ":pull";
        String scope = challenge.parameter("scope").isEmpty() ? ownScope : challenge.parameter("scope");
        String form = "service=" + encode(challenge.parameter("service")) + "&scope=" + encode(scope);
        HttpResponse<BodyReader> response = ask(endpoint, realm, form, key.credentials());
        try (BodyReader body = response.body()) {
            if (response.statusCode() != 200) {
                throw refusal(realm, response.statusCode(), body);
            }
            return authorization(realm, body.readNBytes(LARGEST_BYTES));
        }
    }

    private HttpResponse<BodyReader> ask(Endpoint endpoint, URI realm, String form, @Nullable Credentials credentials)
            throws IOException {
        String words = "fetch a token for " + endpoint.host();
        if (credentials != null && !credentials.identityToken().isEmpty()) {
            String grant = "grant_type=refresh_token&client_id=slipway&" + form + "&refresh_token="
                    + encode(credentials.identityToken());
            return transport.send(endpoint, Question.post(words, grant), realm, null);
        }
        URI query = URI.create(realm + (realm.getRawQuery() == null ? "?" : "&") + form);
        String authorization = credentials == null ? null : Conversation.basic(credentials);
        return transport.send(endpoint, Question.read("", words), query, authorization);
    }

    private static URI realm(Endpoint endpoint, String text, boolean withCredentials) throws RegistryException {
        URI realm;
        try {
            realm = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new RegistryException(PROTOCOL, "token realm of " + endpoint.host() + " is not an address", null, e);
        }
        String objection =
                Redirection.objection(realm, endpoint, withCredentials).orElse("");
        if (!objection.isEmpty()) {
            throw new RegistryException(
                    PROTOCOL,
                    "token realm " + Transport.origin(realm) + " of " + endpoint.host() + " " + objection
                            + ": nothing is sent there");
        }
        return realm;
    }

    private static Conversation.Authorization authorization(URI realm, byte[] answer) throws RegistryException {
        JsonNode tree;
        try {
            tree = MAPPER.readTree(answer);
        } catch (JsonProcessingException e) {
            throw new RegistryException(PROTOCOL, "token from " + Transport.origin(realm) + " is not JSON");
        } catch (IOException e) {
            throw new RegistryException(PROTOCOL, "token from " + Transport.origin(realm) + " cannot be read");
        }
        String token = tree.path("token").asText(tree.path("access_token").asText(""));
        if (!token.matches("[!-~]+")) {
            throw new RegistryException(PROTOCOL, "token from " + Transport.origin(realm) + " is missing or malformed");
        }
        Duration life = Duration.ofSeconds(Math.clamp(tree.path("expires_in").asLong(0), 0, 86_400));
        Duration atLeast = life.compareTo(SHORTEST_LIFE) < 0 ? SHORTEST_LIFE : life;
        // A tenth of the life is left unused, because the registry's clock began earlier than ours.
        return Conversation.Authorization.until(
                "Bearer " + token, atLeast.multipliedBy(9).dividedBy(10));
    }

    private static RegistryException refusal(URI realm, int status, BodyReader body) {
        boolean denied = status == 400 || status == 401 || status == 403;
        String why = denied ? "the credentials are refused" : "the server answers " + status;
        String message = "fetch a token from " + Transport.origin(realm) + ": " + why;
        return new RegistryException(denied ? UNAUTHORIZED : PROTOCOL, message + ErrorBody.detail(body, LARGEST_BYTES));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
