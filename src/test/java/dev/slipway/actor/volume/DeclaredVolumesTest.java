package dev.slipway.actor.volume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.api.Deletion;
import dev.slipway.desired.kind.Findings;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.desired.meta.ObjectKey;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// PersistentVolumes that people declare, and the claims that get them, on a real store.
class DeclaredVolumesTest {
    @TempDir
    private Path folder = Path.of("");

    private ClaimRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = new ClaimRig(folder);
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    @Test
    void the_smallest_that_fits_is_bound_and_leads_to_its_data() throws Exception {
        rig.persistent("large", "5Gi", "hostPath: {path: /srv/large}");
        rig.persistent("small", "2Gi", "hostPath: {path: /srv/small, type: DirectoryOrCreate}");
        rig.persistent("tiny", "512Mi", "hostPath: {path: /srv/tiny}");
        assertEquals("Available", rig.phase("small"));

        rig.claim("data", "");

        assertEquals("Bound", rig.phase("small"));
        assertEquals("Available", rig.phase("large"));
        assertEquals("Available", rig.phase("tiny"));
        ApiObject claim = rig.claim("data");
        assertEquals("Bound", claim.status().path("phase").asText());
        assertEquals("2Gi", claim.status().at("/capacity/storage").asText());
        assertEquals("small", claim.spec().path("volumeName").asText());
        assertEquals(claim.uid(), rig.get("small").spec().at("/claimRef/uid").asText());
        ApiObject volume = rig.volume("data").orElseThrow();
        assertEquals("HostPath", volume.spec().path("type").asText());
        assertEquals("/srv/small", volume.spec().at("/hostPath/path").asText());
        assertEquals("DirectoryOrCreate", volume.spec().at("/hostPath/type").asText());
        long version = rig.store.resourceVersion();
        rig.settle();
        assertEquals(version, rig.store.resourceVersion(), "a round that finds nothing to do writes nothing");
    }

    @Test
    void class_mode_size_and_labels_must_fit() throws Exception {
        rig.persistent("small", "512Mi", "hostPath: {path: /srv}");
        rig.persistent("written-by-many", "1Gi", "hostPath: {path: /srv}");
        rig.persistent("foreign", "1Gi", "csi: {driver: a, volumeHandle: b}");
        rig.persistent("raw", "1Gi", "volumeMode: Block\n  local: {path: /dev/sdz}");
        rig.create(
                "v1",
                "PersistentVolume",
                "other",
                ClaimRig.MANUAL.replace("manual", "other").formatted("1Gi", "hostPath: {path: /srv}"));

        rig.claim("data", "selector: {matchLabels: {disk: fast}}");
        assertEquals("Pending", rig.claim("data").status().path("phase").asText());
        rig.claim("many", "volumeName: written-by-many");
        assertEquals("Bound", rig.claim("many").status().path("phase").asText(), "who names it needs no labels");
        assertTrue(
                rig.messages().contains("storageclass.storage.k8s.io \"manual\" not found"),
                rig.messages().toString());

        ObjectNode labelled = ClaimRig.object(
                "v1",
                "PersistentVolume",
                "labelled",
                ClaimRig.MANUAL.formatted(
                        "1Gi", "nfs: {server: files, path: /a, readOnly: true}\n  mountOptions: [hard, vers=4.1]"));
        labelled.withObject("/metadata/labels").put("disk", "fast");
        rig.api.create(rig.kind("v1", "PersistentVolume"), "", labelled, ClaimRig.ALICE);
        rig.settle();

        assertEquals("labelled", rig.claim("data").spec().path("volumeName").asText());
        ApiObject volume = rig.volume("data").orElseThrow();
        assertEquals("NFS", volume.spec().path("type").asText());
        assertEquals(
                "{\"server\":\"files\",\"path\":\"/a\",\"readOnly\":true,\"options\":[\"hard\",\"vers=4.1\"]}",
                volume.spec().path("nfs").toString());
    }

    @Test
    void what_a_claim_names_and_cannot_have_is_said() throws Exception {
        rig.persistent("small", "512Mi", "local: {path: /srv}");
        rig.persistent("taken", "1Gi", "claimRef: {namespace: default, name: another}\n  hostPath: {path: /srv}");

        rig.claim("one", "volumeName: small");
        rig.claim("two", "volumeName: taken");
        rig.claim("three", "volumeName: none");

        assertTrue(
                rig.messages()
                        .containsAll(List.of(
                                "Cannot bind to requested volume \"small\": requested PV is too small",
                                "volume \"taken\" already bound to a different claim.",
                                "volume \"none\" not found")),
                rig.messages().toString());
        assertEquals("Available", rig.phase("taken"));
    }

