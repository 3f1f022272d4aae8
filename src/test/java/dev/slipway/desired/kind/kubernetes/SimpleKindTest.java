package dev.slipway.desired.kind.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimpleKindTest {
    @Test
    void who_closes_the_node_to_pods_learns_that_it_stays_open() throws IOException {
        assertEquals(
                List.of("spec.unschedulable", "spec.taints"),
                ignored("{unschedulable: true, taints: [{key: a, effect: NoSchedule}], providerID: x}"));
    }

    @Test
    void a_node_that_is_open_ignores_nothing() throws IOException {
        assertEquals(List.of(), ignored("{unschedulable: false, taints: []}"));
        assertEquals(List.of(), ignored("{}"));
    }

    private static List<String> ignored(String spec) throws IOException {
        String node = "{apiVersion: v1, kind: Node, metadata: {name: host}, spec: %s}".formatted(spec);
        return SimpleKind.node()
                .ignoredFields(ApiObject.of(ObjectCodec.yaml().readTree(node).deepCopy()));
    }
}
