package dev.slipway.door.pki;

import dev.slipway.disk.AtomicFile;
import dev.slipway.door.pki.CertificateOrder.Use;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/// The engine's own certificate authority: a folder with what TLS on this host needs.
///
/// [#current] makes what is missing, renews what is due, and returns what is valid; it is cheap to call again, so that
/// whoever runs the server calls it daily and shows a fresh certificate before the last one expires:
///
/// ```
/// first start        +335 days                +9 years
/// |--- server, administrator (1 year) ---| renewed, same authority
/// |--- authority (10 years) -------------------------------------| renewed, and with it all others
/// ```
///
/// The kubeconfig is written anew whenever one of its parts changed. Safe for use by one thread.
public final class Pki {
    private static final Logger LOG = Logger.getLogger(Pki.class);
    private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);
    private static final Duration AUTHORITY_RENEWAL = Duration.ofDays(365);
    private static final Duration LEAF_LIFE = Duration.ofDays(365);
    private static final Duration LEAF_RENEWAL = Duration.ofDays(30);

    /// Clocks of clients may be behind ours by this much, and ours may be set back.
    private static final Duration CLOCK_SKEW = Duration.ofDays(10);

    private static final int TOKEN_BYTES = 32;

    private final PkiSettings settings;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final CertificateWriter writer = new CertificateWriter(random);

    public Pki(PkiSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
    }

    /// The credentials that are valid now.
    public Credentials current() throws IOException {
        Path directory = settings.directory();
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Identity authority = kept(directory.resolve("ca.pem"), this::authorityIsGood)
                .orElseGet(() ->
                        writer.authority(order("slipway-ca", new Use.Authority(), AUTHORITY_LIFE, AUTHORITY_LIFE)));
        keep(directory.resolve("ca.pem"), authority.bundle());
        keep(directory.resolve("ca.crt"), authority.certificatePem().getBytes(StandardCharsets.US_ASCII));
        Identity server = leaf(authority, "server.pem", "slipway", new Use.Server(settings.serverNames()));
        Identity administrator = leaf(authority, "admin.pem", "admin", new Use.Client("system:masters"));
        Credentials credentials = new Credentials(authority.certificate(), server, administrator, token());
        keep(settings.kubeconfig(), Kubeconfig.text(settings.serverUrl(), authority, administrator));
        return credentials;
    }

    private Identity leaf(Identity authority, String file, String name, Use use) throws IOException {
        Path path = settings.directory().resolve(file);
        Identity identity = kept(path, found -> leafIsGood(found, authority, use))
                .orElseGet(() -> writer.issue(order(name, use, CLOCK_SKEW, LEAF_LIFE), authority));
        keep(path, identity.bundle());
        return identity;
    }

    /// @param skew how far the clock may be set back until it is not valid
    private CertificateOrder order(String name, Use use, Duration skew, Duration life) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
        return new CertificateOrder(name, use, now.minus(skew), now.plus(life));
    }

    private boolean authorityIsGood(Identity identity) {
        return lasts(identity.certificate(), AUTHORITY_RENEWAL);
    }

    private boolean leafIsGood(Identity identity, Identity authority, Use use) {
        try {
            identity.certificate().verify(authority.certificate().getPublicKey());
        } catch (GeneralSecurityException e) {
            return false;
        }
        boolean hasBegun = !identity.certificate().getNotBefore().toInstant().isAfter(clock.instant());
        return hasBegun
                && lasts(identity.certificate(), LEAF_RENEWAL)
                && (!(use instanceof Use.Server server)
                        || names(identity.certificate()).containsAll(canonical(server.names())));
    }

    private boolean lasts(X509Certificate certificate, Duration atLeast) {
        return certificate.getNotAfter().toInstant().isAfter(clock.instant().plus(atLeast));
    }

    private static Set<String> names(X509Certificate certificate) {
        try {
            return Objects.requireNonNullElse(certificate.getSubjectAlternativeNames(), List.<List<?>>of()).stream()
                    .map(name -> canonical(String.valueOf(name.get(1))))
                    .collect(Collectors.toSet());
        } catch (GeneralSecurityException e) {
            return Set.of();
        }
    }

    private static Set<String> canonical(List<String> names) {
        return names.stream().map(Pki::canonical).collect(Collectors.toSet());
    }

    private static String canonical(String name) {
        return CertificateWriter.isAddress(name) ? InetAddress.ofLiteral(name).getHostAddress() : name;
    }

    private Optional<Identity> kept(Path file, Predicate<Identity> isGood) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Identity identity = Identity.read(Files.readAllBytes(file), file.toString());
        return isGood.test(identity) ? Optional.of(identity) : Optional.empty();
    }

    private static void keep(Path file, byte[] content) throws IOException {
        if (!Files.exists(file) || !Arrays.equals(Files.readAllBytes(file), content)) {
            AtomicFile.write(file, content);
            LOG.infof("credential written file=%s", file);
        }
    }

    private String token() throws IOException {
        Path file = settings.directory().resolve("token");
        if (!Files.exists(file)) {
            byte[] secret = new byte[TOKEN_BYTES];
            random.nextBytes(secret);
            String token = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
            keep(file, (token + "\n").getBytes(StandardCharsets.US_ASCII));
        }
        String token = Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (token.length() < TOKEN_BYTES) {
            throw new IOException("read " + file + ": the token is shorter than " + TOKEN_BYTES + " characters");
        }
        return token;
    }
}
