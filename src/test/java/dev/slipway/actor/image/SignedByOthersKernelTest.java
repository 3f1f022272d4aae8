package dev.slipway.actor.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.registry.HostileRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Images of a real registry with signatures that `openssl` has made, put there as `cosign` does it. Slipway is given
/// a Secret with the public key, and a Registry that names it.
@Timeout(120)
class SignedByOthersKernelTest {
    private static final MediaType STATEMENT = new MediaType("application/vnd.dev.cosign.simplesigning.v1+json");

    @TempDir
    private Path directory;

    private ImageRig rig;
    private HostileRegistry source;
    private DockerRegistry hub;
    private Digest image;

    @BeforeEach
    void open() throws Exception {
        source = new HostileRegistry();
        image = ServedImage.of(source, "latest", "one").digest();
        hub = new DockerRegistry(Files.createDirectory(directory.resolve("hub")), "");
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")));
        for (String key : List.of("ours", "another")) {
            openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + key + ".key");
            openssl("pkey -in " + key + ".key -pubout -out " + key + ".pub");
        }
        push(source.manifestOf(image));
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: hub}
                spec:
                  host: "%s"
                  verify: {mode: Enforce, keySecretRef: {name: signer}}
                """.formatted(hub.host()));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
        hub.close();
        source.close();
    }

    @Test
    void an_image_that_another_tool_has_signed_is_pulled_and_called_verified() throws Exception {
        trust("ours");
        sign("ours");

        pull("web");

        assertEquals(image, rig.ready("images/web"));
        rig.await("the verdict", () -> rig.condition("images/web", "Verified").startsWith("True"));
    }

    @Test
    void after_the_key_was_replaced_the_image_is_refused() throws Exception {
        trust("ours");
        sign("ours");
        pull("web");
        rig.ready("images/web");
        Reference name = Reference.parse(hub.host() + "/acme/web:latest");
        assertTrue(rig.images.isKnownGood(name, rig.images.find(image).orElseThrow()));

        trust("another");
        rig.await(
                "the other key",
                () -> !rig.images.isKnownGood(name, rig.images.find(image).orElseThrow()));
        pull("late");

        rig.await("the refusal", () -> rig.condition("images/late", "Verified")
                .equals("False SignatureValidationFailed the image has no signature by the key of its registry"));
        assertTrue(rig.condition("images/late", "Ready").startsWith("False"));
    }

    @Test
    void an_image_that_somebody_else_has_signed_is_refused_and_leaves_nothing() throws Exception {
        trust("ours");
        sign("another");

        pull("web");

        rig.await("the refusal", () -> rig.condition("images/web", "Ready")
                .contains("the image has no signature by the key of its registry"));
        assertTrue(rig.images.find(image).isEmpty());
    }

    private void push(byte[] bytes) throws Exception {
        ImageManifest manifest = (ImageManifest) ManifestCodec.parse(bytes, MediaType.OCI_MANIFEST);
        for (Descriptor blob : List.of(manifest.config(), manifest.layers().getFirst())) {
            hub.blob("acme/web", blob.mediaType(), source.bytesOf(blob));
        }
        hub.manifest("acme/web", "latest", MediaType.OCI_MANIFEST, bytes);
    }

    private void trust(String key) throws Exception {
        rig.apply(
                """
                apiVersion: v1
                kind: Secret
                metadata: {name: signer, namespace: default}
                data: {cosign.pub: %s}
                """.formatted(Base64.getEncoder().encodeToString(Files.readAllBytes(directory.resolve(key + ".pub")))));
        rig.await("the key to be known", () -> rig.condition("registries/hub", "Ready")
                .startsWith("True"));
    }

    /// As `cosign sign --key`: a statement about the image, its signature beside it, under a tag made of the digest.
    private void sign(String key) throws Exception {
        byte[] payload = """
                {"critical":{"identity":{"docker-reference":"%s/acme/web"},"image":{"docker-manifest-digest":"%s"},\
                "type":"cosign container image signature"},"optional":null}""".formatted(hub.host(), image).getBytes(UTF_8);
        Files.write(directory.resolve("payload"), payload);
        openssl("dgst -sha256 -sign " + key + ".key -out signature payload");
        String signature = Base64.getEncoder().encodeToString(Files.readAllBytes(directory.resolve("signature")));
        Descriptor statement = hub.blob("acme/web", STATEMENT, payload);
        Descriptor signed = new Descriptor(
                STATEMENT,
                statement.digest(),
                statement.sizeBytes(),
                null,
                Map.of("dev.cosignproject.cosign/signature", signature));
        Descriptor config = hub.blob("acme/web", MediaType.OCI_CONFIG, "{}".getBytes(UTF_8));
        hub.manifest(
                "acme/web",
                "sha256-" + image.hex() + ".sig",
                MediaType.OCI_MANIFEST,
                ManifestCodec.write(new ImageManifest(config, List.of(signed))));
    }

    private void pull(String name) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %s}
                spec: {source: {pull: {reference: "%s/acme/web:latest"}}}
                """.formatted(name, hub.host()));
    }

    private void openssl(String words) {
        Command.sh("cd \"$0\" && openssl " + words, directory);
    }
}