    @Test
    void one_that_waits_for_a_claim_is_that_claims() throws Exception {
        rig.persistent("a", "1Gi", "hostPath: {path: /srv/a}");
        rig.persistent("b", "9Gi", "claimRef: {namespace: default, name: data}\n  local: {path: /srv/b}");

        rig.claim("data", "");

        assertEquals("b", rig.claim("data").spec().path("volumeName").asText());
        assertEquals(
                "Directory",
                rig.volume("data").orElseThrow().spec().at("/hostPath/type").asText());
    }

    @Test
    void what_a_claim_leaves_behind_is_released_and_free_when_somebody_says_so() throws Exception {
        rig.persistent("kept", "1Gi", "hostPath: {path: /srv}");
        rig.claim("data", "");

        rig.deleteClaim("data");

        assertEquals("Released", rig.phase("kept"));
        assertTrue(rig.volume("data")
                .filter(each -> each.deletionTimestamp().isEmpty())
                .isEmpty());
        rig.finishVolume("data");
        rig.claim("data", "");
        assertEquals("Pending", rig.claim("data").status().path("phase").asText(), "it is another claim");
        ObjectNode free = rig.get("kept").copyTree();
        free.withObject("/spec").remove("claimRef");
        rig.api.update(rig.kind("v1", "PersistentVolume"), ClaimRig.key("kept"), free, ClaimRig.ALICE);
        rig.settle();
        assertEquals("Bound", rig.phase("kept"));
        assertEquals("Bound", rig.claim("data").status().path("phase").asText());
    }

    @Test
    void the_data_of_one_that_is_to_be_deleted_stay_and_it_says_so() throws Exception {
        rig.persistent("gone", "1Gi", "persistentVolumeReclaimPolicy: Delete\n  hostPath: {path: /srv}");
        rig.claim("data", "");

        rig.deleteClaim("data");

        assertEquals("Failed", rig.phase("gone"));
        assertEquals(
                "VolumeFailedDelete", rig.get("gone").status().path("reason").asText());
    }

    @Test
    void one_that_a_claim_has_stays_until_the_claim_goes() throws Exception {
        rig.persistent("held", "1Gi", "hostPath: {path: /srv}");
        rig.claim("data", "");

        rig.api.delete(rig.kind("v1", "PersistentVolume"), ClaimRig.key("held"), Deletion.PLAIN);
        rig.settle();
        assertTrue(rig.store.get(ClaimRig.key("held")).isPresent());
        assertEquals("Bound", rig.claim("data").status().path("phase").asText());

        rig.deleteClaim("data");
        assertEquals(Optional.empty(), rig.store.get(ClaimRig.key("held")));
    }

    @Test
    void a_claim_whose_volume_was_taken_away_is_lost() throws Exception {
        rig.persistent("held", "1Gi", "hostPath: {path: /srv}");
        rig.claim("data", "");
        ObjectNode unheld = rig.get("held").copyTree();
        unheld.withObject("/metadata").putArray("finalizers");
        rig.api.update(rig.kind("v1", "PersistentVolume"), ClaimRig.key("held"), unheld, ClaimRig.ALICE);
        rig.api.delete(rig.kind("v1", "PersistentVolume"), ClaimRig.key("held"), Deletion.PLAIN);

        rig.settle();

        assertEquals("Lost", rig.claim("data").status().path("phase").asText());
        assertTrue(rig.messages().stream().anyMatch(each -> each.startsWith("Bound claim has lost")));
    }

    @Test
    void a_claim_that_was_served_by_a_volume_of_its_own_goes_on_to_be_whatever_it_names() throws Exception {
        rig.persistent("named", "1Gi", "hostPath: {path: /srv}");
        ObjectNode claim =
                ClaimRig.object("v1", "PersistentVolumeClaim", "data", ClaimRig.CLAIM.formatted("volumeName: named"));
        ApiObject made = rig.api
                .create(rig.kind("v1", "PersistentVolumeClaim"), "default", claim, ClaimRig.ALICE)
                .object();
        rig.create(
                "slipway.dev/v1alpha1",
                "Volume",
                "data, annotations: {slipway.dev/claim: \"%s\"}".formatted(made.uid()),
                "spec: {type: Managed, capacity: 1Gi}");

        rig.settle();

        assertEquals("Bound", rig.claim("data").status().path("phase").asText());
        assertEquals("Available", rig.phase("named"));
        assertEquals(
                "Managed", rig.volume("data").orElseThrow().spec().path("type").asText());
        rig.api.delete(rig.kind("v1", "PersistentVolume"), ClaimRig.key("named"), Deletion.PLAIN);
        rig.settle();
        assertEquals("Bound", rig.claim("data").status().path("phase").asText());
    }

