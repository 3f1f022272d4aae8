package dev.slipway.desired.meta;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NodeSelectorTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            true  | {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [there, here]}]}
            false | {matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [there]}]}
            false | {matchExpressions: [{key: kubernetes.io/hostname, operator: NotIn, values: [here]}]}
            true  | {matchExpressions: [{key: zone, operator: NotIn, values: [a]}]}
            true  | {matchExpressions: [{key: zone, operator: DoesNotExist}, {key: disks, operator: Exists}]}
            false | {matchExpressions: [{key: zone, operator: Exists}, {key: disks, operator: Exists}]}
            true  | {matchExpressions: [{key: disks, operator: Gt, values: ["3"]}]}
            false | {matchExpressions: [{key: disks, operator: Gt, values: ["4"]}]}
            true  | {matchExpressions: [{key: disks, operator: Lt, values: ["5"]}]}
            false | {matchExpressions: [{key: disks, operator: Lt, values: [many]}]}
            false | {matchExpressions: [{key: disks, operator: Near, values: ["4"]}]}
            true  | {matchFields: [{key: metadata.name, operator: In, values: [node]}]}
            false | {matchFields: [{key: metadata.name, operator: In, values: [here]}]}
            false | {}
            true  | {}, {matchExpressions: [{key: disks, operator: Exists}]}
            """)
    void one_of_the_terms_has_to_hold(boolean holds, String terms) throws Exception {
        ApiObject node = ApiObject.of((ObjectNode) ObjectCodec.yaml().readTree("""
                metadata: {name: node, labels: {kubernetes.io/hostname: here, disks: "4"}}
                """));

        NodeSelector selector =
                NodeSelector.of(ObjectCodec.yaml().readTree("{nodeSelectorTerms: [%s]}".formatted(terms)));

        assertEquals(holds, selector.matches(node));
    }
}
