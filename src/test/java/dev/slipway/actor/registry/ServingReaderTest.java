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
import dev.slipway.engine.repository.Serving;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServingReaderTest {
    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private ServingReader reader;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder.resolve("objects"));
        reader = new ServingReader(new PullSecrets(store), new EngineUser());
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    private static ApiObject registry(String name, String spec) throws Exception {
        String yaml = "{apiVersion: slipway.dev/v1alpha1, kind: Registry, metadata: {name: %s}, spec: %s}"
                .formatted(name, spec);
        return ApiObject.of(
                (ObjectNode) YamlReader.read(yaml.getBytes(UTF_8)).getFirst().tree());
    }

    private Serving serving(String serve, ApiObject... others) throws Exception {
        ApiObject own = registry("own", "{host: 'edge.lan:5000', serve: " + serve + "}");
        ServingReader.Reading reading = reader.read(own, List.of(others));
        assertEquals(List.of(), reading.problems());
        return reading.serving().orElseThrow();
    }

    private void secret(String name, String... fields) throws Exception {
        ObjectNode tree =
                ObjectCodec.json().createObjectNode().put("apiVersion", "v1").put("kind", "Secret");
        tree.putObject("metadata").put("name", name).put("namespace", "default");
        ObjectNode values = tree.putObject("data");
        for (int i = 0; i < fields.length; i += 2) {
            values.put(fields[i], Base64.getEncoder().encodeToString(fields[i + 1].getBytes(UTF_8)));
        }
        store.create(new ObjectKey(GroupResource.core("secrets"), "default", name), ApiObject.of(tree));
    }

    @Test
    void certificate_and_users_come_from_secrets() throws Exception {
        secret("tls", "tls.crt", "certificate", "tls.key", "key");
        secret("anna", "username", "anna", "password", "countess");

        Serving serving = serving("""
                {listen: '[::]:5000', tls: {secretRef: {name: tls}}, auth: Token, allowPush: ['acme/*'],
                 users: [{secretRef: {name: anna}, allowPush: ['acme/*']}]}""");

        assertEquals(new Serving.Tls("certificate", "key"), serving.tls());
        assertEquals("::", serving.address());
        assertEquals(
                new Serving.User("anna", "countess", List.of("*"), List.of("acme/*")),
                serving.users().getFirst());
        assertFalse(serving.toString().contains("countess"), serving::toString);
    }

    @Test
    void who_may_push_where_is_said_of_users_or_of_repositories() throws Exception {
        secret("anna", "username", "anna", "password", "countess");
        String users = "users: [{secretRef: {name: anna}, allowPush: ['acme/*']}]";

        assertEquals(
                List.of("*"),
                serving("{listen: '127.0.0.1:5000', " + users + "}").allowPush());
        assertEquals(
                List.of("acme/web"),
                serving("{listen: '127.0.0.1:5000', allowPush: [acme/web], " + users + "}")
                        .allowPush());
        assertEquals(List.of(), serving("{listen: '127.0.0.1:5000'}").allowPush());
    }

    @Test
    void the_engine_itself_reads_what_it_serves_for_users_only_and_pushes_nothing() throws Exception {
        Serving serving = serving("{listen: '127.0.0.1:5000', auth: Token}");

        Serving.User engine = serving.users().getFirst();
        assertEquals(List.of("*"), engine.allowPull());
        assertEquals(List.of(), engine.allowPush());
        assertEquals(List.of(), serving("{listen: '127.0.0.1:5000'}").users());
    }

    @Test
    void a_secret_that_is_missing_or_incomplete_serves_nothing_and_is_told() throws Exception {
        secret("tls", "tls.crt", "certificate");

        ServingReader.Reading reading = reader.read(registry("own", """
                        {host: 'edge.lan:5000', serve: {listen: '0.0.0.0:5000', tls: {secretRef: {name: tls}},
                         users: [{secretRef: {name: nobody}}]}}"""), List.of());

        assertTrue(reading.serving().isEmpty());
        assertEquals(
                List.of(
                        "Secret default/tls has no tls.key",
                        "Secret default/nobody has no username",
                        "Secret default/nobody has no password"),
                reading.problems());
    }

    @Test
    void images_that_came_with_credentials_are_shown_to_everybody_where_the_registry_says_so() throws Exception {
        assertFalse(serving("{listen: '127.0.0.1:5000'}").showsGuarded());
        assertFalse(serving("{listen: '127.0.0.1:5000', hostImages: Public}").showsGuarded());
        assertTrue(serving("{listen: '127.0.0.1:5000', hostImages: All}").showsGuarded());
    }

    @Test
    void a_host_that_has_credentials_is_mirrored_for_users_and_else_only_where_the_registry_says_so() throws Exception {
        ApiObject open =
                registry("hub", "{host: docker.io, mirrors: [{endpoint: 'https://edge.lan:5000', pullThrough: true}]}");
        ApiObject closed = registry("work", """
                {host: work.lan, mirrors: [{endpoint: 'https://edge.lan:5000/', pullThrough: true}],
                 credentials: [{secretRef: {name: work}}]}""");
        ApiObject other = registry("other", "{host: other.lan, mirrors: [{endpoint: 'https://edge.lan:5000'}]}");
        ApiObject[] all = {open, closed, other};

        assertEquals(
                Set.of("docker.io"), serving("{listen: '127.0.0.1:5000'}", all).pullThrough());
        assertEquals(
                Set.of("docker.io", "work.lan"),
                serving("{listen: '127.0.0.1:5000', auth: Token}", all).pullThrough());
        assertEquals(
                Set.of("docker.io", "work.lan"),
                serving("{listen: '127.0.0.1:5000', hostImages: All}", all).pullThrough());
    }
}
