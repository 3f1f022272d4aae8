package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.engine.oci.Digest;
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

    @Test
    void a_pod_uses_what_it_has_mounted_whatever_has_the_name_now() throws IOException {
        String model = "sha256:" + "1".repeat(64);
        String app = "sha256:" + "2".repeat(64);
        ApiObject pod = ApiObject.of((ObjectNode) ObjectCodec.yaml().readTree("""
                status:
                  containerStatuses:
                  - imageID: acme/app@%s
                    volumeMounts:
                    - {name: m, mountPath: /model, volumeStatus: {image: {imageRef: "%s"}}}
                    - {name: e, mountPath: /tmp}
                """.formatted(app, model)));

        assertEquals(
                List.of(app, model),
                ImageUsers.mentioned(pod).stream().map(Digest::value).toList());
    }
}
