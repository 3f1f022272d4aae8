package dev.slipway.actor.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which image a Container runs whose image is written as a name that a Tag has.
class ContainerImageTest {
    private static final WriteOptions ALICE = WriteOptions.by("alice");
    private static final String ONE = "sha256:" + "a".repeat(64);
    private static final String TWO = "sha256:" + "b".repeat(64);

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private ObjectApi api;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        api = new ObjectApi(store, Catalog.kinds(), InstantSource.system(), () -> UUID.randomUUID()
                .toString());
        create("apiVersion: v1", "Namespace", "default", "");
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"acme/shop", "acme/shop:latest", "docker.io/acme/shop"})
    void it_is_the_tags_and_moves_with_it(String image) throws Exception {
        tag("");
        ApiObject container = container(image);
        assertInstanceOf(ContainerImage.Awaited.class, ContainerImage.of(container, store));

        tagAt(ONE);
        assertEquals(new ContainerImage.Known("acme/shop:latest@" + ONE), ContainerImage.of(container, store));
        tagAt(TWO);
        assertEquals(new ContainerImage.Known("acme/shop:latest@" + TWO), ContainerImage.of(container, store));
    }

    @Test
    void where_the_tag_does_not_roll_it_stays() throws Exception {
        tag(", rollout: {mode: Never}");
        tagAt(ONE);
        ApiObject container = container("acme/shop");
        report(container, "image: {reference: 'acme/shop:latest@%s', digest: '%s'}".formatted(ONE, ONE));

        tagAt(TWO);

        ApiObject running = store.get(new ObjectKey(new GroupResource("slipway.dev", "containers"), "default", "web"))
                .orElseThrow();
        assertEquals(new ContainerImage.Known("acme/shop:latest@" + ONE), ContainerImage.of(running, store));
    }

    @ParameterizedTest
    @ValueSource(strings = {"acme/shop:1.0", "acme/shop2", "hub.lan/acme/shop"})
    void another_name_is_not_the_tags(String image) throws Exception {
        tag("");
        tagAt(ONE);

        assertEquals(new ContainerImage.Known(image), ContainerImage.of(container(image), store));
    }

    private void tag(String more) throws Exception {
        create(
                "apiVersion: slipway.dev/v1alpha1",
                "Tag",
                "shop",
                "spec: {repository: acme/shop, target: {image: {name: base}}%s}".formatted(more));
    }

    private ApiObject container(String image) throws Exception {
        return create("apiVersion: slipway.dev/v1alpha1", "Container", "web", "spec: {image: '%s'}".formatted(image));
    }

    private void tagAt(String digest) throws Exception {
        ApiObject tag =
                store.get(new ObjectKey(ContainerImage.TAGS, "", "shop")).orElseThrow();
        report(tag, "digest: '%s', conditions: [{type: Ready, status: 'True'}]".formatted(digest));
    }

    private void report(ApiObject object, String status) throws Exception {
        api.report(
                kind(object.kind()),
                object,
                tree("{observedGeneration: %d, %s}".formatted(object.generation(), status)));
    }

    private ApiObject create(String apiVersion, String kind, String name, String body) throws Exception {
        ObjectNode object = tree("%s\nkind: %s\nmetadata: {name: %s}\n%s".formatted(apiVersion, kind, name, body));
        return api.create(kind(kind), "default", object, ALICE).object();
    }

    private Kind kind(String kind) {
        return api.kinds()
                .find("slipway.dev/v1alpha1", kind)
                .or(() -> api.kinds().find("v1", kind))
                .orElseThrow();
    }

    private static ObjectNode tree(String yaml) throws Exception {
        return (ObjectNode) YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))
                .getFirst()
                .tree();
    }
}
