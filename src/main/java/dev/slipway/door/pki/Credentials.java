package dev.slipway.door.pki;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;

/// What the server shows and accepts on TLS at one time: its certificate, the authority whose client certificates it
/// trusts, and the bearer token of the administrator.
public record Credentials(X509Certificate authority, Identity server, Identity administrator, String token) {

    /// The authority's certificate, which clients need to trust this server.
    public String authorityPem() {
        return Identity.pem(authority);
    }

    /// Whether `presented` is the token; takes the same time for every wrong one.
    public boolean accepts(String presented) {
        return MessageDigest.isEqual(
                token.getBytes(StandardCharsets.UTF_8), presented.getBytes(StandardCharsets.UTF_8));
    }

    /// The first moment at which one of the certificates is no longer valid.
    public Instant expiry() {
        Instant server = server().certificate().getNotAfter().toInstant();
        Instant administrator = administrator().certificate().getNotAfter().toInstant();
        return server.isBefore(administrator) ? server : administrator;
    }

    /// Whether clients whose clock tells `now` accept the server.
    public boolean isValidAt(Instant now) {
        return isValidAt(authority, now) && isValidAt(server.certificate(), now);
    }

    private static boolean isValidAt(X509Certificate certificate, Instant now) {
        return !certificate.getNotBefore().toInstant().isAfter(now)
                && certificate.getNotAfter().toInstant().isAfter(now);
    }

    /// Tells nothing that opens a door.
    @Override
    public String toString() {
        return "credentials of " + server + ", valid until " + expiry();
    }
}
