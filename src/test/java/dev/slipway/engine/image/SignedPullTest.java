package dev.slipway.engine.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Verification.Mode;
import dev.slipway.engine.signature.Verdict;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Pulls from a registry whose images need a signature.
class SignedPullTest {
    private static final MediaType STATEMENT = new MediaType("application/vnd.dev.cosign.simplesigning.v1+json");
    private static final KeyPair KEY = key("EC");

    @TempDir
    Path root;

    private ImagesRig rig;
    private Digest image;

    @BeforeEach
    void serve() throws Exception {
        rig = new ImagesRig(root);
        image = TestImage.of("layer").serve(rig.registry, "v1").digest();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @ParameterizedTest
    @CsvSource({"EC, SHA256withECDSA", "RSA, SHA256withRSA", "Ed25519, Ed25519"})
    void an_image_that_the_key_has_signed_is_pulled(String algorithm, String signature) {
        KeyPair pair = key(algorithm);
        rig.verify(Mode.ENFORCE, pem(pair));
        sign(pair, signature, image, image);

        assertEquals(image, rig.pulled("web", "v1").digest());
    }

    @Test
    void an_image_without_a_signature_is_not_pulled_and_leaves_nothing() throws Exception {
        rig.verify(Mode.ENFORCE, pem(KEY));

        PullOutcome.Failed failed = rig.failed("web", "v1");

        assertEquals(PullOutcome.Reason.UNVERIFIED, failed.reason());
        assertTrue(failed.message().contains("no signature by the key"), failed::message);
        assertTrue(rig.images.list().isEmpty());
        assertTrue(rig.content.list().isEmpty());
    }

    @Test
    void a_signature_by_another_key_does_not_count() {
        rig.verify(Mode.ENFORCE, pem(KEY));
        sign(key("EC"), "SHA256withECDSA", image, image);

        assertEquals(PullOutcome.Reason.UNVERIFIED, rig.failed("web", "v1").reason());
    }

    @Test
    void a_signature_of_another_image_does_not_count() {
        rig.verify(Mode.ENFORCE, pem(KEY));
        sign(KEY, "SHA256withECDSA", image, Digest.sha256("another".getBytes(UTF_8)));

        assertEquals(PullOutcome.Reason.UNVERIFIED, rig.failed("web", "v1").reason());
    }

    @Test
    void a_key_that_cannot_be_read_lets_nothing_pass() {
        rig.verify(Mode.ENFORCE, "no key");
        sign(KEY, "SHA256withECDSA", image, image);

        assertEquals(PullOutcome.Reason.UNVERIFIED, rig.failed("web", "v1").reason());
    }

    @Test
    void where_it_is_only_told_an_image_without_signature_is_pulled() {
        rig.verify(Mode.WARN, pem(KEY));

        assertEquals(image, rig.pulled("web", "v1").digest());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_signature_that_refers_to_the_image_counts(boolean inIndexOfReferrers) {
        rig.verify(Mode.ENFORCE, pem(KEY));
        refer(KEY, image, inIndexOfReferrers);

        assertEquals(image, rig.pulled("web", "v1").digest());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_signature_by_another_key_that_refers_to_the_image_does_not_count(boolean inIndexOfReferrers) {
        rig.verify(Mode.ENFORCE, pem(KEY));
        refer(key("EC"), image, inIndexOfReferrers);

        assertEquals(PullOutcome.Reason.UNVERIFIED, rig.failed("web", "v1").reason());
    }

    @Test
    void a_referrer_that_signs_another_image_does_not_count() {
        rig.verify(Mode.ENFORCE, pem(KEY));
        refer(KEY, Digest.sha256("another".getBytes(UTF_8)), true);

        assertEquals(PullOutcome.Reason.UNVERIFIED, rig.failed("web", "v1").reason());
    }

    /// What is wrong with a signature, and what comes of it in each mode.
    @ParameterizedTest
    @CsvSource({"missing", "bad key", "wrong digest"})
    void a_policy_refuses_or_tells_or_does_not_look(String flaw) {
        switch (flaw) {
            case "bad key" -> sign(key("EC"), "SHA256withECDSA", image, image);
            case "wrong digest" -> sign(KEY, "SHA256withECDSA", image, Digest.sha256("another".getBytes(UTF_8)));
            default -> assertEquals("missing", flaw);
        }

        rig.verify(Mode.ENFORCE, pem(KEY));
        assertEquals(PullOutcome.Reason.UNVERIFIED, rig.failed("enforced", "v1").reason());
        rig.verify(Mode.WARN, pem(KEY));
        assertEquals(image, rig.pulled("warned", "v1").digest());
        int asked = rig.registry.seen(".sig").size();
        rig.verify(Mode.OFF, pem(KEY));
        assertEquals(image, rig.pulled("off", "v1").digest());
        assertEquals(asked, rig.registry.seen(".sig").size(), "nobody looks for signatures");
    }

    @Test
    void a_registry_that_fails_is_not_taken_for_one_without_signatures() {
        rig.verify(Mode.ENFORCE, pem(KEY));
        rig.registry.play(".sig", 100, exchange -> HostileRegistry.status(exchange, 503));

        assertEquals(PullOutcome.Reason.UNREACHABLE, rig.failed("web", "v1").reason());
        assertTrue(rig.images.verdict(rig.reference("web", "v1")).isEmpty(), "nothing is known of a signature");
    }

    /// Who only wants to be told gets the image.
    @Test
    void where_it_is_only_told_a_registry_that_does_not_tell_of_signatures_stops_no_pull() {
        rig.verify(Mode.WARN, pem(KEY));
        rig.registry.play(".sig", 100, exchange -> HostileRegistry.status(exchange, 503));

        assertEquals(image, rig.pulled("web", "v1").digest());

        Verdict verdict = rig.images.verdict(rig.reference("web", "v1")).orElseThrow();
        assertEquals(image, verdict.image());
        assertTrue(verdict.why().contains("the server answers 503"), verdict::why);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_image_that_came_while_nothing_was_asked_needs_its_signature_later(boolean pinned) {
        rig.pulled("web", "v1");
        rig.verify(Mode.ENFORCE, pem(KEY));
        Reference name = rig.reference("web", "v1");

        PullOutcome outcome = rig.images.pull(new PullRequest(pinned ? name.pinned(image) : name), PullProgress.SILENT);

        assertEquals(
                PullOutcome.Reason.UNVERIFIED,
                assertInstanceOf(PullOutcome.Failed.class, outcome).reason());
        assertFalse(rig.images.isKnownGood(name, rig.images.find(image).orElseThrow()));
    }

    @Test
    void what_was_found_signed_is_known_after_a_start_also_while_the_registry_does_not_answer() throws Exception {
        rig.verify(Mode.ENFORCE, pem(KEY));
        sign(KEY, "SHA256withECDSA", image, image);
        LocalImage pulled = rig.pulled("web", "v1");
        rig.registry.play("", 100, exchange -> HostileRegistry.status(exchange, 503));
        HostImages again = rig.restarted();
        PullRequest request = new PullRequest(rig.reference("web", "v1"));

        assertInstanceOf(PullOutcome.AlreadyPresent.class, again.pull(request, PullProgress.SILENT));
        assertTrue(again.isKnownGood(request.reference(), pulled));

        assertFalse(again.isKnownGood(rig.reference("other", "v1"), pulled), "another repository");
        rig.verify(Mode.ENFORCE, pem(key("EC")));
        assertFalse(again.isKnownGood(request.reference(), pulled), "another key");
        assertInstanceOf(PullOutcome.Failed.class, again.pull(request, PullProgress.SILENT));
    }

    /// Puts a statement about `named` among what refers to the image: in the registry's own index of that, or in
    /// one that clients keep under a tag.
    private void refer(KeyPair pair, Digest named, boolean inIndexOfReferrers) {
        Descriptor signature = rig.registry.manifest(
                "", MediaType.OCI_MANIFEST, ManifestCodec.write(statement(pair, "SHA256withECDSA", named)));
        byte[] index = ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, List.of(signature), Map.of()));
        if (inIndexOfReferrers) {
            rig.registry.play("/referrers/" + image, 100, exchange -> HostileRegistry.send(exchange, index));
        } else {
            rig.registry.manifest("sha256-" + image.hex(), MediaType.OCI_INDEX, index);
        }
    }

    /// Puts a statement about `named` where that about `image` is looked for.
    private void sign(KeyPair pair, String algorithm, Digest about, Digest named) {
        rig.registry.manifest(
                "sha256-" + about.hex() + ".sig",
                MediaType.OCI_MANIFEST,
                ManifestCodec.write(statement(pair, algorithm, named)));
    }

    private ImageManifest statement(KeyPair pair, String algorithm, Digest named) {
        byte[] payload = """
                {"critical":{"identity":{"docker-reference":"web"},"image":{"docker-manifest-digest":"%s"},\
                "type":"cosign container image signature"},"optional":null}""".formatted(named).getBytes(UTF_8);
        Descriptor statement = rig.registry.blob(STATEMENT, payload);
        Descriptor signed = new Descriptor(
                STATEMENT,
                statement.digest(),
                statement.sizeBytes(),
                null,
                Map.of("dev.cosignproject.cosign/signature", signature(pair, algorithm, payload)));
        Descriptor config = rig.registry.blob(MediaType.OCI_CONFIG, "{}".getBytes(UTF_8));
        return new ImageManifest(config, List.of(signed));
    }

    private static String signature(KeyPair pair, String algorithm, byte[] payload) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(pair.getPrivate());
            signature.update(payload);
            return Base64.getEncoder().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair key(String algorithm) {
        try {
            return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String pem(KeyPair pair) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }
}
