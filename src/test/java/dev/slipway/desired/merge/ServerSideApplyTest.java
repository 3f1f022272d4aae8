package dev.slipway.desired.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.merge.ManagedFields.Operation;
import dev.slipway.desired.merge.ManagedFields.Writer;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerSideApplyTest {
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final Instant LATER = NOW.plusSeconds(60);
    private static final Writer ALICE = new Writer("alice", Operation.APPLY, "v1", "");
    private static final Writer BOB = new Writer("bob", Operation.APPLY, "v1", "");
    private static final Writer EDITOR = new Writer("kubectl-edit", Operation.UPDATE, "v1", "");

    @Test
    void a_first_apply_makes_the_object_and_owns_its_fields() {
        ObjectNode object = apply(empty(), "{metadata: {name: a, labels: {x: '1'}}, data: {k: v}}", ALICE);

        assertEquals(tree("{k: v}"), object.get("data"));
        JsonNode entry = object.path("metadata").path("managedFields").path(0);
        assertEquals("Apply", entry.path("operation").asText());
        assertEquals("2026-01-02T03:04:05Z", entry.path("time").asText());
        assertEquals(tree("{'f:data': {'f:k': {}}, 'f:metadata': {'f:labels': {'f:x': {}}}}"), entry.path("fieldsV1"));
    }

    @Test
    void a_field_no_longer_declared_goes() {
        ObjectNode object = apply(empty(), "{data: {k: v, gone: v}}", ALICE);

        object = apply(object, "{data: {k: v}}", ALICE);

        assertEquals(tree("{k: v}"), object.get("data"));
    }

    @Test
    void a_field_that_another_declares_too_stays() {
        ObjectNode object = apply(empty(), "{data: {k: v, both: v}}", ALICE);
        object = apply(object, "{data: {both: v}}", BOB);

        object = apply(object, "{data: {k: v}}", ALICE);

        assertEquals(tree("{k: v, both: v}"), object.get("data"));
    }

    @Test
    void the_last_field_of_a_map_takes_the_map_with_it() {
        ObjectNode object = apply(empty(), "{metadata: {labels: {x: '1'}}, data: {k: v}}", ALICE);

        object = apply(object, "{data: {k: v}}", ALICE);

        assertEquals(false, object.path("metadata").has("labels"));
    }

    @Test
    void another_value_for_anothers_field_is_a_conflict() {
        ObjectNode object = apply(empty(), "{spec: {replicas: 1, paused: true}}", ALICE);

        ApplyResult result =
                ServerSideApply.apply(object, tree("{spec: {replicas: 2, paused: true}}"), BOB, false, NOW);

        assertEquals(
                List.of(new ApplyResult.Conflict(ALICE, ".spec.replicas")),
                assertInstanceOf(ApplyResult.Conflicts.class, result).conflicts());
    }

    @Test
    void force_takes_the_field_over() {
        ObjectNode object = apply(empty(), "{spec: {replicas: 1, paused: true}}", ALICE);

        object = merged(ServerSideApply.apply(object, tree("{spec: {replicas: 2}}"), BOB, true, NOW));
        object = apply(object, "{spec: {paused: true}}", ALICE);

        assertEquals(tree("{replicas: 2, paused: true}"), object.get("spec"));
    }

    @Test
    void an_edit_by_hand_conflicts_and_is_named_with_its_list_item() {
        ObjectNode object = apply(empty(), "{spec: {containers: [{name: web, image: one}]}}", ALICE);
        ObjectNode edited = object.deepCopy();
        ((ObjectNode) edited.path("spec").path("containers").path(0)).put("image", "two");
        edited = Ownership.updated(object, edited, EDITOR, NOW);

        ApplyResult result = ServerSideApply.apply(
                edited, tree("{spec: {containers: [{name: web, image: one}]}}"), ALICE, false, NOW);

        assertEquals(
                ".spec.containers[name=\"web\"].image",
                assertInstanceOf(ApplyResult.Conflicts.class, result)
                        .conflicts()
                        .getFirst()
                        .path());
    }

    @Test
    void list_items_are_merged_by_key_and_dropped_with_their_last_owner() {
        ObjectNode object = apply(empty(), "{spec: {containers: [{name: a, image: x}, {name: b, image: x}]}}", ALICE);
        object = apply(object, "{spec: {containers: [{name: c, image: y}]}}", BOB);
        assertEquals(List.of("a", "b", "c"), names(object));

        object = apply(object, "{spec: {containers: [{name: a, image: x}]}}", ALICE);

        assertEquals(List.of("a", "c"), names(object));
    }

    @Test
    void ports_without_a_protocol_are_tcp_ports() {
        ObjectNode object = apply(empty(), "{spec: {ports: [{containerPort: 80}]}}", ALICE);
        ObjectNode defaulted = object.deepCopy();
        ((ObjectNode) defaulted.path("spec").path("ports").path(0)).put("protocol", "TCP");

        ObjectNode again = apply(defaulted, "{spec: {ports: [{containerPort: 80, name: web}]}}", ALICE);

        assertEquals(
                tree("[{containerPort: 80, protocol: TCP, name: web}]"),
                again.path("spec").path("ports"));
    }

    @Test
    void applying_the_same_again_changes_nothing_not_even_the_time() {
        String config = "{metadata: {labels: {x: '1'}}, spec: {containers: [{name: a, image: x, args: [a, b]}]}}";
        ObjectNode object = apply(empty(), config, ALICE);

        assertEquals(object, merged(ServerSideApply.apply(object, tree(config), ALICE, false, LATER)));
    }

    @Test
    void an_update_owns_what_it_changed_and_takes_it_from_others() {
        ObjectNode object = apply(empty(), "{data: {k: v, other: v}}", ALICE);
        ObjectNode edited = object.deepCopy();
        ((ObjectNode) edited.get("data")).put("k", "mine").put("added", "x").remove("other");

        ObjectNode updated = Ownership.updated(object, edited, EDITOR, LATER);

        ManagedFields managed = ManagedFields.of(updated);
        assertEquals(List.of(), managed.of(ALICE).paths());
        assertEquals(List.of(".data.added", ".data.k"), managed.of(EDITOR).paths());
    }

    @Test
    void field_sets_survive_their_written_form() {
        FieldSet fields = FieldSet.of(
                tree("{a: 1, m: {}, finalizers: [x], spec: {containers: [{name: c, env: [{name: E}]}], args: [1]}}"));

        assertEquals(fields, FieldSet.ofFieldsV1(fields.toFieldsV1()));
    }

    private static ObjectNode apply(ObjectNode live, String config, Writer writer) {
        return merged(ServerSideApply.apply(live, tree(config), writer, false, NOW));
    }

    private static ObjectNode merged(ApplyResult result) {
        return assertInstanceOf(ApplyResult.Merged.class, result, result.toString())
                .object();
    }

    private static List<String> names(ObjectNode object) {
        return object.path("spec")
                .path("containers")
                .valueStream()
                .map(item -> item.path("name").asText())
                .toList();
    }

    private static ObjectNode empty() {
        return ObjectCodec.json().createObjectNode();
    }

    @SuppressWarnings("unchecked")
    private static <T extends JsonNode> T tree(String yaml) {
        try {
            return (T) ObjectCodec.json()
                    .readTree(ObjectCodec.json()
                            .writeValueAsBytes(ObjectCodec.yaml().readTree(yaml)));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
