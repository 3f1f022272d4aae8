package dev.slipway.desired.reconcile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.SqliteObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControllersTest {
    private static final GroupResource PODS = GroupResource.core("pods");
    private static final GroupResource CLAIMS = GroupResource.core("claims");

    @TempDir
    private Path folder = Path.of("");

    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final Counting pods = new Counting(PODS);
    private final Counting claims = new Counting(CLAIMS);
    private LossyStore store;
    private Controllers controllers;

    /// Counts the rounds of each key. An object of another resource concerns the own one that its spec names.
    private static final class Counting implements Controller {
        private final GroupResource resource;
        private final Map<ObjectKey, Integer> rounds = new ConcurrentHashMap<>();

        Counting(GroupResource resource) {
            this.resource = resource;
        }

        @Override
        public GroupResource resource() {
            return resource;
        }

        @Override
        public Collection<ObjectKey> concerned(ApiObject changed) {
            String named = changed.spec().path("names").asText();
            if (named.equals("bug")) {
                throw new IllegalStateException("a bug, thrown by this test");
            }
            return named.isEmpty() ? List.of() : List.of(new ObjectKey(resource, "default", named));
        }

        @Override
        public Result reconcile(ObjectKey key) {
            rounds.merge(key, 1, Integer::sum);
            return Result.SETTLED;
        }

        int of(String name) {
            return rounds.getOrDefault(new ObjectKey(resource, "default", name), 0);
        }
    }

    @BeforeEach
    void open() throws Exception {
        store = new LossyStore(SqliteObjectStore.open(folder));
        controllers = new Controllers(
                store, new Schedule(InstantSource.system(), new FakeDelays(), workers), List.of(pods, claims));
    }

    @AfterEach
    void close() throws Exception {
        controllers.close();
        workers.close();
        store.close();
    }

    @Test
    void what_exists_at_start_gets_a_round() throws Exception {
        create(PODS, "a", "");
        create(CLAIMS, "b", "");

        controllers.start();

        await("a round each", () -> pods.of("a") == 1 && claims.of("b") == 1);
        assertEquals(0, pods.of("b"));
    }

    @Test
    void every_write_of_an_own_object_gives_a_round() throws Exception {
        controllers.start();

        ApiObject made = create(PODS, "a", "");
        await("a round for its creation", () -> pods.of("a") == 1);
        ApiObject changed = update(made, "other");
        await("a round for its change", () -> pods.of("a") == 2);
        store.delete(key(PODS, "a"), changed.resourceVersion());

        await("a round for its deletion", () -> pods.of("a") == 3);
    }

    @Test
    void a_write_concerns_what_it_names_and_what_it_named_before() throws Exception {
        controllers.start();

        ApiObject pod = create(PODS, "a", "old");
        await("a round of what it names", () -> claims.of("old") == 1);
        update(pod, "new");

        await("a round of both", () -> claims.of("old") == 2 && claims.of("new") == 1);
    }

    @Test
    void a_write_concerns_others_of_its_own_resource_too() throws Exception {
        controllers.start();

        ApiObject pod = create(PODS, "a", "old");
        await("a round of what it names", () -> pods.of("old") == 1);
        update(pod, "new");

        await("a round of both", () -> pods.of("old") == 2 && pods.of("new") == 1);
    }

    @Test
    void a_controller_that_throws_when_asked_leaves_the_others_hearing() throws Exception {
        controllers.start();

        create(PODS, "a", "bug");
        create(PODS, "b", "");

        await("rounds of both", () -> pods.of("a") == 1 && pods.of("b") == 1);
    }

    @Test
    void news_of_the_engine_gives_a_round() {
        controllers.touch(key(PODS, "a"));

        await("a round", () -> pods.of("a") == 1);
        assertThrows(
                IllegalArgumentException.class,
                () -> controllers.touch(key(GroupResource.core("configmaps"), "default")));
    }

    @Test
    void what_happened_while_nobody_heard_is_made_good() throws Exception {
        ApiObject going = create(PODS, "going", "");
        create(PODS, "staying", "");
        controllers.start();
        await("the first rounds", () -> pods.of("going") == 1 && pods.of("staying") == 1);
        store.deafen();
        store.delete(key(PODS, "going"), going.resourceVersion());
        create(PODS, "coming", "");
        store.refuse(1);

        store.end();

        await("rounds of all", () -> pods.of("going") >= 2 && pods.of("staying") >= 2 && pods.of("coming") >= 1);
        await("a watch", () -> store.watches() == 2);
        create(PODS, "later", "");
        await("a round of what comes later", () -> pods.of("later") == 1);
    }

    @Test
    void nothing_is_heard_after_the_end() throws Exception {
        controllers.start();
        controllers.close();

        create(PODS, "a", "");
        store.end();
        controllers.touch(key(PODS, "a"));

        workers.close();
        assertEquals(0, pods.of("a"));
        assertEquals(1, store.watches());
    }

    @Test
    void a_resource_has_one_controller() {
        Schedule schedule = new Schedule(InstantSource.system(), new FakeDelays(), workers);

        assertThrows(
                IllegalArgumentException.class,
                () -> new Controllers(store, schedule, List.of(pods, new Counting(PODS))));
    }

    private ApiObject create(GroupResource resource, String name, String names) throws Exception {
        ObjectNode tree = ObjectCodec.json().createObjectNode();
        tree.putObject("metadata").put("name", name).put("namespace", "default");
        tree.putObject("spec").put("names", names);
        return store.create(key(resource, name), ApiObject.of(tree));
    }

    private ApiObject update(ApiObject object, String names) throws Exception {
        ObjectNode tree = object.copyTree();
        tree.withObject("/spec").put("names", names);
        return store.update(key(PODS, object.name()), ApiObject.of(tree), object.resourceVersion());
    }

    private static ObjectKey key(GroupResource resource, String name) {
        return new ObjectKey(resource, "default", name);
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, what);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
