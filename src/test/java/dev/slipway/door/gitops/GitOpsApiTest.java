package dev.slipway.door.gitops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.api.ObjectApi;
import dev.slipway.desired.api.Patch;
import dev.slipway.desired.api.WriteOptions;
import dev.slipway.desired.kind.Column;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.reconcile.EventRecorder;
import dev.slipway.desired.reconcile.EventSource;
import dev.slipway.desired.reconcile.Schedule;
import dev.slipway.desired.reconcile.TimerDelays;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Directories and the real rules of kinds together.
class GitOpsApiTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String CONFIG = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: conf, labels: {app: web}}
            data:
              mode: "0644"
            """;

    @TempDir
    private Path folder = Path.of("");

    private final TimerDelays delays = new TimerDelays();
    private Path manifests;
    private ObjectStore store;
    private ObjectApi api;
    private Kind configMaps;
    private Kind syncs;
    private ObjectKey conf;
    private EventRecorder recorder;
    private GitOps gitOps;

    @BeforeEach
    void start() throws Exception {
        manifests = Files.createDirectory(folder.resolve("manifests"));
        store = SqliteObjectStore.open(folder.resolve("objects"));
        api = new ObjectApi(store, Catalog.kinds(), Clock.systemUTC(), () -> UUID.randomUUID()
                .toString());
        configMaps = api.kinds().find("v1", "ConfigMap").orElseThrow();
        syncs = api.kinds().find("slipway.dev/v1alpha1", "Sync").orElseThrow();
        conf = new ObjectKey(configMaps.name().resource(), "default", "conf");
        Schedule schedule = new Schedule(Clock.systemUTC(), delays, Thread::startVirtualThread);
        recorder = new EventRecorder(store, new EventSource("slipway", "host"), schedule);
        Files.writeString(
                manifests.resolve("base.yaml"), "apiVersion: v1\nkind: Namespace\nmetadata: {name: default}\n");
        gitOps = new GitOps(List.of(manifests), new GitOpsParts(store, new ApiApplier(api), recorder, schedule));
        gitOps.start();
        assertTrue(gitOps.awaitFirstRounds(LIMIT));
    }

    @AfterEach
    void stop() throws IOException {
        gitOps.close();
        recorder.close();
        delays.close();
        store.close();
    }

    @Test
    @DisplayName("S07 what a file declares is kept so, whatever clients do to it, until the file is gone")
    void what_a_file_declares_is_kept_so() throws Exception {
        Files.writeString(manifests.resolve("conf.yaml"), CONFIG);
        await("applied", () -> data().equals("{\"mode\":\"0644\"}"));

        api.patch(configMaps, conf, new Patch.Merge(tree("data", "mode", "edited")), WriteOptions.by("kubectl-edit"));
        await("set back", () -> data().equals("{\"mode\":\"0644\"}"));
        api.patch(configMaps, conf, new Patch.Merge(tree("data", "more", "mine")), WriteOptions.by("kubectl-edit"));
        api.delete(configMaps, conf, Deletion.PLAIN);
        await("made again, without what only the deleted one had", () -> data().equals("{\"mode\":\"0644\"}"));
        Files.delete(manifests.resolve("conf.yaml"));
        await("pruned", () -> store.get(conf).isEmpty());
    }

    /// What takes time to end is gone long after it was pruned.
    @ParameterizedTest(name = "the file comes back before the object is gone: {0}")
    @ValueSource(booleans = {false, true})
    void what_was_pruned_is_made_again_when_the_same_file_comes_back(boolean early) throws Exception {
        Path file = manifests.resolve("conf.yaml");
        Files.writeString(file, CONFIG);
        await("applied", () -> data().equals("{\"mode\":\"0644\"}"));
        finalizers("[\"slipway.dev/test\"]");
        Files.delete(file);
        await("pruned", () -> store.get(conf).orElseThrow().deletionTimestamp().isPresent());
        await("told", () -> sync().status().path("inventory").size() == 1);

        if (early) {
            Files.writeString(file, CONFIG);
            await("declared", () -> sync().status().path("inventory").size() == 2);
        }
        String uid = store.get(conf).orElseThrow().uid();
        finalizers("[]");
        if (!early) {
            Files.writeString(file, CONFIG);
        }

        await(
                "made again",
                () -> store.get(conf).filter(made -> !made.uid().equals(uid)).isPresent());
        assertEquals("{\"mode\":\"0644\"}", data());
    }

    /// A round in between never sees half of it.
    private void replace(String file, String text) throws IOException {
        Path aside = Files.writeString(manifests.resolve("." + file), text);
        Files.move(aside, manifests.resolve(file), StandardCopyOption.ATOMIC_MOVE);
    }

    private void finalizers(String list) throws Exception {
        ObjectNode tree = ObjectCodec.json().createObjectNode();
        tree.withObject("/metadata").set("finalizers", ObjectCodec.json().readTree(list));
        api.patch(configMaps, conf, new Patch.Merge(tree), WriteOptions.by("controller"));
    }

    @Test
    void fields_of_others_stay_and_nothing_is_written_once_all_is_well() throws Exception {
        Files.writeString(manifests.resolve("conf.yaml"), CONFIG);
        await("applied", () -> Conditions.isTrue(sync().status(), "Ready") && !data().isEmpty());
        api.patch(configMaps, conf, new Patch.Merge(tree("data", "more", "mine")), WriteOptions.by("kubectl-edit"));

        Files.writeString(manifests.resolve("conf.yaml"), CONFIG.replace("0644", "0600"));
        await("applied", () -> data().equals("{\"mode\":\"0600\",\"more\":\"mine\"}"));
        await("recorded", () -> events() == 3);
        long version = store.resourceVersion();
        replace("conf.yaml", CONFIG.replace("0644", "0600"));
        replace("last.yaml", CONFIG.replace("name: conf", "name: last"));
        await("applied", () -> events() == 4 && store.resourceVersion() >= version + 4);

        // The object, its event, the inventory before and the status after.
        assertEquals(version + 4, store.resourceVersion());
    }

    @Test
    void kubectl_get_sync_names_file_line_and_reason() throws Exception {
        Files.writeString(manifests.resolve("conf.yaml"), CONFIG.replace("\ndata:", "\ndta:"));
        await("told", () -> !gitOps.problems().isEmpty());

        List<Object> cells = syncs.columns().stream()
                .map(column -> column.cell().apply(sync(), Instant.now()))
                .toList();

        assertEquals(manifests.toString(), cells.get(0));
        assertEquals("False", cells.get(2));
        assertTrue(cells.get(3).toString().startsWith("conf.yaml:4: "), cells.toString());
        assertTrue(
                cells.get(3).toString().contains("unknown field \"dta\" (did you mean \"data\"?)"), cells.toString());
        assertEquals(Column.AGE, syncs.columns().getLast());
    }

    @Test
    void a_misspelled_kind_is_told_with_the_one_that_is_meant() throws Exception {
        Files.writeString(manifests.resolve("conf.yaml"), CONFIG.replace("ConfigMap", "Configmap"));
        await("told", () -> !gitOps.problems().isEmpty());

        List<String> cells = syncs.columns().stream()
                .map(column -> String.valueOf(column.cell().apply(sync(), Instant.now())))
                .toList();

        String told =
                "no matches for kind \"Configmap\" in version \"v1\"; did you mean kind \"ConfigMap\" in version \"v1\"?";
        assertTrue(cells.get(3).contains(told), cells.toString());
    }

    @Test
    void a_sync_is_not_made_by_clients() {
        ObjectNode sent = tree("spec", "source", "x");
        sent.putObject("metadata").put("name", "mine");
        sent.putObject("spec").putObject("source").putObject("directory").put("path", "/etc");

        ApiException refusal =
                assertThrows(ApiException.class, () -> api.create(syncs, "default", sent, WriteOptions.by("alice")));

        assertTrue(refusal.getMessage().contains("--manifests DIR"), refusal.getMessage());
    }

    private static ObjectNode tree(String parent, String field, String value) {
        ObjectNode tree = ObjectCodec.json().createObjectNode();
        tree.putObject(parent).put(field, value);
        return tree;
    }

    private String data() {
        return store.get(conf)
                .map(object -> object.tree().path("data").toString())
                .orElse("");
    }

    private ApiObject sync() {
        return store.list(syncs.name().resource(), "").items().getFirst();
    }

    private long events() {
        return store.list(api.kinds().find("v1", "Event").orElseThrow().name().resource(), "").items().stream()
                .filter(event -> event.tree().path("reason").asText().equals("Applied"))
                .mapToInt(event -> event.tree().path("count").asInt())
                .sum();
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within " + LIMIT + ": " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
