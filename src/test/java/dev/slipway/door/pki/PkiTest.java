package dev.slipway.door.pki;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PkiTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path root;

    private PkiSettings settings;

    @BeforeEach
    void settings() {
        settings = new PkiSettings(
                root.resolve("pki"),
                root.resolve("kubeconfig"),
                "https://127.0.0.1:7443",
                List.of("host-a", "10.1.2.3"));
    }

    @Test
    void the_first_start_makes_certificates_that_the_authority_signed() throws Exception {
        Credentials made = at(NOW).current();

        made.authority().verify(made.authority().getPublicKey());
        made.server().certificate().verify(made.authority().getPublicKey());
        made.administrator().certificate().verify(made.authority().getPublicKey());
        assertEquals(0, made.authority().getBasicConstraints());
        assertEquals(-1, made.server().certificate().getBasicConstraints());
        assertEquals(List.of("1.3.6.1.5.5.7.3.1"), made.server().certificate().getExtendedKeyUsage());
        assertEquals(
                List.of("1.3.6.1.5.5.7.3.2"), made.administrator().certificate().getExtendedKeyUsage());
        assertEquals(
                "CN=admin,O=system:masters",
                made.administrator().certificate().getSubjectX500Principal().getName());
    }

    @Test
    void the_server_certificate_names_loopback_and_the_host() throws Exception {
        X509Certificate server = at(NOW).current().server().certificate();

        List<String> names = server.getSubjectAlternativeNames().stream()
                .map(name -> name.get(1).toString())
                .sorted()
                .toList();
        assertEquals(List.of("0:0:0:0:0:0:0:1", "10.1.2.3", "127.0.0.1", "host-a", "localhost"), names);
    }

    @Test
    void a_second_call_changes_no_file() throws Exception {
        at(NOW).current();
        Map<String, String> before = files();

        at(NOW.plus(Duration.ofDays(300))).current();

        assertEquals(before, files());
    }

    @Test
    void certificates_are_renewed_before_they_expire_and_the_kubeconfig_with_them() throws Exception {
        Credentials first = at(NOW).current();
        Map<String, String> before = files();

        Instant later = NOW.plus(Duration.ofDays(340));
        Credentials renewed = at(later).current();

        assertEquals(first.authority(), renewed.authority());
        assertTrue(renewed.expiry().isAfter(later.plus(Duration.ofDays(360))));
        assertNotEquals(before.get("kubeconfig"), files().get("kubeconfig"));
        assertEquals(first.token(), renewed.token());
    }

    @Test
    void certificates_stay_valid_when_the_clock_is_set_back_a_little_and_are_made_anew_when_it_is_by_more()
            throws Exception {
        Credentials first = at(NOW).current();
        Instant yesterday = NOW.minus(Duration.ofDays(1));
        assertTrue(first.isValidAt(yesterday));
        assertEquals(first, at(yesterday).current());

        Instant longAgo = NOW.minus(Duration.ofDays(100));
        Credentials made = at(longAgo).current();

        assertFalse(first.isValidAt(longAgo));
        assertTrue(made.isValidAt(longAgo));
        assertEquals(first.authority(), made.authority(), "copies of the kubeconfig are good again in time");
        assertFalse(first.isValidAt(NOW.plus(Duration.ofDays(500))));
    }

    @Test
    void a_renewed_authority_renews_all_that_it_signed() throws Exception {
        Credentials first = at(NOW).current();

        Credentials renewed = at(NOW.plus(Duration.ofDays(3300))).current();

        assertNotEquals(first.authority(), renewed.authority());
        renewed.server().certificate().verify(renewed.authority().getPublicKey());
        renewed.administrator().certificate().verify(renewed.authority().getPublicKey());
    }

    @Test
    void a_new_name_of_the_host_renews_the_server_certificate_only() throws Exception {
        Credentials first = at(NOW).current();
        settings =
                new PkiSettings(settings.directory(), settings.kubeconfig(), settings.serverUrl(), List.of("host-b"));

        Credentials renewed = at(NOW).current();

        assertNotEquals(first.server().certificate(), renewed.server().certificate());
        assertEquals(
                first.administrator().certificate(), renewed.administrator().certificate());
    }

    @Test
    void secrets_are_readable_by_the_owner_only() throws Exception {
        at(NOW).current();

        assertEquals("rwx------", mode(settings.directory()));
        assertEquals("rw-------", mode(settings.kubeconfig()));
        try (Stream<Path> files = Files.list(settings.directory())) {
            for (Path file : files.toList()) {
                assertEquals("rw-------", mode(file), file.toString());
            }
        }
    }

    @Test
    void a_damaged_file_is_an_error_and_is_not_replaced() throws Exception {
        at(NOW).current();
        Path authority = settings.directory().resolve("ca.pem");
        Files.writeString(authority, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        byte[] damaged = Files.readAllBytes(authority);

        IOException error = assertThrows(IOException.class, () -> at(NOW).current());

        assertTrue(error.getMessage().contains("ca.pem"), error.getMessage());
        assertArrayEquals(damaged, Files.readAllBytes(authority));
    }

    @Test
    void the_token_is_accepted_and_nothing_else_is() throws Exception {
        Credentials credentials = at(NOW).current();

        assertTrue(credentials.accepts(credentials.token()));
        assertFalse(credentials.accepts(""));
        assertFalse(credentials.accepts(credentials.token() + "x"));
        assertFalse(credentials.toString().contains(credentials.token()));
    }

    @Test
    void openssl_verifies_the_chain_for_server_and_client_use() throws Exception {
        at(Instant.now()).current();

        assertEquals(0, openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", "ca.crt", "server.pem"));
        assertEquals(0, openssl("verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "ca.crt", "admin.pem"));
        assertEquals(0, openssl("verify", "-verify_ip", "10.1.2.3", "-CAfile", "ca.crt", "server.pem"));
        assertEquals(0, openssl("pkey", "-in", "server.pem", "-noout", "-check"));
        assertNotEquals(0, openssl("verify", "-verify_ip", "10.9.9.9", "-CAfile", "ca.crt", "server.pem"));
    }

    private Pki at(Instant now) {
        return new Pki(settings, InstantSource.fixed(now));
    }

    private int openssl(String... arguments) throws Exception {
        List<String> command =
                Stream.concat(Stream.of("openssl"), Stream.of(arguments)).toList();
        Process process = new ProcessBuilder(command)
                .directory(settings.directory().toFile())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor();
    }

    private Map<String, String> files() throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root).filter(Files::isRegularFile)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return contents;
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
