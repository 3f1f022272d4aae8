package dev.slipway.door.gitops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.GroupResource;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GitOpsTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path folder = Path.of("");

    private final TimerDelays delays = new TimerDelays();
    private Path manifests;
    private ObjectStore store;
    private FakeApplier applier;
    private EventRecorder recorder;
    private GitOps gitOps;

    @BeforeEach
    void open() throws IOException {
        manifests = Files.createDirectory(folder.resolve("manifests"));
        store = SqliteObjectStore.open(folder.resolve("objects"));
        applier = new FakeApplier(store);
    }

    @AfterEach
    void close() throws IOException {
        stop();
        delays.close();
        store.close();
    }

    @Test
    @DisplayName("S07 a dropped file is applied, a changed one again, and a deleted one pruned, without a human")
    void a_file_drop_is_all_it_takes() throws Exception {
        start();

        write("web.yaml", pod("web", "one"));
        await("applied", () -> version("web").equals("one"));
        write("web.yaml", pod("web", "two"));
        await("applied again", () -> version("web").equals("two"));
        Files.delete(manifests.resolve("web.yaml"));
        write("other.yaml", pod("other", "one"));
        await("pruned", () -> version("web").isEmpty());

        assertEquals("one", version("other"));
        await("told", () -> events().contains("Applied") && events().contains("Pruned"));
    }

    @Test
    void directories_that_come_later_are_watched_as_well() throws Exception {
        start();

        write("a/b/web.yaml", pod("web", "one"));
        await("applied", () -> version("web").equals("one"));
        write("a/b/web.yaml", pod("web", "two"));

        await("applied again", () -> version("web").equals("two"));
    }

    @Test
    void an_editor_that_renames_and_a_swapped_link_are_understood() throws Exception {
        write("..one/web.yaml", pod("web", "one"));
        write("..two/web.yaml", pod("web", "two"));
        link("..data", "..one");
        Files.createSymbolicLink(manifests.resolve("web.yaml"), Path.of("..data/web.yaml"));
        write("api.yaml", pod("api", "one"));
        start();
        await("applied", () -> version("web").equals("one") && version("api").equals("one"));

        Files.move(manifests.resolve("api.yaml"), manifests.resolve("api.yaml~"));
        write("4913", "");
        write("api.yaml", pod("api", "two"));
        link("..data", "..two");

        await(
                "applied again",
                () -> version("web").equals("two") && version("api").equals("two"));
    }

    @Test
    void a_root_that_is_a_link_may_be_swapped_or_come_later() throws Exception {
        write("../one/web.yaml", pod("web", "one"));
        write("../two/web.yaml", pod("web", "two"));
        Path link = folder.resolve("current");
        start(link);
        assertTrue(status(link).path("conditions").toString().contains("no such directory"));

        Files.createSymbolicLink(link, Path.of("one"));
        await("applied", () -> version("web").equals("one"));
        Files.createSymbolicLink(folder.resolve("next"), Path.of("two"));
        Files.move(folder.resolve("next"), link, StandardCopyOption.ATOMIC_MOVE);

        await("applied again", () -> version("web").equals("two"));
    }

    @Test
    void one_bad_file_stops_nobody_and_prunes_nothing() throws Exception {
        write("a.yaml", pod("web", "one"));
        start();
        write("a.yaml", pod("web", "two") + "  bad indent: [");
        write("b.yaml", pod("api", "one"));
        write("c.yaml", pod("refused", "one") + "  invalid: yes\n");
        await("the others are applied", () -> version("api").equals("one"));
        await(
                "both are told",
                () -> gitOps.problems().getOrDefault(manifests, List.of()).size() == 2);

        assertEquals("one", version("web"));
        ObjectNode status = status(manifests);
        assertEquals("a.yaml", status.path("errors").path(0).path("file").asText());
        assertEquals(7, status.path("errors").path(0).path("line").asInt());
        assertEquals("c.yaml", status.path("errors").path(1).path("file").asText());
        assertEquals(7, status.path("errors").path(1).path("line").asInt());
        assertFalse(Conditions.isTrue(status, "Ready"));
        assertTrue(Conditions.isTrue(status, "Stalled"));
        await("events", () -> events().contains("ManifestInvalid") && events().contains("ApplyFailed"));

        write("a.yaml", pod("web", "three"));
        Files.delete(manifests.resolve("c.yaml"));
        await("all is well", () -> version("web").equals("three") && Conditions.isTrue(status(manifests), "Ready"));
    }

    @Test
    void a_directory_that_is_suddenly_empty_or_gone_prunes_nothing() throws Exception {
        write("web.yaml", pod("web", "one"));
        start();

        Files.delete(manifests.resolve("web.yaml"));
        await("told", () -> problem().contains("has no manifests any more; its 1 objects stay"));
        Files.delete(manifests);
        await("told", () -> problem().contains("no such directory; its 1 objects stay"));
        assertEquals("one", version("web"));

        Files.createDirectory(manifests);
        write("web.yaml", pod("web", "two"));
        await(
                "back again",
                () -> version("web").equals("two") && gitOps.problems().isEmpty());
    }

    @Test
    void what_was_deleted_while_the_engine_was_down_is_pruned_and_what_was_made_by_hand_is_not() throws Exception {
        write("web.yaml", pod("web", "one"));
        write("api.yaml", pod("api", "one") + pod("refused", "one") + "  invalid: yes\n");
        start();
        assertEquals("one", version("api"));
        stop();
        Files.delete(manifests.resolve("api.yaml"));
        ObjectKey byHand = key("refused");
        ObjectNode tree = store.get(key("web")).orElseThrow().copyTree();
        tree.withObject("/metadata").put("name", "refused").remove("managedFields");
        store.create(byHand, ApiObject.of(tree));

        start();
        await("pruned", () -> version("api").isEmpty());
        await("forgotten", () -> status(manifests).path("inventory").size() == 1);

        assertTrue(store.get(byHand).isPresent());
        assertEquals("one", version("web"));
    }

    @Test
    void what_somebody_edits_or_deletes_is_set_back_and_status_is_left_alone() throws Exception {
        write("web.yaml", pod("web", "one"));
        start();
        await("applied", () -> version("web").equals("one"));
        int before = applier.applied().size();

        edit("web", tree -> tree.withObject("/status").put("phase", "Running"));
        edit("web", tree -> tree.withObject("/spec").put("version", "edited"));
        await("set back", () -> version("web").equals("one"));
        store.delete(key("web"), store.get(key("web")).orElseThrow().resourceVersion());
        await("made again", () -> version("web").equals("one"));

        assertEquals(before + 2, applier.applied().size());
        await("told", () -> events().contains("DriftCorrected"));
    }

    @Test
    void order_does_not_matter_and_a_namespace_is_waited_for() throws Exception {
        write("a.yaml", pod("web", "one").replace("metadata: {", "metadata: {namespace: shop, "));
        write("b.yaml", pod("api", "one").replace("metadata: {", "metadata: {namespace: later, "));
        write("z.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n");
        start();
        assertTrue(store.get(new ObjectKey(GroupResource.core("pods"), "shop", "web"))
                .isPresent());

        ObjectKey later = new ObjectKey(GroupResource.core("namespaces"), "", "later");
        store.create(
                later,
                store.get(new ObjectKey(GroupResource.core("namespaces"), "", "shop"))
                        .orElseThrow());

        await("applied", () -> store.get(new ObjectKey(GroupResource.core("pods"), "later", "api"))
                .isPresent());
    }

    @Test
    void two_directories_that_hand_an_object_over_do_not_delete_it() throws Exception {
        Path second = Files.createDirectory(folder.resolve("second"));
        write("web.yaml", pod("web", "one"));
        write("stay.yaml", pod("stay", "one"));
        start(manifests, second);
        long created = store.get(key("web")).orElseThrow().resourceVersion();

        Files.move(manifests.resolve("web.yaml"), second.resolve("web.yaml"));
        await("handed over", () -> status(manifests).path("inventory").size() == 1);

        assertEquals(1, status(second).path("inventory").size());
        assertTrue(store.get(key("web")).isPresent());
        assertTrue(created > 0);
    }

    @Test
    void nothing_is_written_while_nothing_changes() throws Exception {
        write("web.yaml", pod("web", "one"));
        start();
        await("ready", () -> Conditions.isTrue(status(manifests), "Ready") && events().contains("Applied"));
        long version = store.resourceVersion();
        int applied = applier.applied().size();

        Files.writeString(manifests.resolve("notes.txt"), "no manifest");
        write("web.yaml", pod("web", "one"));
        write("api.yaml", pod("api", "one"));
        await("the new one", () -> version("api").equals("one"));

        assertEquals(
                applied + 1, applier.applied().size(), "the file that was written with the same bytes is left alone");
        assertTrue(store.resourceVersion() > version);
    }

    private void start(Path... directories) throws Exception {
        Schedule schedule = new Schedule(Clock.systemUTC(), delays, Thread::startVirtualThread);
        recorder = new EventRecorder(store, new EventSource("slipway", "host"), schedule);
        List<Path> all = directories.length == 0 ? List.of(manifests) : List.of(directories);
        gitOps = new GitOps(all, new GitOpsParts(store, applier, recorder, schedule));
        gitOps.start();
        assertTrue(gitOps.awaitFirstRounds(LIMIT));
    }

    private void stop() throws IOException {
        if (gitOps != null) {
            gitOps.close();
            recorder.close();
        }
    }

    private static String pod(String name, String version) {
        return "---\napiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec:\n  version: %s\n".formatted(name, version);
    }

    private void write(String path, String text) throws IOException {
        Path file = manifests.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void link(String name, String target) throws IOException {
        Path aside = Files.createSymbolicLink(manifests.resolve("..aside"), Path.of(target));
        Files.move(aside, manifests.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    private void edit(String name, java.util.function.Consumer<ObjectNode> change) throws Exception {
        ApiObject current = store.get(key(name)).orElseThrow();
        ObjectNode tree = current.copyTree();
        change.accept(tree);
        store.update(key(name), ApiObject.of(tree), current.resourceVersion());
    }

    private String version(String name) {
        return store.get(key(name))
                .map(object -> object.spec().path("version").asText())
                .orElse("");
    }

    private static ObjectKey key(String name) {
        return new ObjectKey(GroupResource.core("pods"), "default", name);
    }

    private String problem() {
        return gitOps.problems().getOrDefault(manifests, List.of()).toString();
    }

    private ObjectNode status(Path directory) {
        Optional<ApiObject> sync = store.list(SyncRecord.SYNCS, "").items().stream()
                .filter(each -> each.spec()
                        .path("source")
                        .path("directory")
                        .path("path")
                        .asText()
                        .equals(directory.toString()))
                .findFirst();
        return sync.orElseThrow().copyTree().withObject("/status");
    }

    private List<String> events() {
        return store.list(GroupResource.core("events"), "").items().stream()
                .map(event -> event.tree().path("reason").asText())
                .toList();
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within " + LIMIT + ": " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
