package dev.slipway.desired.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.WriteOptions.FieldValidation;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.store.ObjectStore;
import dev.slipway.desired.store.SqliteObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectApiTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final WriteOptions ALICE = WriteOptions.by("alice");
    private static final String POD = "{metadata: {name: web}, spec: {containers: [{name: main, image: nginx}]}}";

    @TempDir
    private Path folder = Path.of("");

    private ObjectStore store;
    private ObjectApi api;
    private Kind pods;
    private Kind configMaps;

    @BeforeEach
    void open() throws Exception {
        store = SqliteObjectStore.open(folder);
        api = new ObjectApi(store, Catalog.kinds(), InstantSource.fixed(NOW), () -> UUID.randomUUID()
                .toString());
        pods = api.kinds().find("v1", "Pod").orElseThrow();
        configMaps = api.kinds().find("v1", "ConfigMap").orElseThrow();
        api.create(api.kinds().find("v1", "Namespace").orElseThrow(), "", tree("{metadata: {name: default}}"), ALICE);
    }

    @AfterEach
    void close() throws IOException {
        store.close();
    }

    @Test
    void a_created_pod_has_defaults_and_what_the_server_says() throws Exception {
        ApiObject pod = api.create(pods, "default", tree(POD), ALICE).object();

        assertEquals("Always", pod.spec().path("restartPolicy").asText());
        assertEquals(
                "Always",
                pod.spec().path("containers").path(0).path("imagePullPolicy").asText());
        assertEquals("Pending", pod.status().path("phase").asText());
        assertEquals(1, pod.generation());
        assertEquals(
                "2026-01-02T03:04:05Z", pod.metadata().path("creationTimestamp").asText());
        assertEquals(
                "alice",
                pod.metadata().path("managedFields").path(0).path("manager").asText());
        assertEquals(Optional.of(pod), store.get(key(pods, "web")));
    }

    @Test
    void every_broken_rule_is_reported_with_its_path() {
        ApiException refused = assertThrows(
                ApiException.class,
                () -> api.create(
                        pods,
                        "default",
                        tree(
                                "{metadata: {name: Web}, spec: {containers: [{name: a, image: x, volumeMounts: [{name: v, mountPath: /v}]}, {name: a}]}}"),
                        ALICE));

        assertEquals(422, refused.code());
        List<String> fields = refused.toStatus()
                .path("details")
                .path("causes")
                .valueStream()
                .map(cause -> cause.path("field").asText())
                .toList();
        assertEquals(
                List.of(
                        "metadata.name",
                        "spec.containers[0].volumeMounts[0].name",
                        "spec.containers[1].name",
                        "spec.containers[1].image"),
                fields);
    }

    @Test
    void an_unknown_field_is_refused_warned_of_or_dropped() throws Exception {
        String typo = POD.replace("image: nginx", "image: nginx, comand: [x]");

        ApiException refused = assertThrows(ApiException.class, () -> api.create(pods, "default", tree(typo), ALICE));
        String told = "unknown field \"spec.containers[0].comand\" (did you mean \"command\"?)";
        assertTrue(refused.getMessage().contains(told), refused.getMessage());
        WriteOptions lenient = new WriteOptions("alice", "", FieldValidation.WARN, false, false, "");
        Written written = api.create(pods, "default", tree(typo), lenient);
        assertEquals(List.of(told), written.warnings());
        assertFalse(written.object().spec().path("containers").path(0).has("comand"));
    }

    @Test
    void of_many_unknown_fields_only_the_first_are_said_to_be_meant_for_others() throws Exception {
        String typos = "dabefghijklmnopqrstuvwxyz"
                .chars()
                .mapToObj(letter -> (char) letter + "ommand: [x]")
                .collect(Collectors.joining(", ", "image: nginx, ", ""));
        WriteOptions lenient = new WriteOptions("alice", "", FieldValidation.WARN, false, false, "");

        List<String> warnings = api.create(pods, "default", tree(POD.replace("image: nginx", typos)), lenient)
                .warnings();

        assertEquals(25, warnings.size());
        assertEquals(
                20,
                warnings.stream().filter(each -> each.contains("did you mean")).count());
    }

    @Test
    void a_field_that_is_not_enforced_yet_is_warned_of() throws Exception {
        Written written =
                api.create(pods, "default", tree(POD.replace("spec: {", "spec: {priorityClassName: high, ")), ALICE);

        assertEquals(
                List.of("spec.priorityClassName: accepted, but not enforced by this version of Slipway"),
                written.warnings());
    }

    @Test
    void fields_that_are_not_enforced_are_a_condition_whoever_writes_the_status() throws Exception {
        ObjectKey key = key(pods, "web");
        api.create(pods, "default", tree(POD.replace("spec: {", "spec: {priorityClassName: high, ")), ALICE);
        Patch running =
                new Patch.Merge(tree("{status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}}"));

        ApiObject pod = api.patch(pods, key, running, WriteOptions.ownStatus()).object();

        assertTrue(Conditions.isTrue(pod.status(), "Ready"));
        assertEquals(
                "spec.priorityClassName",
                Conditions.find(pod.status(), "FieldsIgnored").orElseThrow().message());
    }

    @Test
    void nobody_owns_a_status_by_writing_the_object() throws Exception {
        ApiObject pod = api.create(pods, "default", tree(POD), ALICE).object();

        assertFalse(pod.metadata().at("/managedFields/0/fieldsV1").has("f:status"));
    }

    @Test
    void managed_fields_can_be_reset_and_may_be_nonsense() throws Exception {
        ObjectKey key = key(configMaps, "m");
        api.create(configMaps, "default", tree("{metadata: {name: m}, data: {k: v}}"), ALICE);

        ApiObject reset = api.patch(configMaps, key, new Patch.Merge(tree("{metadata: {managedFields: [{}]}}")), ALICE)
                .object();
        assertFalse(reset.metadata().has("managedFields"));
        String nonsense =
                "{manager: m, operation: Apply, time: soon, fieldsV1: {x: {}, 'k:': {}, 'f:data': {'f:k': 7}}}";
        api.patch(
                configMaps, key, new Patch.Merge(tree("{metadata: {managedFields: [%s]}}".formatted(nonsense))), ALICE);

        ApiException conflict = assertThrows(
                ApiException.class,
                () -> api.patch(configMaps, key, new Patch.Apply(tree("{data: {k: w}}")), WriteOptions.by("bob")));
        assertEquals("Apply failed with 1 conflict: conflict with \"m\": .data.k", conflict.getMessage());
    }

    @Test
    void a_generated_name_is_short_and_free() throws Exception {
        String prefix = "a".repeat(100);

        ApiObject one = api.create(
                        configMaps, "default", tree("{metadata: {generateName: %s}}".formatted(prefix)), ALICE)
                .object();

        assertEquals(63, one.name().length());
    }

    @Test
    void a_value_of_the_wrong_type_is_refused() {
        assertEquals(
                400,
                assertThrows(
                                ApiException.class,
                                () -> api.create(
                                        pods, "default", tree(POD.replace("[{name", "[{ports: 7, name")), ALICE))
                        .code());
    }

    @Test
    void an_update_of_content_counts_a_generation_and_one_of_labels_does_not() throws Exception {
        ApiObject pod = api.create(pods, "default", tree(POD), ALICE).object();
        ObjectNode labelled = pod.copyTree();
        labelled.withObject("/metadata/labels").put("a", "b");

        pod = api.update(pods, key(pods, "web"), labelled, ALICE).object();
        assertEquals(1, pod.generation());
        ObjectNode changed = pod.copyTree();
        ((ObjectNode) changed.path("spec").path("containers").path(0)).put("image", "nginx:2");
        pod = api.update(pods, key(pods, "web"), changed, ALICE).object();

        assertEquals(2, pod.generation());
        assertThrows(ApiException.class, () -> api.update(pods, key(pods, "web"), labelled, ALICE));
    }

    @Test
    void only_images_of_a_pod_may_change() throws Exception {
        ObjectNode pod = api.create(pods, "default", tree(POD), ALICE).object().copyTree();
        ((ObjectNode) pod.path("spec")).put("hostname", "other");

        assertEquals(
                422,
                assertThrows(ApiException.class, () -> api.update(pods, key(pods, "web"), pod, ALICE))
                        .code());
    }

    @Test
    void status_and_content_are_written_apart() throws Exception {
        ObjectNode pod = api.create(pods, "default", tree(POD), ALICE).object().copyTree();
        pod.withObject("/status").put("phase", "Running");
        ((ObjectNode) pod.path("spec").path("containers").path(0)).put("image", "sneaky");

        ApiObject written = api.update(pods, key(pods, "web"), pod, WriteOptions.ownStatus())
                .object();
        assertEquals("Running", written.status().path("phase").asText());
        assertEquals(
                "nginx", written.spec().path("containers").path(0).path("image").asText());
        pod.remove("status");
        pod.path("metadata").require();
        ((ObjectNode) pod.path("metadata")).remove("resourceVersion");
        written = api.update(pods, key(pods, "web"), pod, ALICE).object();

        assertEquals("Running", written.status().path("phase").asText());
        assertEquals(
                "sneaky",
                written.spec().path("containers").path(0).path("image").asText());
    }

    @Test
    void a_write_without_effect_writes_nothing() throws Exception {
        ApiObject map = api.create(configMaps, "default", tree("{metadata: {name: m}, data: {k: v}}"), ALICE)
                .object();

        ApiObject again = api.patch(
                        configMaps,
                        key(configMaps, "m"),
                        new Patch.Merge(tree("{data: {k: v}}")),
                        WriteOptions.by("bob"))
                .object();

        assertEquals(map, again);
    }

    @Test
    void an_apply_makes_changes_and_conflicts() throws Exception {
        ObjectKey key = key(configMaps, "m");
        Written first = api.patch(configMaps, key, new Patch.Apply(tree("{data: {k: v, gone: x}}")), ALICE);
        assertTrue(first.created());
        ApiObject second = api.patch(configMaps, key, new Patch.Apply(tree("{data: {k: v}}")), ALICE)
                .object();
        assertFalse(second.tree().path("data").has("gone"));

        ApiException conflict = assertThrows(
                ApiException.class,
                () -> api.patch(configMaps, key, new Patch.Apply(tree("{data: {k: mine}}")), WriteOptions.by("bob")));

        assertEquals("Apply failed with 1 conflict: conflict with \"alice\": .data.k", conflict.getMessage());
    }

    @Test
    void a_dry_run_stores_nothing() throws Exception {
        WriteOptions dry = new WriteOptions("alice", "", FieldValidation.STRICT, true, false, "");

        assertEquals("web", api.create(pods, "default", tree(POD), dry).object().name());
        assertEquals(Optional.empty(), store.get(key(pods, "web")));
    }

    @Test
    void a_pod_is_marked_and_goes_when_the_node_says_so() throws Exception {
        ApiObject pod = api.create(pods, "default", tree(POD), ALICE).object();

        ApiObject marked = api.delete(pods, key(pods, "web"), Deletion.PLAIN);
        assertEquals(
                "2026-01-02T03:04:35Z",
                marked.metadata().path("deletionTimestamp").asText());
        assertTrue(store.get(key(pods, "web")).isPresent());
        api.remove(key(pods, "web"), pod.uid());

        assertEquals(Optional.empty(), store.get(key(pods, "web")));
    }

    @Test
    void a_pod_with_finalizers_waits_for_the_node_and_for_whoever_holds_it() throws Exception {
        ObjectKey key = key(pods, "web");
        Patch release = new Patch.Merge(tree("{metadata: {finalizers: null}}"));
        String held = POD.replace("name: web", "name: web, finalizers: [a.b/c]");
        ApiObject pod = api.create(pods, "default", tree(held), ALICE).object();

        api.delete(pods, key, Deletion.PLAIN);
        api.remove(key, pod.uid());
        assertTrue(store.get(key).isPresent());
        api.patch(pods, key, release, ALICE);
        assertEquals(Optional.empty(), store.get(key));

        pod = api.create(pods, "default", tree(held), ALICE).object();
        api.delete(pods, key, Deletion.PLAIN);
        api.patch(pods, key, release, ALICE);
        assertTrue(store.get(key).isPresent());
        api.remove(key, pod.uid());
        assertEquals(Optional.empty(), store.get(key));
    }

    @Test
    void an_object_with_finalizers_goes_with_the_last_of_them() throws Exception {
        ObjectKey key = key(configMaps, "m");
        api.create(configMaps, "default", tree("{metadata: {name: m, finalizers: [a.b/c]}}"), ALICE);

        assertTrue(
                api.delete(configMaps, key, Deletion.PLAIN).deletionTimestamp().isPresent());
        api.patch(configMaps, key, new Patch.Merge(tree("{metadata: {finalizers: null}}")), ALICE);

        assertEquals(Optional.empty(), store.get(key));
    }

    @Test
    void an_object_needs_its_namespace() {
        ApiException refused = assertThrows(ApiException.class, () -> api.create(pods, "nowhere", tree(POD), ALICE));

        assertEquals("namespaces \"nowhere\" not found", refused.getMessage());
    }

    @Test
    void a_list_comes_in_pages() throws Exception {
        for (String name : List.of("a", "b", "c")) {
            api.create(configMaps, "default", tree("{metadata: {name: %s}}".formatted(name)), ALICE);
        }
        ListOptions two = new ListOptions(ListOptions.ALL.labels(), ListOptions.ALL.fields(), 2, "");

        Page first = api.list(configMaps.name().resource(), "default", two);
        Page second = api.list(
                configMaps.name().resource(),
                "default",
                new ListOptions(two.labels(), two.fields(), 2, first.continueToken()));

        assertEquals(
                List.of("a", "b"), first.items().stream().map(ApiObject::name).toList());
        assertEquals(1, first.remaining());
        assertEquals(List.of("c"), second.items().stream().map(ApiObject::name).toList());
        assertEquals("", second.continueToken());
    }

    private static ObjectKey key(Kind kind, String name) {
        return Kinds.key(kind, "default", name);
    }

    private static ObjectNode tree(String yaml) {
        try {
            return (ObjectNode) ObjectCodec.yaml().readTree(yaml);
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
