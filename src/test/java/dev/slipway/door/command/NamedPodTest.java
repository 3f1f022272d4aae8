package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.desired.meta.ObjectCodec;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NamedPodTest {
    @Test
    void of_a_deployments_pods_one_that_is_ready_comes_first_then_the_oldest_and_none_that_goes() throws Exception {
        String pods = """
                [{"metadata": {"name": "old", "creationTimestamp": "2026-01-01T00:00:00Z"}},
                 {"metadata": {"name": "gone", "creationTimestamp": "2026-01-01T00:00:00Z",
                               "deletionTimestamp": "2026-01-02T00:00:00Z"},
                  "status": {"conditions": [{"type": "Ready", "status": "True"}]}},
                 {"metadata": {"name": "young", "creationTimestamp": "2026-01-03T00:00:00Z"},
                  "status": {"conditions": [{"type": "Ready", "status": "True"}]}},
                 {"metadata": {"name": "ready", "creationTimestamp": "2026-01-02T00:00:00Z"},
                  "status": {"conditions": [{"type": "Ready", "status": "True"}]}}]
                """;

        assertEquals(Optional.of("ready"), NamedPod.first(ObjectCodec.json().readTree(pods)));
        assertEquals(
                Optional.of("old"),
                NamedPod.first(ObjectCodec.json().readTree(pods.replace("\"Ready\"", "\"Other\""))));
        assertEquals(Optional.empty(), NamedPod.first(ObjectCodec.json().readTree("[]")));
    }
}
