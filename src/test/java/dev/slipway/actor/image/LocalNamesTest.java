package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.engine.oci.Reference;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalNamesTest {
    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private LocalNames names;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        names = new LocalNames(store, new PlayedImages());
    }

    @AfterEach
    void close() throws Exception {
        store.close();
    }

    @Test
    void a_name_is_declared_by_a_tag_that_points_elsewhere_and_not_by_one_that_shows_what_was_pushed()
            throws Exception {
        tag("pinned", "target: {digest: 'sha256:%s'}".formatted("a".repeat(64)), "");
        tag("image", "target: {image: web}", "");
        tag("shown", "target: {image: web}", "labels: {slipway.dev/implicit: 'true'}");
        tag("mirror", "target: {follow: {reference: 'edge:5000/mirror:1', onPush: true}}", "");
        tag("pushed", "target: {image: web}, push: [{registry: edge}]", "");

        assertTrue(names.isDeclared(Reference.parse("edge:5000/pinned:1")));
        assertTrue(names.isDeclared(Reference.parse("edge:5000/image:1")));
        assertFalse(names.isDeclared(Reference.parse("edge:5000/image:2")));
        assertFalse(names.isDeclared(Reference.parse("edge:5000/shown:1")), "it shows what was pushed");
        assertFalse(names.isDeclared(Reference.parse("edge:5000/mirror:1")), "it follows what is pushed");
        assertFalse(names.isDeclared(Reference.parse("edge:5000/pushed:1")), "it is shown once it was pushed");
    }

    private void tag(String name, String spec, String metadata) throws Exception {
        String yaml = """
                {apiVersion: slipway.dev/v1alpha1, kind: Tag, metadata: {name: %s, uid: %s, %s},
                 spec: {repository: 'edge:5000/%s', tag: '1', %s}}
                """.formatted(name, name, metadata, name, spec);
        store.create(ImageObjects.tagKey(name), ApiObject.of((ObjectNode)
                ObjectCodec.yaml().readTree(yaml)));
    }
}
