package dev.slipway.engine.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.RegistryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client against a real registry server.
@Timeout(120)
class DockerRegistryIT {
    private static final byte[] EMPTY_INDEX =
            ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, List.of(), Map.of()));

    @TempDir
    private Path root;

    @Test
    @DisplayName("S51 S54 S55 manifests, tags and parts of blobs come from a real registry")
    void everything_is_read_from_a_real_registry() throws IOException {
        byte[] bytes = new byte[1_000_000];
        new Random(1).nextBytes(bytes);
        try (DockerRegistry registry = new DockerRegistry(root, "");
                RegistryClient client = new RegistryClient(RegistrySettings.STANDARD)) {
            Descriptor index = registry.manifest("team/web", "v1", MediaType.OCI_INDEX, EMPTY_INDEX);
            registry.manifest("team/web", "v2", MediaType.OCI_INDEX, EMPTY_INDEX);
            registry.manifest("other", "v3", MediaType.OCI_INDEX, EMPTY_INDEX);
            Descriptor blob = registry.blob("team/web", MediaType.OCI_LAYER, bytes);
            Repository web = new Repository(registry.host(), "team/web");

            assertEquals(List.of("v1", "v2"), client.tags(web, Keyring.EMPTY));
            assertEquals(List.of("v3"), client.tags(new Repository(registry.host(), "other"), Keyring.EMPTY));
            assertEquals(index.digest(), client.resolve(new Reference(web, "v1", null), Keyring.EMPTY));
            assertEquals(
                    index,
                    client.manifest(new Reference(web, "", index.digest()), Keyring.EMPTY)
                            .descriptor());
            try (InputStream whole = client.blob(web, blob, 0, Keyring.EMPTY);
                    InputStream rest = client.blob(web, blob, 999_000, Keyring.EMPTY)) {
                assertArrayEquals(bytes, whole.readAllBytes());
                assertArrayEquals(Arrays.copyOfRange(bytes, 999_000, bytes.length), rest.readAllBytes());
            }
            assertEquals(Kind.NOT_FOUND, kind(() -> client.manifest(new Reference(web, "none", null), Keyring.EMPTY)));
        }
    }

    @Test
    @DisplayName("S51 a registry with passwords opens to the credentials of a docker configuration")
    void a_registry_with_passwords_is_read_with_credentials() throws IOException {
        Path passwords = Files.writeString(
                root.resolve("htpasswd"), "anna:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n");
        String auth = "auth:\n  htpasswd: {realm: test, path: " + passwords + "}";
        try (DockerRegistry registry = new DockerRegistry(root, auth);
                RegistryClient client = new RegistryClient(RegistrySettings.STANDARD)) {
            Repository web = new Repository(registry.host(), "web");
            Keyring anna = keyring(registry.host());

            assertEquals(Kind.UNAUTHORIZED, kind(() -> client.tags(web, Keyring.EMPTY)));
            assertEquals(Kind.NOT_FOUND, kind(() -> client.tags(web, anna)));
        }
    }

    @Test
    @DisplayName("S51 a registry with a token server opens to a token")
    void a_registry_with_tokens_is_read_with_a_token() throws IOException {
        try (TokenServer tokens = new TokenServer(root);
                DockerRegistry registry = new DockerRegistry(root, tokens.configuration());
                RegistryClient client = new RegistryClient(RegistrySettings.STANDARD)) {
            Repository web = new Repository(registry.host(), "team/web");
            Keyring anna = keyring(registry.host());

            assertEquals(Kind.UNAUTHORIZED, kind(() -> client.tags(web, Keyring.EMPTY)));
            assertEquals(Kind.NOT_FOUND, kind(() -> client.tags(web, anna)));
            assertEquals(Kind.NOT_FOUND, kind(() -> client.tags(web, anna)));

            String query = "service=test-registry&scope=repository:team/web:pull";
            // Once refused without credentials, once granted, then reused.
            assertEquals(List.of(query, query), tokens.asked());
        }
    }

    @Test
    @DisplayName("S51 a registry with an own authority is trusted where the settings say so")
    void tls_needs_the_authority_of_the_registry() throws IOException {
        Path certificate = root.resolve("tls.crt");
        Path key = root.resolve("tls.key");
        Command.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=registry",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
        String tls = "  tls: {certificate: " + certificate + ", key: " + key + "}";
        try (DockerRegistry registry = new DockerRegistry(root, tls);
                RegistryClient client = new RegistryClient(settings(registry, Files.readString(certificate)))) {
            Repository web = new Repository(registry.host(), "web");

            assertEquals(Kind.NOT_FOUND, kind(() -> client.tags(web, Keyring.EMPTY)));
            RegistrySettings other = settings(registry, otherAuthority());
            client.use(() -> other);
            RegistryException refusal = assertThrows(RegistryException.class, () -> client.tags(web, Keyring.EMPTY));
            assertEquals(Kind.UNREACHABLE, refusal.kind());
            assertEquals(
                    "list tags of %s/web from https://%s: its certificate is of an authority that this host does not trust"
                            .formatted(registry.host(), registry.host()),
                    refusal.getMessage());
        }
    }

    private String otherAuthority() throws IOException {
        Path certificate = root.resolve("other.crt");
        Command.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=other",
                "-keyout",
                root.resolve("other.key").toString(),
                "-out",
                certificate.toString());
        return Files.readString(certificate);
    }

    private static RegistrySettings settings(DockerRegistry registry, String authority) {
        return new RegistrySettings(
                Map.of(registry.host(), new RegistrySettings.Host(List.of(), false, authority, Keyring.EMPTY)));
    }

    private static Keyring keyring(String host) throws IOException {
        String document = "{\"auths\":{\"" + host + "\":{\"auth\":\"YW5uYTpzZWNyZXQ=\"}}}";
        return DockerConfigJson.parse(document.getBytes(UTF_8));
    }

    private interface Attempt {
        Object run() throws IOException;
    }

    private static Kind kind(Attempt attempt) {
        return assertThrows(RegistryException.class, attempt::run).kind();
    }
}
