package dev.slipway.door.distribution;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Bearer tokens that only this server can make: who it is and until when, with a code over both. What the user may do
/// is looked up when the token is shown, so that a right that was taken away is gone at once.
///
/// @spec https://www.rfc-editor.org/rfc/rfc2104 RFC 2104: HMAC
final class AccessTokens {
    static final Duration LIFE = Duration.ofMinutes(5);
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec key;
    private final InstantSource clock;

    /// @param secret random, of this server alone
    AccessTokens(byte[] secret, InstantSource clock) {
        this.key = new SecretKeySpec(secret, ALGORITHM);
        this.clock = clock;
    }

    /// @param user empty for nobody in particular
    String issue(String user) {
        ObjectNode claims = Answer.MAPPER.createObjectNode();
        claims.put("sub", user).put("exp", clock.instant().plus(LIFE).getEpochSecond());
        byte[] payload = Answer.write(claims);
        Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
        return encoder.encodeToString(payload) + "." + encoder.encodeToString(code(payload));
    }

    /// The user of a token that is valid now; empty for any other.
    Optional<String> user(String token) {
        int dot = token.indexOf('.');
        try {
            byte[] payload = Base64.getUrlDecoder().decode(token.substring(0, Math.max(dot, 0)));
            byte[] code = Base64.getUrlDecoder().decode(token.substring(dot + 1));
            if (!MessageDigest.isEqual(code, code(payload))) {
                return Optional.empty();
            }
            JsonNode claims = Answer.MAPPER.readTree(payload);
            boolean fresh = clock.instant()
                    .isBefore(Instant.ofEpochSecond(claims.path("exp").asLong()));
            return fresh ? Optional.of(claims.path("sub").asText()) : Optional.empty();
        } catch (IllegalArgumentException | IOException e) {
            return Optional.empty();
        }
    }

    private byte[] code(byte[] payload) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(payload);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has " + ALGORITHM, e);
        }
    }

    /// The name and the password of a `Basic` authorization; empty for any other.
    static Optional<String[]> basic(String authorization) {
        if (!authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            return Optional.empty();
        }
        try {
            byte[] pair = Base64.getDecoder().decode(authorization.substring(6).strip());
            String[] parts = new String(pair, StandardCharsets.UTF_8).split(":", 2);
            return parts.length == 2 ? Optional.of(parts) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
