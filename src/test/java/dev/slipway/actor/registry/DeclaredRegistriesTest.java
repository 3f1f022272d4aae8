package dev.slipway.actor.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.registry.RegistrySettings;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeclaredRegistriesTest {
    private static final GroupResource SECRETS = GroupResource.core("secrets");

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private DeclaredRegistries declared;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder.resolve("objects"));
        declared = new DeclaredRegistries(store, new RegistryReader(new PullSecrets(store), new EngineUser()));
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    private void put(GroupResource resource, String namespace, String yaml) throws Exception {
        ObjectNode tree =
                (ObjectNode) YamlReader.read(yaml.getBytes(UTF_8)).getFirst().tree();
        ApiObject object = ApiObject.of(tree);
        ObjectKey key = new ObjectKey(resource, namespace, object.name());
        Optional<ApiObject> before = store.get(key);
        if (before.isPresent()) {
            store.update(key, object, before.get().resourceVersion());
        } else {
            store.create(key, object);
        }
    }

    private void registry(String name, int generation, String host, boolean insecure) throws Exception {
        put(DeclaredRegistries.RESOURCE, "", """
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: %s, uid: %s, generation: %d, creationTimestamp: "2026-01-01T00:00:0%dZ"}
                spec: {host: %s, tls: {insecure: %s}, credentials: [{secretRef: {name: hub}}]}
                """.formatted(name, name, generation, name.length(), host, insecure));
    }

    private void secret(String password) throws Exception {
        String logins = "{\"auths\":{\"hub.lan\":{\"username\":\"ada\",\"password\":\"%s\"}}}".formatted(password);
        put(SECRETS, "default", """
                apiVersion: v1
                kind: Secret
                metadata: {name: hub, namespace: default}
                data: {.dockerconfigjson: %s}
                """.formatted(Base64.getEncoder().encodeToString(logins.getBytes(UTF_8))));
    }

    private RegistrySettings.Host hub() {
        RegistrySettings settings = declared.get();
        assertEquals(Set.of("hub.lan"), settings.hosts().keySet());
        return settings.hosts().getOrDefault("hub.lan", RegistrySettings.Host.STANDARD);
    }

    @Test
    void what_is_written_counts_for_whoever_asks_next() throws Exception {
        assertEquals(RegistrySettings.STANDARD, declared.get());

        registry("hub", 1, "hub.lan", false);
        assertEquals(false, hub().insecure());
        assertEquals(0, hub().keyring().keys().size());

        registry("hub", 2, "hub.lan", true);
        assertEquals(true, hub().insecure());

        secret("engine");
        assertEquals("engine", hub().keyring().keys().getFirst().credentials().password());

        secret("other");
        assertEquals("other", hub().keyring().keys().getFirst().credentials().password());

        ObjectKey key = new ObjectKey(DeclaredRegistries.RESOURCE, "", "hub");
        store.delete(key, store.get(key).orElseThrow().resourceVersion());
        assertEquals(RegistrySettings.STANDARD, declared.get());
    }

    @Test
    void what_others_write_lets_the_settings_be_as_they_are() throws Exception {
        registry("hub", 1, "hub.lan", false);
        RegistrySettings before = declared.get();

        put(SECRETS, "default", "{apiVersion: v1, kind: Secret, metadata: {name: other, namespace: default}}");

        assertSame(before, declared.get());
    }

    @Test
    void of_two_of_one_host_the_older_counts() throws Exception {
        registry("younger", 1, "hub.lan", true);
        registry("old", 1, "hub.lan", false);

        assertEquals(false, hub().insecure());
    }
}
