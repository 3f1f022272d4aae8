package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.desired.meta.Reason;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.HostileRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images of registries that want signatures, which none of them has.
class SignedImagesKernelTest {
    @TempDir
    private Path directory;

    private ImageRig rig;
    private HostileRegistry registry;
    private Digest image;

    @BeforeEach
    void open() throws Exception {
        registry = new HostileRegistry();
        image = ServedImage.of(registry, "latest", "one").digest();
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
        registry.close();
    }

    private void policy(String mode) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: signed}
                spec:
                  host: "%s"
                  verify: {mode: %s, keySecretRef: {name: none}}
                """.formatted(registry.host(), mode));
        rig.await("the policy", () -> rig.get("registries/signed")
                .filter(object -> object.status().path("observedGeneration").asLong() == object.generation())
                .isPresent());
    }

    private void pull(String name, String path) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %s}
                spec: {source: {pull: {reference: "%s/%s"}}}
                """.formatted(name, registry.host(), path));
    }

    @Test
    void a_tag_does_not_follow_to_an_image_that_is_here_without_its_signature() throws Exception {
        pull("early", "acme/web:latest");
        assertEquals(image, rig.ready("images/early"));
        policy("Enforce");

        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: web}
                spec:
                  repository: acme/web
                  target: {follow: {reference: "%s/acme/web:latest", interval: 1s}}
                """.formatted(registry.host()));

        rig.await("the refusal", () -> rig.condition("tags/web", "Resolved").startsWith("False"));
        rig.await("its words", () -> rig.condition("tags/web", "Resolved").contains("no public key"));
        assertTrue(rig.images.find(Reference.parse("acme/web")).isEmpty());
        assertEquals("", rig.field("tags/web", "/status/digest"));
    }

    @Test
    void a_pinned_tag_does_not_pull_an_image_without_its_signature() throws Exception {
        policy("Enforce");

        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: web}
                spec: {repository: "%s/acme/web", target: {digest: "%s"}}
                """.formatted(registry.host(), image));

        rig.await("the refusal", () -> rig.condition("tags/web", "Ready").contains("no public key"));
        assertTrue(rig.images.find(image).isEmpty());
    }

    @Test
    void a_pod_does_not_get_an_image_that_is_here_without_its_signature() throws Exception {
        pull("early", "acme/web:latest");
        rig.ready("images/early");
        policy("Enforce");
        for (String name : new String[] {"acme/web:latest", "acme/web@" + image}) {
            String pod = name.contains("@") ? "pinned" : "named";
            rig.apply("""
                    apiVersion: v1
                    kind: Pod
                    metadata: {name: %s, namespace: default}
                    spec: {containers: [{name: main, image: "%s/%s"}]}
                    """.formatted(pod, registry.host(), name));

            rig.await(
                    "the refusal of " + name,
                    () -> rig.ask(pod, PullPolicy.IF_NOT_PRESENT) instanceof PodImages.Answer.Failed failed
                            && failed.reason().equals(Reason.SIGNATURE_VALIDATION_FAILED.toString()));
        }
    }

    @Test
    void where_it_is_only_told_the_image_says_that_it_is_not_verified() throws Exception {
        policy("Warn");
        pull("web", "acme/web:latest");

        assertEquals(image, rig.ready("images/web"));

        String verified = rig.condition("images/web", "Verified");
        assertTrue(verified.startsWith("False SignatureValidationFailed there is no public key"), verified);
        rig.await("the event", () -> rig.events("web").stream()
                .anyMatch(event -> event.startsWith("SignatureValidationFailed: Image has no good signature: ")));
    }

    @Test
    void where_it_is_enforced_the_image_that_is_refused_says_so() throws Exception {
        policy("Enforce");
        pull("web", "acme/web:latest");

        rig.await("the condition", () -> rig.condition("images/web", "Verified")
                .startsWith("False SignatureValidationFailed"));
        rig.await("the failure", () -> rig.condition("images/web", "Ready").startsWith("False"));
    }

    @Test
    void a_declared_image_that_is_here_without_its_signature_is_refused() throws Exception {
        pull("early", "acme/web:latest");
        rig.ready("images/early");
        policy("Enforce");

        pull("late", "acme/web:latest");

        rig.await("the refusal", () -> rig.condition("images/late", "Ready").startsWith("False"));
        rig.await("its words", () -> rig.condition("images/late", "Ready").contains("no public key"));
    }

    @Test
    void a_build_does_not_get_an_image_that_is_here_without_its_signature() throws Exception {
        pull("early", "acme/web:latest");
        rig.ready("images/early");
        policy("Enforce");
        Map<String, String> bases = Map.of(
                "tagged", "from: \"" + registry.host() + "/acme/web:latest\"",
                "pinned", "from: \"" + registry.host() + "/acme/web@" + image + "\"",
                "declared", "imageName: early");
        for (Map.Entry<String, String> base : bases.entrySet()) {
            String name = base.getKey();
            rig.apply("""
                    apiVersion: slipway.dev/v1alpha1
                    kind: Image
                    metadata: {name: %s}
                    spec:
                      source:
                        build:
                          %s
                          steps: [{copy: {to: /greeting, content: hello}}]
                    """.formatted(name, base.getValue()));

            rig.await("the refusal of " + name, () -> rig.condition("images/" + name, "Ready")
                    .contains("no public key"));
            assertEquals("", rig.field("images/" + name, "/status/digest"));
        }
    }
}
