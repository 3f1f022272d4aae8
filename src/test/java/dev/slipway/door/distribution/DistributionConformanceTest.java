package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The checks of the specification's own conformance suite: pull, push, content discovery, content management.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/conformance/README.md OCI Distribution
///     Conformance Tests
class DistributionConformanceTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String REPOSITORY = "acme/web";
    private static final String V2 = "/v2/" + REPOSITORY;
    private static final ServedImage IMAGE = ServedImage.of("web");
    private static final byte[] BLOB = "0123456789abcdefghij".getBytes(UTF_8);
    private static final Digest DIGEST = Digest.sha256(BLOB);
    private static final String NOWHERE = "sha256:" + "0".repeat(64);

    @TempDir
    Path root;

    private RegistryRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = RegistryRig.open(root);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void the_protocol_is_spoken_at_its_root() throws Exception {
        HttpResponse<byte[]> response = RegistryRig.expect(200, rig.send("GET", "/v2/"));

        assertEquals("registry/2.0", header(response, "Docker-Distribution-API-Version"));
    }

    @Test
    void what_does_not_exist_is_not_found_and_said_in_the_form_of_the_specification() throws Exception {
        IMAGE.push(rig, REPOSITORY, "v1");

        assertEquals(404, rig.send("HEAD", V2 + "/blobs/" + NOWHERE).statusCode());
        assertEquals(404, rig.send("HEAD", V2 + "/manifests/" + NOWHERE).statusCode());
        assertEquals("BLOB_UNKNOWN", code(404, rig.send("GET", V2 + "/blobs/" + NOWHERE)));
        assertEquals("MANIFEST_UNKNOWN", code(404, rig.send("GET", V2 + "/manifests/nothing")));
        assertEquals("NAME_UNKNOWN", code(404, rig.send("GET", "/v2/acme/other/tags/list")));
        assertEquals("DIGEST_INVALID", code(400, rig.send("GET", V2 + "/blobs/sha256:totallywrong")));
        assertEquals("NAME_INVALID", code(400, rig.send("GET", "/v2/Acme/web/tags/list")));
        assertEquals("BLOB_UPLOAD_UNKNOWN", code(404, rig.send("PATCH", V2 + "/blobs/uploads/nothing", BLOB)));
    }

    @Test
    void a_blob_is_read_whole_with_its_digest_and_asked_for_without_reading_it() throws Exception {
        rig.blob(REPOSITORY, BLOB);

        HttpResponse<byte[]> head = RegistryRig.expect(200, rig.send("HEAD", V2 + "/blobs/" + DIGEST));
        HttpResponse<byte[]> got = RegistryRig.expect(200, rig.send("GET", V2 + "/blobs/" + DIGEST));

        assertEquals("20", header(head, "Content-Length"));
        assertEquals(DIGEST.value(), header(head, "Docker-Content-Digest"));
        assertArrayEquals(BLOB, got.body());
        assertEquals(
                304,
                rig.send("GET", V2 + "/blobs/" + DIGEST, "If-None-Match", header(got, "ETag"))
                        .statusCode());
    }

    @Test
    void a_blob_is_read_in_part() throws Exception {
        rig.blob(REPOSITORY, BLOB);
        String path = V2 + "/blobs/" + DIGEST;

        HttpResponse<byte[]> middle = RegistryRig.expect(206, rig.send("GET", path, "Range", "bytes=5-9"));

        assertEquals("56789", new String(middle.body(), UTF_8));
        assertEquals("bytes 5-9/20", header(middle, "Content-Range"));
        assertEquals(
                "fghij", new String(rig.send("GET", path, "Range", "bytes=15-").body(), UTF_8));
        assertEquals(
                "hij", new String(rig.send("GET", path, "Range", "bytes=-3").body(), UTF_8));
        assertEquals(
                "j", new String(rig.send("GET", path, "Range", "bytes=19-99").body(), UTF_8));
        HttpResponse<byte[]> behind = RegistryRig.expect(416, rig.send("GET", path, "Range", "bytes=20-"));
        assertEquals("bytes */20", header(behind, "Content-Range"));
    }

    @Test
    void a_manifest_is_read_by_tag_and_by_digest_byte_by_byte_as_it_was_pushed() throws Exception {
        Digest digest = IMAGE.push(rig, REPOSITORY, "v1");

        for (String target : List.of("v1", digest.value())) {
            HttpResponse<byte[]> got = RegistryRig.expect(200, rig.send("GET", V2 + "/manifests/" + target));
            HttpResponse<byte[]> head = RegistryRig.expect(200, rig.send("HEAD", V2 + "/manifests/" + target));
            assertArrayEquals(IMAGE.manifest(), got.body());
            assertEquals(MediaType.OCI_MANIFEST.value(), header(got, "Content-Type"));
            assertEquals(digest.value(), header(head, "Docker-Content-Digest"));
            assertEquals("" + IMAGE.manifest().length, header(head, "Content-Length"));
        }
    }

    @Test
    void a_blob_is_pushed_in_one_request() throws Exception {
        HttpResponse<byte[]> response =
                RegistryRig.expect(201, rig.send("POST", V2 + "/blobs/uploads/?digest=" + DIGEST, BLOB));

        assertEquals(V2 + "/blobs/" + DIGEST, RegistryRig.location(response));
        assertArrayEquals(BLOB, rig.send("GET", RegistryRig.location(response)).body());
    }

    @Test
    void a_blob_is_pushed_in_chunks_that_must_follow_one_another() throws Exception {
        String location = RegistryRig.location(RegistryRig.expect(202, rig.send("POST", V2 + "/blobs/uploads/")));

        assertEquals(
                "BLOB_UPLOAD_INVALID", code(416, rig.send("PATCH", location, chunk(5, 10), "Content-Range", "5-9")));
        HttpResponse<byte[]> first =
                RegistryRig.expect(202, rig.send("PATCH", location, chunk(0, 10), "Content-Range", "0-9"));
        assertEquals("0-9", header(first, "Range"));
        assertEquals(
                416,
                rig.send("PATCH", location, chunk(0, 10), "Content-Range", "0-9")
                        .statusCode());
        HttpResponse<byte[]> status = RegistryRig.expect(204, rig.send("GET", RegistryRig.location(first)));
        assertEquals("0-9", header(status, "Range"));
        RegistryRig.expect(
                202, rig.send("PATCH", RegistryRig.location(status), chunk(10, 15), "Content-Range", "10-14"));
        RegistryRig.expect(
                201, rig.send("PUT", location + "?digest=" + DIGEST, chunk(15, 20), "Content-Range", "15-19"));

        assertArrayEquals(BLOB, rig.send("GET", V2 + "/blobs/" + DIGEST).body());
        assertEquals(List.of(), rig.partials());
    }

    @Test
    void a_blob_of_another_algorithm_is_verified_by_it() throws Exception {
        Digest other = new Digest("sha512:" + "0".repeat(128)).of(BLOB);

        RegistryRig.expect(201, rig.send("POST", V2 + "/blobs/uploads/?digest=" + other, BLOB));

        assertArrayEquals(BLOB, rig.send("GET", V2 + "/blobs/" + other).body());
    }

    @Test
    void an_upload_can_be_cancelled() throws Exception {
        String location = RegistryRig.location(rig.send("POST", V2 + "/blobs/uploads/"));
        rig.send("PATCH", location, BLOB);

        RegistryRig.expect(204, rig.send("DELETE", location));

        assertEquals(404, rig.send("GET", location).statusCode());
        assertEquals(List.of(), rig.partials());
    }

    @Test
    void a_blob_is_mounted_from_a_repository_that_has_it_and_else_uploaded() throws Exception {
        rig.blob(REPOSITORY, BLOB);

        HttpResponse<byte[]> mounted = RegistryRig.expect(
                201, rig.send("POST", "/v2/acme/app/blobs/uploads/?mount=" + DIGEST + "&from=" + REPOSITORY));
        HttpResponse<byte[]> absent = RegistryRig.expect(
                202, rig.send("POST", "/v2/acme/app/blobs/uploads/?mount=" + NOWHERE + "&from=" + REPOSITORY));
        HttpResponse<byte[]> nowhere =
                RegistryRig.expect(202, rig.send("POST", "/v2/acme/api/blobs/uploads/?mount=" + DIGEST));

        assertEquals("/v2/acme/app/blobs/" + DIGEST, RegistryRig.location(mounted));
        assertArrayEquals(BLOB, rig.send("GET", RegistryRig.location(mounted)).body());
        assertTrue(RegistryRig.location(absent).startsWith("/v2/acme/app/blobs/uploads/"));
        assertTrue(RegistryRig.location(nowhere).startsWith("/v2/acme/api/blobs/uploads/"));
        assertEquals(404, rig.send("GET", "/v2/acme/api/blobs/" + DIGEST).statusCode());
    }

    @Test
    void a_manifest_needs_its_blobs_and_an_index_its_manifests() throws Exception {
        byte[] index = ManifestCodec.write(new ImageIndex(
                MediaType.OCI_INDEX, List.of(Descriptor.of(MediaType.OCI_MANIFEST, IMAGE.manifest())), Map.of()));

        assertEquals(
                "MANIFEST_BLOB_UNKNOWN",
                code(404, rig.manifest(REPOSITORY, "v1", MediaType.OCI_MANIFEST, IMAGE.manifest())));
        assertEquals("MANIFEST_BLOB_UNKNOWN", code(404, rig.manifest(REPOSITORY, "v1", MediaType.OCI_INDEX, index)));
        IMAGE.push(rig, REPOSITORY, IMAGE.digest().value());
        HttpResponse<byte[]> stored =
                RegistryRig.expect(201, rig.manifest(REPOSITORY, "all", MediaType.OCI_INDEX, index));

        assertEquals(Digest.sha256(index).value(), header(stored, "Docker-Content-Digest"));
        assertArrayEquals(index, rig.send("GET", V2 + "/manifests/all").body());
        assertEquals(MediaType.OCI_INDEX.value(), header(rig.send("HEAD", V2 + "/manifests/all"), "Content-Type"));
    }

    @Test
    void tags_are_listed_in_order_and_page_by_page() throws Exception {
        for (String tag : List.of("test3", "test0", "TEST1", "test2", "test1")) {
            IMAGE.push(rig, REPOSITORY, tag);
        }
        List<String> paged = new ArrayList<>();
        String next = V2 + "/tags/list?n=2";
        while (!next.isEmpty()) {
            HttpResponse<byte[]> page = RegistryRig.expect(200, rig.send("GET", next));
            json(page).path("tags").forEach(tag -> paged.add(tag.asText()));
            String link = page.headers().firstValue("Link").orElse("");
            next = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
        }

        List<String> all = List.of("TEST1", "test0", "test1", "test2", "test3");
        assertEquals(all, paged);
        assertEquals(all, texts(rig.send("GET", V2 + "/tags/list"), "tags"));
        assertEquals(List.of("test3"), texts(rig.send("GET", V2 + "/tags/list?last=test2"), "tags"));
        assertEquals(List.of(), texts(rig.send("GET", V2 + "/tags/list?n=0"), "tags"));
        assertEquals(400, rig.send("GET", V2 + "/tags/list?n=many").statusCode());
    }

    @Test
    @DisplayName("S54 a registry holds many repositories, listed page by page")
    void repositories_are_listed_page_by_page() throws Exception {
        for (String repository : List.of("acme/web", "acme/app", "tool", "a/b/c/d")) {
            IMAGE.push(rig, repository, "v1");
        }

        HttpResponse<byte[]> first = RegistryRig.expect(200, rig.send("GET", "/v2/_catalog?n=3"));

        assertEquals(List.of("a/b/c/d", "acme/app", "acme/web"), texts(first, "repositories"));
        assertEquals("</v2/_catalog?n=3&last=acme%2Fweb>; rel=\"next\"", header(first, "Link"));
        assertEquals(List.of("tool"), texts(rig.send("GET", "/v2/_catalog?n=3&last=acme%2Fweb"), "repositories"));
    }

    @Test
    void what_is_about_a_manifest_is_found_and_filtered_by_its_type() throws Exception {
        Digest subject = IMAGE.push(rig, REPOSITORY, "v1");
        Digest signature = referrer("application/vnd.example.signature", subject);
        Digest bill = referrer("application/vnd.example.sbom", subject);

        HttpResponse<byte[]> all = RegistryRig.expect(200, rig.send("GET", V2 + "/referrers/" + subject));
        HttpResponse<byte[]> some =
                rig.send("GET", V2 + "/referrers/" + subject + "?artifactType=application%2Fvnd.example.sbom");

        assertEquals(MediaType.OCI_INDEX.value(), header(all, "Content-Type"));
        assertEquals(2, json(all).path("manifests").size());
        assertTrue(json(all).toString().contains(signature.value()));
        assertEquals("artifactType", header(some, "OCI-Filters-Applied"));
        JsonNode found = json(some).path("manifests");
        assertEquals(1, found.size());
        assertEquals(bill.value(), found.get(0).path("digest").asText());
        assertEquals(
                "application/vnd.example.sbom",
                found.get(0).path("artifactType").asText());
        assertEquals(
                "good",
                found.get(0).path("annotations").path("dev.example.word").asText());
        assertEquals(
                0,
                json(RegistryRig.expect(200, rig.send("GET", V2 + "/referrers/" + NOWHERE)))
                        .path("manifests")
                        .size());
        assertEquals(400, rig.send("GET", V2 + "/referrers/nothing").statusCode());
    }

    /// Pushes an artifact that is about `subject`, which need not be there.
    private Digest referrer(String type, Digest subject) throws Exception {
        byte[] empty = "{}".getBytes(UTF_8);
        rig.blob(REPOSITORY, empty);
        byte[] artifact = """
                {"schemaVersion":2,"mediaType":"%s","artifactType":"%s",
                 "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},"layers":[],
                 "subject":{"mediaType":"%s","digest":"%s","size":%d},
                 "annotations":{"dev.example.word":"good"}}
                """.formatted(
                        MediaType.OCI_MANIFEST,
                        type,
                        Digest.sha256(empty),
                        MediaType.OCI_MANIFEST,
                        subject,
                        IMAGE.manifest().length)
                .getBytes(UTF_8);
        Digest digest = Digest.sha256(artifact);
        HttpResponse<byte[]> stored =
                RegistryRig.expect(201, rig.manifest(REPOSITORY, digest.value(), MediaType.OCI_MANIFEST, artifact));
        assertEquals(subject.value(), header(stored, "OCI-Subject"));
        return digest;
    }

    @Test
    void a_deleted_tag_leaves_its_manifest_and_a_deleted_manifest_leaves_nothing() throws Exception {
        Digest digest = IMAGE.push(rig, REPOSITORY, "v1");
        IMAGE.push(rig, REPOSITORY, "v2");

        RegistryRig.expect(202, rig.send("DELETE", V2 + "/manifests/v1"));
        assertEquals(404, rig.send("GET", V2 + "/manifests/v1").statusCode());
        assertEquals(200, rig.send("GET", V2 + "/manifests/" + digest).statusCode());
        RegistryRig.expect(202, rig.send("DELETE", V2 + "/manifests/" + digest));

        assertEquals(404, rig.send("GET", V2 + "/manifests/v2").statusCode());
        assertEquals(404, rig.send("DELETE", V2 + "/manifests/" + digest).statusCode());
        assertEquals(404, rig.send("GET", V2 + "/tags/list").statusCode());
        rig.pass(Duration.ofMinutes(61));
        rig.expire();
        assertEquals(Set.of(), rig.content.list());
    }

    @Test
    void a_blob_is_deleted_unless_a_manifest_needs_it() throws Exception {
        IMAGE.push(rig, REPOSITORY, "v1");
        rig.blob(REPOSITORY, BLOB);

        RegistryRig.expect(202, rig.send("DELETE", V2 + "/blobs/" + DIGEST));
        assertEquals("DENIED", code(403, rig.send("DELETE", V2 + "/blobs/" + Digest.sha256(IMAGE.layer()))));

        assertEquals(404, rig.send("GET", V2 + "/blobs/" + DIGEST).statusCode());
        assertFalse(rig.content.contains(DIGEST));
    }

    private static byte[] chunk(int from, int to) {
        return Arrays.copyOfRange(BLOB, from, to);
    }

    private static String header(HttpResponse<byte[]> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static JsonNode json(HttpResponse<byte[]> response) throws Exception {
        return MAPPER.readTree(response.body());
    }

    private static List<String> texts(HttpResponse<byte[]> response, String member) throws Exception {
        List<String> texts = new ArrayList<>();
        json(response).path(member).forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static String code(int status, HttpResponse<byte[]> response) throws Exception {
        return json(RegistryRig.expect(status, response))
                .path("errors")
                .path(0)
                .path("code")
                .asText();
    }
}
