package dev.slipway.desired.merge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrategicMergeTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    maps are merged           | {a: {x: 1}}                                 | {a: {y: 2}}                                         | {a: {x: 1, y: 2}}
                    null removes              | {a: 1, b: 2}                                | {a: null}                                           | {b: 2}
                    list items by key         | {containers: [{name: a, image: x}]}         | {containers: [{name: a, image: y}, {name: b}]}      | {containers: [{name: a, image: y}, {name: b}]}
                    an item is deleted        | {containers: [{name: a}, {name: b}]}        | {containers: [{name: a, $patch: delete}]}           | {containers: [{name: b}]}
                    a list is replaced        | {containers: [{name: a}, {name: b}]}        | {containers: [{name: c}, {$patch: replace}]}        | {containers: [{name: c}]}
                    a map is replaced         | {a: {x: 1}}                                 | {a: {y: 2, $patch: replace}}                        | {a: {y: 2}}
                    a map is deleted          | {a: {x: 1}, b: 1}                           | {a: {$patch: delete}}                               | {b: 1}
                    plain lists are replaced  | {args: [a, b]}                              | {args: [c]}                                         | {args: [c]}
                    sets are united           | {finalizers: [a]}                           | {finalizers: [b]}                                   | {finalizers: [a, b]}
                    values are deleted        | {finalizers: [a, b]}                        | {$deleteFromPrimitiveList/finalizers: [a]}          | {finalizers: [b]}
                    keys are retained         | {s: {type: A, a: 1}}                        | {s: {type: B, b: 2, $retainKeys: [type, b]}}        | {s: {type: B, b: 2}}
                    order is set              | {containers: [{name: a}, {name: b}]}        | {$setElementOrder/containers: [{name: b}, {name: a}], containers: [{name: a, image: x}]} | {containers: [{name: b}, {name: a, image: x}]}
                    ports by port             | {ports: [{containerPort: 80, name: x}]}     | {ports: [{containerPort: 80, name: y}, {containerPort: 81}]} | {ports: [{containerPort: 80, name: y}, {containerPort: 81}]}
                    new items lose directives | {}                                          | {containers: [{name: a, env: [{name: X, $patch: delete}, {name: Y}]}]} | {containers: [{name: a, env: [{name: Y}]}]}
                    """)
    void a_patch_gives(String what, String target, String patch, String result) throws Exception {
        assertEquals(tree(result), StrategicMerge.apply(tree(target), tree(patch)), what);
    }

    @Test
    void an_item_without_its_key_is_refused() {
        PatchException refused = assertThrows(
                PatchException.class,
                () -> StrategicMerge.apply(tree("{containers: [{name: a}]}"), tree("{containers: [{image: x}]}")));

        assertTrue(refused.getMessage().endsWith("does not contain declared merge key: name"), refused.getMessage());
    }

    @Test
    void a_merge_patch_replaces_lists_and_removes_nulls() throws IOException {
        assertEquals(
                tree("{a: [3], c: {d: 1}}"),
                MergePatch.apply(tree("{a: [1, 2], b: 1}"), tree("{a: [3], b: null, c: {d: 1, e: null}}")));
    }

    @Test
    void a_json_patch_that_does_not_fit_is_refused() throws Exception {
        ObjectNode target = tree("{a: 1}");

        assertEquals(
                tree("{b: 1}"),
                JsonPatches.apply(target, ObjectCodec.yaml().readTree("[{op: move, from: /a, path: /b}]")));
        assertThrows(
                PatchException.class,
                () -> JsonPatches.apply(target, ObjectCodec.yaml().readTree("[{op: remove, path: /none}]")));
        assertThrows(PatchException.class, () -> JsonPatches.apply(target, tree("{op: remove}")));
    }

    private static ObjectNode tree(String yaml) throws IOException {
        return (ObjectNode) ObjectCodec.yaml().readTree(yaml);
    }
}
