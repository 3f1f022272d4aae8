package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.SqliteObjectStore;
import dev.slipway.door.http.RecordingSink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchStreamTest {
    private static final GroupResource THINGS = GroupResource.core("configmaps");
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    Path directory;

    private SqliteObjectStore store;
    private final RecordingSink sink = new RecordingSink();

    @BeforeEach
    void open() throws IOException {
        store = SqliteObjectStore.open(directory);
    }

    @AfterEach
    void close() throws IOException {
        sink.leave();
        store.close();
    }

    @Test
    void changes_after_a_version_are_told_in_order() throws Exception {
        ApiObject a = create("a", "x");
        watch(new WatchOptions(a.resourceVersion(), false, false, LONG));

        create("b", "x");
        store.delete(key("a"), a.resourceVersion());

        assertEquals(List.of("ADDED b", "DELETED a"), events(2));
    }

    @Test
    void without_a_version_the_objects_there_are_come_first() throws Exception {
        create("a", "x");
        watch(new WatchOptions(0, false, false, LONG));

        assertEquals(List.of("ADDED a"), events(1));
        create("b", "x");
        assertEquals(List.of("ADDED a", "ADDED b"), events(2));
    }

    @Test
    void initial_events_end_with_a_bookmark_that_says_so() throws Exception {
        ApiObject a = create("a", "x");
        watch(new WatchOptions(0, true, true, LONG));

        assertEquals(List.of("ADDED a", "BOOKMARK "), events(2));
        JsonNode bookmark = lines().get(1).path("object");
        assertEquals("ConfigMap", bookmark.path("kind").asText());
        assertEquals(
                Long.toString(a.resourceVersion()),
                bookmark.at("/metadata/resourceVersion").asText());
        assertEquals(
                "true",
                bookmark.at("/metadata/annotations/k8s.io~1initial-events-end").asText());
    }

    @Test
    void an_object_that_enters_or_leaves_the_selection_is_added_or_deleted() throws Exception {
        ApiObject a = create("a", "y");
        watch(new WatchOptions(a.resourceVersion(), false, false, LONG));

        ApiObject in = relabel(a, "x");
        ApiObject still = relabel(in, "x2");
        relabel(still, "y");

        assertEquals(List.of("ADDED a", "MODIFIED a", "DELETED a"), events(3));
    }

    @Test
    void objects_of_other_namespaces_are_not_told() throws Exception {
        create("first", "x");
        watch(new WatchOptions(store.resourceVersion(), false, false, LONG));

        ObjectNode tree = tree("hidden", "x");
        tree.withObject("/metadata").put("namespace", "elsewhere");
        store.create(new ObjectKey(THINGS, "elsewhere", "hidden"), ApiObject.of(tree));
        create("shown", "x");

        assertEquals(List.of("ADDED shown"), events(1));
    }

    @Test
    void a_version_that_this_store_never_gave_has_expired() throws Exception {
        create("a", "x");

        watch(new WatchOptions(1_000_000, false, false, LONG)).get(20, TimeUnit.SECONDS);

        JsonNode error = lines().getFirst();
        assertEquals("ERROR", error.path("type").asText());
        assertEquals(410, error.at("/object/code").asInt());
        assertEquals("Expired", error.at("/object/reason").asText());
    }

    @Test
    void the_stream_ends_when_its_time_is_over_or_the_store_closes() throws Exception {
        create("a", "x");
        watch(new WatchOptions(0, false, false, Duration.ofMillis(50))).get(20, TimeUnit.SECONDS);

        CompletableFuture<Void> open = watch(new WatchOptions(0, false, false, LONG));
        events(2);
        store.close();
        open.get(20, TimeUnit.SECONDS);
    }

    @Test
    void the_stream_ends_when_the_client_goes() throws Exception {
        create("a", "x");
        CompletableFuture<Void> watching = watch(new WatchOptions(0, false, false, LONG));
        events(1);

        sink.leave();

        watching.get(20, TimeUnit.SECONDS);
    }

    /// Watches objects of one namespace whose label `l` begins with `x`.
    private CompletableFuture<Void> watch(WatchOptions options) {
        WatchStream.Scope scope = new WatchStream.Scope(
                THINGS, "default", object -> object.labels().get("l").startsWith("x"));
        WatchStream stream = new WatchStream(store, scope, new WholeObjects("v1", "ConfigMap"), options);
        CompletableFuture<Void> over = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                stream.writeTo(sink);
                over.complete(null);
            } catch (IOException | InterruptedException | RuntimeException e) {
                over.completeExceptionally(e);
            }
        });
        return over;
    }

    private List<String> events(int count) throws InterruptedException {
        sink.await(count + " events", text -> text.lines().count() >= count);
        return lines().stream()
                .map(event -> event.path("type").asText() + " "
                        + event.at("/object/metadata/name").asText())
                .toList();
    }

    private List<JsonNode> lines() {
        List<JsonNode> lines = new ArrayList<>();
        sink.text().lines().forEach(line -> {
            try {
                lines.add(ObjectCodec.json().readTree(line));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return lines;
    }

    private ApiObject create(String name, String label) throws Exception {
        return store.create(key(name), ApiObject.of(tree(name, label)));
    }

    private ApiObject relabel(ApiObject object, String label) throws Exception {
        ObjectNode tree = object.copyTree();
        tree.withObject("/metadata/labels").put("l", label);
        return store.update(key(object.name()), ApiObject.of(tree), object.resourceVersion());
    }

    private static ObjectNode tree(String name, String label) throws IOException {
        return ObjectCodec.readObject("""
                {"apiVersion":"v1","kind":"ConfigMap",
                 "metadata":{"name":"%s","namespace":"default","labels":{"l":"%s"}}}""".formatted(name, label).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    private static ObjectKey key(String name) {
        return new ObjectKey(THINGS, "default", name);
    }
}
