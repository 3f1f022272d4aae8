package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageUsersTest {
    @Test
    void a_pod_uses_what_its_containers_run_and_what_they_mount() throws IOException {
        ApiObject pod = ApiObject.of((ObjectNode) ObjectCodec.yaml().readTree("""
                spec:
                  volumes: [{name: e, emptyDir: {}}, {name: m, image: {reference: "acme/model:1"}}]
                  initContainers: [{name: first, image: tools}]
                  containers: [{name: main, image: app}]
                """));

        assertEquals(List.of("acme/model:1", "tools", "app"), ImageUsers.images(pod));
    }
}
