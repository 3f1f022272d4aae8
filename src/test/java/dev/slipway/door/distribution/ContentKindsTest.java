package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.image.TestImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Each kind of content that the specification's conformance suite pushes, and each way in which it uploads a blob,
/// from the push to the deletion. What is deleted is gone with the answer.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/main/conformance/README.md OCI Distribution Spec
///     Conformance Test
class ContentKindsTest {
    private static final String V2 = "/v2/conformance/repo1";
    private static final byte[] BLOB = "0123456789".repeat(300).getBytes(UTF_8);

    @TempDir
    static Path root;

    private static RegistryRig rig;

    @BeforeAll
    static void open() throws Exception {
        rig = RegistryRig.open(root);
    }

    @AfterAll
    static void close() {
        rig.close();
    }

    static List<PushedContent> kinds() {
        return PushedContent.kinds();
    }

    @ParameterizedTest(name = "{0} is pushed, pulled, found and deleted")
    @MethodSource("kinds")
    void content_of_each_kind_is_pushed_pulled_found_and_deleted(PushedContent content) throws Exception {
        String tag = content.name.replace(' ', '-');

        push(content, tag);
        isThere(content, tag);
        delete(content, tag);

        assertEquals(404, rig.send("HEAD", V2 + "/manifests/" + tag).statusCode());
    }

    private static void push(PushedContent content, String tag) throws Exception {
        for (Digest digest : content.blobs.keySet()) {
            String location = RegistryRig.location(rig.send("POST", V2 + "/blobs/uploads/"));
            RegistryRig.expect(201, rig.send("PUT", location + "?digest=" + digest, content.blobs.get(digest)));
        }
        for (PushedContent.Document each : content.documents) {
            HttpResponse<byte[]> stored = put(each, each.digest().value());
            boolean isAbout = each == content.last() && !content.subject.isEmpty();
            assertEquals(isAbout ? content.subject : "", header(stored, "OCI-Subject"));
        }
        HttpResponse<byte[]> tagged = put(content.last(), content.last().digest() + "?tag=" + tag + "&tag=latest");
        assertEquals(tag + ", latest", header(tagged, "OCI-Tag"));
        RegistryRig.expect(202, rig.send("DELETE", V2 + "/manifests/latest"));
    }

    private static HttpResponse<byte[]> put(PushedContent.Document document, String target) throws Exception {
        return RegistryRig.expect(201, rig.manifest("conformance/repo1", target, document.type(), document.bytes()));
    }

    private static void isThere(PushedContent content, String tag) throws Exception {
        for (Digest digest : content.blobs.keySet()) {
            isServed(V2 + "/blobs/" + digest, content.blobs.get(digest), "application/octet-stream");
        }
        for (PushedContent.Document each : content.documents) {
            isServed(
                    V2 + "/manifests/" + each.digest(),
                    each.bytes(),
                    each.type().value());
        }
        isServed(
                V2 + "/manifests/" + tag,
                content.last().bytes(),
                content.last().type().value());
        assertTrue(body(V2 + "/tags/list").contains("\"" + tag + "\""));
        if (!content.subject.isEmpty()) {
            assertTrue(referrers(content).contains(content.last().digest().value()));
        }
    }

    private static void isServed(String path, byte[] bytes, String type) throws Exception {
        HttpResponse<byte[]> head = RegistryRig.expect(200, rig.send("HEAD", path));
        HttpResponse<byte[]> got = RegistryRig.expect(200, rig.send("GET", path));

        assertEquals("" + bytes.length, header(head, "Content-Length"));
        assertEquals(type, header(head, "Content-Type"));
        assertEquals(header(got, "Docker-Content-Digest"), header(head, "Docker-Content-Digest"));
        assertArrayEquals(bytes, got.body());
    }

    private static void delete(PushedContent content, String tag) throws Exception {
        isDeleted(V2 + "/manifests/" + tag);
        assertTrue(!body(V2 + "/tags/list").contains("\"" + tag + "\""));
        for (PushedContent.Document each : content.documents.reversed()) {
            isDeleted(V2 + "/manifests/" + each.digest());
        }
        for (Digest blob : content.blobs.keySet()) {
            isDeleted(V2 + "/blobs/" + blob);
        }
        if (!content.subject.isEmpty()) {
            assertTrue(!referrers(content).contains(content.last().digest().value()));
        }
    }

    private static void isDeleted(String path) throws Exception {
        RegistryRig.expect(202, rig.send("DELETE", path));
        isGone(path);
    }

    private static void isGone(String path) throws Exception {
        RegistryRig.expect(404, rig.send("HEAD", path));
        RegistryRig.expect(404, rig.send("GET", path));
    }

