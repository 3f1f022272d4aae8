package dev.slipway.actor.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistrySettings;
import dev.slipway.engine.registry.Verification;
import java.net.URI;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegistryReaderTest {
    private static final String PEM = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEQWx3TUaL3QOiSwqQ6v4cuKKp7A+X
            msXLN/LgwlPQapmkPFiX3c4hDM7E8/aGcb+Gafh/yevqYEutE+7oNDFtAQ==
            -----END PUBLIC KEY-----
            """;

    private static final String CERTIFICATE = "what tls.crt holds";

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private RegistryReader reader;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder.resolve("objects"));
        reader = new RegistryReader(new PullSecrets(store), new EngineUser());
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    private RegistryReader.Reading read(String spec) throws Exception {
        String yaml = "{apiVersion: slipway.dev/v1alpha1, kind: Registry, metadata: {name: hub}, spec: " + spec + "}";
        return reader.read(ApiObject.of(
                (ObjectNode) YamlReader.read(yaml.getBytes(UTF_8)).getFirst().tree()));
    }

    private void secret(String name, String field, String value) throws Exception {
        ObjectNode tree =
                ObjectCodec.json().createObjectNode().put("apiVersion", "v1").put("kind", "Secret");
        tree.putObject("metadata").put("name", name).put("namespace", "default");
        tree.putObject("data").put(field, Base64.getEncoder().encodeToString(value.getBytes(UTF_8)));
        store.create(new ObjectKey(GroupResource.core("secrets"), "default", name), ApiObject.of(tree));
    }

    private static boolean opens(Keyring keyring, String host, String path) {
        return !keyring.find(new Repository(host, path)).isEmpty();
    }

    @Test
    void mirrors_and_plain_http_are_taken_over() throws Exception {
        RegistryReader.Reading reading =
                read("{host: hub.lan, mirrors: [{endpoint: 'https://mirror.lan:5000'}], tls: {insecure: true}}");

        assertEquals(
                List.of(URI.create("https://mirror.lan:5000")),
                reading.settings().mirrors());
        assertTrue(reading.settings().insecure());
        assertEquals(List.of(), reading.problems());
    }

    @Test
    void credentials_are_for_the_repositories_that_are_named() throws Exception {
        secret("hub", ".dockerconfigjson", "{\"auths\":{\"hub.lan\":{\"username\":\"ada\",\"password\":\"engine\"}}}");

        RegistryReader.Reading some =
                read("{host: hub.lan, credentials: [{secretRef: {name: hub}, repositories: ['acme/*']}]}");
        RegistryReader.Reading all = read("{host: hub.lan, credentials: [{secretRef: {name: hub}}]}");

        assertTrue(opens(some.settings().keyring(), "hub.lan", "acme/web"));
        assertFalse(opens(some.settings().keyring(), "hub.lan", "acmeother/web"));
        assertFalse(opens(some.settings().keyring(), "other.lan", "acme/web"));
        assertTrue(opens(all.settings().keyring(), "hub.lan", "anything"));
    }

    @Test
    void what_is_served_here_is_known_by_its_own_certificate_and_read_without_anybodys_password() throws Exception {
        secret("tls", "tls.crt", CERTIFICATE);
        String serve = "serve: {listen: '0.0.0.0:5000', tls: {secretRef: {name: tls}}";

        RegistrySettings.Host open =
                read("{host: 'edge.lan:5000', " + serve + "}}").settings();
        RegistrySettings.Host closed =
                read("{host: 'edge.lan:5000', " + serve + ", auth: Token}}").settings();

        assertEquals(CERTIFICATE, open.caCertificates());
        assertEquals(CERTIFICATE, closed.caCertificates());
        assertFalse(opens(open.keyring(), "edge.lan:5000", "acme/web"));
        assertTrue(opens(closed.keyring(), "edge.lan:5000", "acme/web"));
        assertFalse(opens(closed.keyring(), "other.lan", "acme/web"));
    }

    @ParameterizedTest
    @CsvSource({"Enforce, ENFORCE", "Warn, WARN"})
    void the_key_of_signatures_is_that_of_its_secret(String mode, Verification.Mode expected) throws Exception {
        secret("signer", "cosign.pub", PEM);

        RegistryReader.Reading reading =
                read("{host: hub.lan, verify: {mode: " + mode + ", keySecretRef: {name: signer}}}");

        assertEquals(new Verification(expected, PEM), reading.settings().verification());
        assertEquals(List.of(), reading.problems());
    }

    @Test
    void who_does_not_say_how_signatures_are_held_to_has_them_enforced_and_off_is_off() throws Exception {
        secret("signer", "cosign.pub", PEM);

        RegistryReader.Reading silent = read("{host: hub.lan, verify: {keySecretRef: {name: signer}}}");
        RegistryReader.Reading off = read("{host: hub.lan, verify: {mode: 'Off', keySecretRef: {name: signer}}}");

        assertEquals(
                new Verification(Verification.Mode.ENFORCE, PEM),
                silent.settings().verification());
        assertEquals(Verification.OFF, off.settings().verification());
    }

    @Test
    void a_secret_without_a_key_of_signatures_is_a_problem_and_lets_nothing_pass() throws Exception {
        secret("signer", "key.pem", PEM);

        RegistryReader.Reading reading = read("{host: hub.lan, verify: {mode: Enforce, keySecretRef: {name: signer}}}");

        assertEquals(List.of("Secret default/signer has no cosign.pub"), reading.problems());
        assertEquals(
                new Verification(Verification.Mode.ENFORCE, ""),
                reading.settings().verification());
    }

    @Test
    void problems_are_sentences_without_what_is_in_the_secret() throws Exception {
        secret(
                "other",
                ".dockerconfigjson",
                "{\"auths\":{\"other.lan\":{\"username\":\"ada\",\"password\":\"engine\"}}}");
        secret("broken", ".dockerconfigjson", "{\"auths\": engine}");
        secret("ca", "ca.crt", "no certificate");

        List<String> problems = read("""
                {host: hub.lan, tls: {caSecretRef: {name: ca}}, credentials: [{secretRef: {name: missing}},
                 {secretRef: {name: other}}, {secretRef: {name: broken}}]}""").problems();

        assertEquals(
                List.of(
                        "Secret default/ca has a ca.crt that holds no certificates in PEM",
                        "Secret default/missing: does not exist",
                        "Secret default/other has no credentials for hub.lan",
                        "Secret default/broken: registry credentials: not JSON at line 1"),
                problems);
    }
}
