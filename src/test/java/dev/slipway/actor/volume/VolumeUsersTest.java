package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.actor.volume.VolumeUsers.Mount;
import dev.slipway.desired.kind.PodClaims;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VolumeUsersTest {
    private static final String PLAIN = "{metadata: {name: data}}";

    @Test
    void every_mount_of_a_claim_counts() throws IOException {
        ApiObject pod = object("""
                metadata: {name: web}
                spec:
                  volumes: [{name: v, persistentVolumeClaim: {claimName: data}}, {name: w, emptyDir: {}}]
                  initContainers: [{name: first, volumeMounts: [{name: v, mountPath: /in}]}]
                  containers:
                  - {name: main, volumeMounts: [{name: v, mountPath: /a}, {name: v, mountPath: /b, readOnly: true}]}
                  - {name: side, volumeMounts: [{name: w, mountPath: /w}]}
                """);

        assertEquals(
                List.of(
                        new Mount("web", "first", "/in", false),
                        new Mount("web", "main", "/a", false),
                        new Mount("web", "main", "/b", true)),
                VolumeUsers.mounts(object(PLAIN), List.of(pod)));
        assertEquals(Set.of("data"), PodClaims.all(pod));
    }

    @Test
    void a_claim_that_is_mounted_nowhere_counts() throws IOException {
        ApiObject pod = object("""
                metadata: {name: web}
                spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: data, readOnly: true}}], containers: [{name: main}]}
                """);

        assertEquals(List.of(new Mount("web", "", "", true)), VolumeUsers.mounts(object(PLAIN), List.of(pod)));
    }

    @Test
    void other_claims_do_not_count() throws IOException {
        ApiObject pod = object("""
                metadata: {name: web}
                spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: other}}], containers: [{name: main, volumeMounts: [{name: v, mountPath: /a}]}]}
                """);

        assertEquals(List.of(), VolumeUsers.mounts(object(PLAIN), List.of(pod)));
    }

    @ParameterizedTest
    @CsvSource({"Running, '', 1", "Pending, '', 1", "Succeeded, '', 0", "Failed, '', 0", "Succeeded, Kept, 1"})
    void a_pod_that_has_finished_for_good_does_not_count(String phase, String layer, int mounts) throws IOException {
        ApiObject pod = object("""
                metadata: {name: web, annotations: {slipway.dev/storage-layer: "%s"}}
                spec: {volumes: [{name: v, persistentVolumeClaim: {claimName: data}}], containers: [{name: main}]}
                status: {phase: %s}
                """.formatted(layer, phase));

        assertEquals(mounts, VolumeUsers.mounts(object(PLAIN), List.of(pod)).size());
    }

    @Test
    void a_volume_of_an_image_says_what_it_was_made_for() throws IOException {
        ApiObject volume = object("""
                metadata:
                  name: web-0a1b
                  annotations: {slipway.dev/image-path: /data}
                  ownerReferences: [{kind: Container, name: web, uid: u}]
                """);
        ApiObject pod = object("{metadata: {name: web}, spec: {containers: [{name: main}]}}");

        assertEquals(Optional.of(new VolumeUsers.Origin("Container", "web", "/data")), VolumeUsers.origin(volume));
        assertEquals(List.of(new Mount("web", "main", "/data", false)), VolumeUsers.mounts(volume, List.of(pod)));
        assertEquals(Optional.empty(), VolumeUsers.origin(object(PLAIN)));
    }

    private static ApiObject object(String yaml) throws IOException {
        return ApiObject.of((ObjectNode) ObjectCodec.yaml().readTree(yaml));
    }
}