    @ParameterizedTest(name = "{0} takes a blob of {2} bytes {1}")
    @CsvSource(delimiter = '|', textBlock = """
            sha256 | with the first request           | 3000
            sha256 | as one stream of unknown length  | 3000
            sha256 | in chunks                        | 3000
            sha256 | in chunks, the last to close it  | 3000
            sha256 | in chunks, one too early         | 3000
            sha512 | with the first request           | 3000
            sha512 | as one stream of unknown length  | 3000
            sha512 | in chunks, the last to close it  | 3000
            sha256 | with the first request           | 0
            sha256 | as one stream of unknown length  | 0
            sha256 | with the last request            | 0
            """)
    void a_blob_is_uploaded_in_each_way(String algorithm, String way, int bytes) throws Exception {
        byte[] blob = Arrays.copyOf(BLOB, bytes);
        Digest digest = new Digest(algorithm + ":" + "0".repeat(algorithm.equals("sha256") ? 64 : 128)).of(blob);

        HttpResponse<byte[]> stored = RegistryRig.expect(201, upload(way, blob, digest));

        isServed(RegistryRig.location(stored), blob, "application/octet-stream");
        isDeleted(RegistryRig.location(stored));
    }

    private static HttpResponse<byte[]> upload(String way, byte[] blob, Digest digest) throws Exception {
        String whole = V2 + "/blobs/uploads/?digest=" + digest;
        if (way.startsWith("with the first")) {
            return rig.send("POST", whole, blob);
        }
        String location = RegistryRig.location(RegistryRig.expect(202, rig.send("POST", V2 + "/blobs/uploads/")));
        if (way.startsWith("with the last")) {
            return rig.send("PUT", location + "?digest=" + digest, blob);
        }
        if (way.startsWith("as one stream")) {
            location = RegistryRig.location(RegistryRig.expect(202, rig.stream("PATCH", location, blob)));
            return rig.send("PUT", location + "?digest=" + digest);
        }
        if (way.endsWith("too early")) {
            RegistryRig.expect(416, chunk("PATCH", location, blob, 1000, 2000));
        }
        location = RegistryRig.location(RegistryRig.expect(202, chunk("PATCH", location, blob, 0, 1000)));
        location = RegistryRig.location(RegistryRig.expect(202, chunk("PATCH", location, blob, 1000, 2000)));
        if (way.endsWith("to close it")) {
            return chunk("PUT", location + "?digest=" + digest, blob, 2000, blob.length);
        }
        location = RegistryRig.location(RegistryRig.expect(202, chunk("PATCH", location, blob, 2000, blob.length)));
        return rig.send("PUT", location + "?digest=" + digest);
    }

    private static HttpResponse<byte[]> chunk(String method, String path, byte[] blob, int from, int to)
            throws Exception {
        return rig.send(method, path, Arrays.copyOfRange(blob, from, to), "Content-Range", from + "-" + (to - 1));
    }

    @ParameterizedTest(name = "a manifest pushed under {0} is refused")
    @CsvSource({
        "sha256:baadf00d, 400",
        "sha256:baadf00d00000000000000000000000000000000000000000000000000000000, 400",
        "sha512:baadf00d, 400"
    })
    void a_manifest_is_not_stored_under_a_digest_that_is_not_its_own(String target, int status) throws Exception {
        HttpResponse<byte[]> refused = rig.manifest("conformance/repo1", target, MediaType.OCI_MANIFEST, emptyIndex());

        assertEquals(status, refused.statusCode());
        assertTrue(rig.send("GET", V2 + "/manifests/" + target).statusCode() >= 400);
    }

    private static byte[] emptyIndex() {
        return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[]}"
                .formatted(MediaType.OCI_INDEX)
                .getBytes(UTF_8);
    }

    /// It was pulled from the registry by this host, for a container or because a tag follows what is pushed.
    @Test
    void what_was_deleted_is_gone_at_once_though_this_host_has_it_as_an_image() throws Exception {
        Digest digest = pushRunnable();
        Reference name = Reference.parse(rig.host + "/conformance/image:v1");
        PullOutcome pulled = rig.images.pull(new PullRequest(name), PullProgress.SILENT);
        Digest layer = rig.images
                .find(name)
                .orElseThrow()
                .manifest()
                .layers()
                .getFirst()
                .digest();

        isDeleted("/v2/conformance/image/manifests/v1");
        isDeleted("/v2/conformance/image/manifests/" + digest);
        // What its manifest kept in the repository goes with it.
        isGone("/v2/conformance/image/blobs/" + layer);

        assertEquals(404, rig.send("GET", "/v2/conformance/image/tags/list").statusCode());
        assertTrue(!body("/v2/_catalog").contains("conformance/image"));
        assertTrue(rig.images.find(name).isPresent(), pulled::toString);
    }

    private static Digest pushRunnable() throws Exception {
        TestImage image = TestImage.of("runnable");
        rig.blob("conformance/image", image.config());
        rig.blob("conformance/image", image.blobs().getFirst());
        byte[] manifest = ManifestCodec.write(image.manifest());
        RegistryRig.expect(201, rig.manifest("conformance/image", "v1", MediaType.OCI_MANIFEST, manifest));
        return Digest.sha256(manifest);
    }

    private static String referrers(PushedContent content) throws Exception {
        return body(V2 + "/referrers/" + content.subject);
    }

    private static String body(String path) throws Exception {
        return new String(RegistryRig.expect(200, rig.send("GET", path)).body(), UTF_8);
    }

    private static String header(HttpResponse<byte[]> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