    @Test
    void a_claim_is_not_led_elsewhere_when_another_volume_takes_the_name_of_its_own() throws Exception {
        rig.persistent("held", "1Gi", "hostPath: {path: /srv/a}");
        rig.claim("data", "");
        ObjectNode unheld = rig.get("held").copyTree();
        unheld.withObject("/metadata").putArray("finalizers");
        rig.api.update(rig.kind("v1", "PersistentVolume"), ClaimRig.key("held"), unheld, ClaimRig.ALICE);
        rig.api.delete(rig.kind("v1", "PersistentVolume"), ClaimRig.key("held"), Deletion.PLAIN);

        rig.persistent("held", "1Gi", "hostPath: {path: /srv/b}");

        assertTrue(
                rig.messages().stream().anyMatch(each -> each.contains("leads elsewhere")),
                rig.messages().toString());
        assertEquals(
                "/srv/a",
                rig.volume("data").orElseThrow().spec().at("/hostPath/path").asText());
        assertEquals("Bound", rig.claim("data").status().path("phase").asText());
    }

    @Test
    void one_that_was_stored_before_there_was_a_default_can_be_written() throws Exception {
        rig.persistent("old", "1Gi", "hostPath: {path: /srv}");
        ApiObject before = rig.get("old");
        ((ObjectNode) before.spec().path("hostPath")).remove("type");
        ApiObject after = rig.get("old");
        Findings findings = new Findings();

        rig.kind("v1", "PersistentVolume").validate(after, before, findings);

        assertEquals(List.of(), findings.errors());
    }

    @Test
    void recycling_is_refused() {
        ApiException refused = assertThrows(
                ApiException.class,
                () -> rig.persistent("old", "1Gi", "persistentVolumeReclaimPolicy: Recycle\n  hostPath: {path: /srv}"));

        assertTrue(refused.getMessage().contains("persistentVolumeReclaimPolicy"), refused.getMessage());
    }

    @Test
    void data_of_another_host_are_not_taken_for_those_of_the_same_path_here() throws Exception {
        rig.create("v1", "Node", "here, labels: {kubernetes.io/hostname: here}", "spec: {}");
        rig.persistent("a", "1Gi", local("a"));
        rig.persistent("b", "1Gi", local("b"));
        rig.persistent("this", "2Gi", local("here"));

        rig.claim("data-0", "");
        rig.claim("data-1", "");
        rig.claim("data-2", "volumeName: a");

        assertEquals("Bound", rig.phase("this"));
        assertEquals("this", rig.claim("data-0").spec().path("volumeName").asText());
        assertEquals("Available", rig.phase("a"));
        assertEquals("Available", rig.phase("b"));
        assertEquals("Pending", rig.claim("data-1").status().path("phase").asText());
        assertTrue(
                rig.messages()
                        .contains("Cannot bind to requested volume \"a\": node(s) had volume node affinity conflict"),
                rig.messages().toString());
    }

    @Test
    void a_claim_waits_for_the_node_where_its_volume_asks_for_one() throws Exception {
        rig.create("storage.k8s.io/v1", "StorageClass", "manual", "provisioner: slipway.dev/local");
        rig.persistent("this", "1Gi", local("here"));
        rig.claim("data", "");
        assertEquals("Pending", rig.claim("data").status().path("phase").asText());

        rig.create("v1", "Node", "here, labels: {kubernetes.io/hostname: here}", "spec: {}");

        ApiObject node = rig.store
                .get(new ObjectKey(GroupResource.core("nodes"), "", "here"))
                .orElseThrow();
        assertEquals(1, rig.claims.concerned(node).size());
        rig.settle();
        assertEquals("Bound", rig.phase("this"));
    }

    private static String local(String host) {
        return """
            local: {path: /mnt/disk1}
              nodeAffinity:
                required:
                  nodeSelectorTerms:
                  - matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [%s]}]
            """.formatted(host);
    }

    @Test
    void a_claim_with_a_selector_gets_no_volume_made_and_waits_for_one_that_fits() throws Exception {
        rig.create("storage.k8s.io/v1", "StorageClass", "manual", "provisioner: slipway.dev/local");
        rig.claim("data", "selector: {matchLabels: {disk: fast}}");
        assertEquals("Pending", rig.claim("data").status().path("phase").asText());
        assertEquals(Optional.empty(), rig.volume("data"));
        assertTrue(
                rig.messages().stream().anyMatch(each -> each.endsWith("claim Selector is not supported")),
                rig.messages().toString());

        rig.persistent("labelled, labels: {disk: fast}", "1Gi", "hostPath: {path: /srv}");

        assertEquals("labelled", rig.claim("data").spec().path("volumeName").asText());
        assertEquals("Bound", rig.claim("data").status().path("phase").asText());
    }
}
