package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.repository.Serving;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each end-point of the specification, with the answers that its table allows, and each of its error codes. A row is
/// an end-point, a request, its body, and the status with which it must be answered; then the code of the error or,
/// after `>`, headers that must be there.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints OCI Distribution Spec:
///     Endpoints
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes OCI Distribution Spec:
///     Error Codes
class EndpointsTableTest {
    private static final ServedImage IMAGE = ServedImage.of("web");
    private static final byte[] BLOB = "0123456789".getBytes(UTF_8);

    /// Its manifest is about the image, and of a type.
    private static final byte[] ARTIFACT = artifact("application/vnd.example.note");

    @TempDir
    static Path root;

    private static RegistryRig rig;
    private static RegistryRig frozen;

    @BeforeAll
    static void open() throws Exception {
        rig = RegistryRig.open(Files.createDirectory(root.resolve("open")));
        frozen = new RegistryRig(Files.createDirectory(root.resolve("frozen")));
        frozen.serve(
                Serving.Access.TOKEN,
                List.of(new Serving.User("anna", "secret", List.of("*"), List.of())),
                List.of(),
                false);
        for (String tag : List.of("v1", "v2", "v3")) {
            IMAGE.push(rig, "acme/web", tag);
        }
        rig.blob("acme/web", BLOB);
        rig.blob("acme/web", "{}".getBytes(UTF_8));
        RegistryRig.expect(
                201, rig.manifest("acme/web", Digest.sha256(ARTIFACT).value(), MediaType.OCI_MANIFEST, ARTIFACT));
    }

    @AfterAll
    static void close() {
        frozen.close();
        rig.close();
    }

    private static byte[] artifact(String type) {
        return """
                {"schemaVersion":2,"mediaType":"%1$s","artifactType":"%2$s","layers":[],
                 "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%3$s","size":2},
                 "subject":{"mediaType":"%1$s","digest":"%4$s","size":%5$d}}
                """.formatted(
                        MediaType.OCI_MANIFEST,
                        type,
                        Digest.sha256("{}".getBytes(UTF_8)),
                        IMAGE.digest(),
                        IMAGE.manifest().length)
                .getBytes(UTF_8);
    }

    @ParameterizedTest(name = "{0}: {1} {2} is answered {3} {4}")
    @CsvSource(delimiter = '|', textBlock = """
            end-1   | GET /v2/                                                   |          | 200 |
            end-1   | GET /v3/                                                   |          | 404 | UNSUPPORTED
            end-2   | GET /v2/acme/web/blobs/{blob}                              |          | 200 | > docker-content-digest content-length
            end-2   | HEAD /v2/acme/web/blobs/{blob}                             |          | 200 | > docker-content-digest content-length
            end-2   | GET /v2/acme/web/blobs/{none}                              |          | 404 | BLOB_UNKNOWN
            end-2   | HEAD /v2/acme/web/blobs/{none}                             |          | 404 |
            end-2   | GET /v2/acme/other/blobs/{blob}                            |          | 404 | BLOB_UNKNOWN
            end-2   | GET /v2/acme/web/blobs/sha256:short                        |          | 400 | DIGEST_INVALID
            end-3   | GET /v2/acme/web/manifests/v1                              |          | 200 | > docker-content-digest content-length content-type
            end-3   | HEAD /v2/acme/web/manifests/{image}                        |          | 200 | > docker-content-digest content-length
            end-3   | GET /v2/acme/web/manifests/v9                              |          | 404 | MANIFEST_UNKNOWN
            end-3   | GET /v2/acme/web/manifests/{none}                          |          | 404 | MANIFEST_UNKNOWN
            end-3   | GET /v2/acme/none/manifests/v1                             |          | 404 | MANIFEST_UNKNOWN
            end-3   | GET /v2/ACME/web/manifests/v1                              |          | 400 | NAME_INVALID
            end-4a  | POST /v2/acme/web/blobs/uploads/                           |          | 202 | > location range
            end-4a  | POST /v2/acme/WEB/blobs/uploads/                           |          | 400 | NAME_INVALID
            end-4b  | POST /v2/acme/web/blobs/uploads/?digest={blob}             | blob     | 201 | > location docker-content-digest
            end-4b  | POST /v2/acme/web/blobs/uploads/?digest={none}             | blob     | 400 | DIGEST_INVALID
            end-4b  | POST /v2/acme/web/blobs/uploads/?digest=none               | blob     | 400 | DIGEST_INVALID
            end-5   | PATCH {upload}                                             | blob     | 202 | > location range
            end-5   | PATCH {upload} 0-9                                         | blob     | 202 | > location range
            end-5   | PATCH {upload} 5-14                                        | blob     | 416 | BLOB_UPLOAD_INVALID
            end-5   | PATCH {upload} 0-5                                         | blob     | 416 | BLOB_UPLOAD_INVALID
            end-5   | PATCH {upload} x-y                                         | blob     | 416 | BLOB_UPLOAD_INVALID
            end-5   | PATCH /v2/acme/web/blobs/uploads/none                      | blob     | 404 | BLOB_UPLOAD_UNKNOWN
            end-6   | PUT {upload}?digest={blob}                                 | blob     | 201 | > location docker-content-digest
            end-6   | PUT {upload}?digest={blob} 3-12                            | blob     | 416 | BLOB_UPLOAD_INVALID
            end-6   | PUT {upload}?digest={none}                                 | blob     | 400 | DIGEST_INVALID
            end-6   | PUT {upload}                                               | blob     | 400 | DIGEST_INVALID
            end-6   | PUT /v2/acme/web/blobs/uploads/none?digest={blob}          | blob     | 404 | BLOB_UPLOAD_UNKNOWN
            end-7   | PUT /v2/acme/web/manifests/v4                              | manifest | 201 | > location docker-content-digest
            end-7   | PUT /v2/acme/web/manifests/{image}                         | manifest | 201 | > location docker-content-digest
            end-7   | PUT /v2/acme/web/manifests/{artifact}                      | artifact | 201 | > location docker-content-digest oci-subject
            end-7   | PUT /v2/acme/web/manifests/{none}                          | manifest | 400 | DIGEST_INVALID
            end-7   | PUT /v2/acme/empty/manifests/v1                            | manifest | 404 | MANIFEST_BLOB_UNKNOWN
            end-7   | PUT /v2/acme/web/manifests/v1                              | blob     | 400 | MANIFEST_INVALID
            end-7   | PUT /v2/acme/web/manifests/.v1                             | manifest | 400 | MANIFEST_INVALID
            end-7   | PUT /v2/acme/web/manifests/v1                              | huge     | 413 | MANIFEST_INVALID
            end-7b  | PUT /v2/acme/web/manifests/{image}?tag=v5&tag=v6           | manifest | 201 | > location oci-tag
            end-7b  | PUT /v2/acme/web/manifests/{image}?tag=.v5                 | manifest | 400 | MANIFEST_INVALID
            end-8a  | GET /v2/acme/web/tags/list                                 |          | 200 | > content-type
            end-8a  | GET /v2/acme/none/tags/list                                |          | 404 | NAME_UNKNOWN
            end-8b  | GET /v2/acme/web/tags/list?n=1                             |          | 200 | > link
            end-8b  | GET /v2/acme/web/tags/list?n=1&last=v1                     |          | 200 | > link
            end-8b  | GET /v2/acme/web/tags/list?n=0                             |          | 200 | > -link
            end-8b  | GET /v2/acme/web/tags/list?n=9&last=v1                     |          | 200 | > -link
            end-8b  | GET /v2/acme/web/tags/list?n=one                           |          | 400 | UNSUPPORTED
            end-9   | DELETE /v2/acme/gone/manifests/v1                          |          | 202 |
            end-9   | DELETE /v2/acme/gone/manifests/{image}                     |          | 202 |
            end-9   | DELETE /v2/acme/web/manifests/v9                           |          | 404 | MANIFEST_UNKNOWN
            end-9   | DELETE /v2/acme/web/manifests/{none}                       |          | 404 | MANIFEST_UNKNOWN
            end-10  | DELETE /v2/acme/gone/blobs/{blob}                          |          | 202 |
            end-10  | DELETE /v2/acme/web/blobs/{none}                           |          | 404 | BLOB_UNKNOWN
            end-11  | POST /v2/acme/to/blobs/uploads/?mount={blob}&from=acme/web |          | 201 | > location docker-content-digest
            end-11  | POST /v2/acme/to/blobs/uploads/?mount={none}&from=acme/web |          | 202 | > location
            end-11  | POST /v2/acme/to/blobs/uploads/?mount={blob}&from=acme/no  |          | 202 | > location
            end-11  | POST /v2/acme/to/blobs/uploads/?mount=none&from=acme/web   |          | 202 | > location
            end-12a | GET /v2/acme/web/referrers/{image}                         |          | 200 | > content-type -oci-filters-applied
            end-12a | GET /v2/acme/web/referrers/{none}                          |          | 200 | > content-type
            end-12a | GET /v2/acme/web/referrers/none                            |          | 400 | DIGEST_INVALID
            end-12b | GET /v2/acme/web/referrers/{image}?artifactType=a%2Fb      |          | 200 | > oci-filters-applied
            end-13  | GET {upload}                                               |          | 204 | > location range
            end-13  | GET /v2/acme/web/blobs/uploads/none                        |          | 404 | BLOB_UPLOAD_UNKNOWN
            cancel  | DELETE {upload}                                            |          | 204 |
            cancel  | DELETE /v2/acme/web/blobs/uploads/none                     |          | 404 | BLOB_UPLOAD_UNKNOWN
            range   | GET /v2/acme/web/blobs/{blob} bytes=2-4                    |          | 206 | > content-range
            range   | GET /v2/acme/web/blobs/{blob} bytes=2-                     |          | 206 | > content-range
            range   | GET /v2/acme/web/blobs/{blob} bytes=-1                     |          | 206 | > content-range
            range   | GET /v2/acme/web/blobs/{blob} bytes=10-                    |          | 416 | SIZE_INVALID
            range   | GET /v2/acme/web/blobs/{blob} lines=1-2                    |          | 200 |
            other   | POST /v2/acme/web/manifests/v1                             | manifest | 405 | UNSUPPORTED
            other   | PUT /v2/acme/web/tags/list                                 |          | 405 | UNSUPPORTED
            """)
    void an_end_point_answers_as_the_specification_says(
            String endpoint, String request, String body, int status, String expected) throws Exception {
        if (request.contains("acme/gone")) {
            IMAGE.push(rig, "acme/gone", "v1");
            rig.blob("acme/gone", BLOB);
        }
        HttpResponse<byte[]> response = send(rig, request, body);

        assertEquals(status, response.statusCode(), () -> new String(response.body(), UTF_8));
        assertEquals("registry/2.0", header(response, "docker-distribution-api-version"));
        check(response, expected == null ? "" : expected);
    }

    /// One who may read and nothing else, and one who shows nothing at all.
    @ParameterizedTest(name = "{0} is answered {1} {2}")
    @CsvSource(delimiter = '|', textBlock = """
            GET /v2/                                          | 401 | UNAUTHORIZED
            GET /v2/acme/web/manifests/v1                     | 401 | UNAUTHORIZED
            HEAD /v2/acme/web/blobs/{blob}                    | 401 |
            POST /v2/acme/web/blobs/uploads/                  | 403 | DENIED
            DELETE /v2/acme/web/manifests/v1                  | 405 | UNSUPPORTED
            DELETE /v2/acme/web/blobs/{blob}                  | 405 | UNSUPPORTED
            """)
    void a_registry_that_takes_and_deletes_nothing_says_so(String request, int status, String code) throws Exception {
        HttpResponse<byte[]> response = send(frozen, request, null);

        assertEquals(status, response.statusCode());
        check(response, code == null ? "" : code);
        if (status == 401) {
            assertTrue(header(response, "www-authenticate").startsWith("Bearer realm="));
        }
    }

    private static HttpResponse<byte[]> send(RegistryRig registry, String request, String body) throws Exception {
        String[] words = request.split(" ");
        String upload = request.contains("{upload}")
                ? RegistryRig.location(registry.send("POST", "/v2/acme/web/blobs/uploads/"))
                : "";
        String path = words[1].replace("{upload}", upload)
                .replace("{blob}", Digest.sha256(BLOB).value())
                .replace("{image}", IMAGE.digest().value())
                .replace("{artifact}", Digest.sha256(ARTIFACT).value())
                .replace("{none}", "sha256:" + "0".repeat(64));
        byte[] bytes =
                switch (body == null ? "" : body) {
                    case "blob" -> BLOB;
                    case "manifest" -> IMAGE.manifest();
                    case "artifact" -> ARTIFACT;
                    case "huge" -> new byte[ManifestCodec.LARGEST_BYTES + 1];
                    default -> new byte[0];
                };
        String[] headers = words.length < 3
                ? new String[] {"Content-Type", path.contains("/manifests/") ? MediaType.OCI_MANIFEST.value() : "a/b"}
                : new String[] {words[0].equals("GET") ? "Range" : "Content-Range", words[2]};
        return registry.send(words[0], path, bytes, headers);
    }

    private static void check(HttpResponse<byte[]> response, String expected) throws Exception {
        if (expected.startsWith(">")) {
            for (String name : expected.substring(2).split(" ")) {
                boolean isMissing = name.startsWith("-");
                assertEquals(
                        isMissing, header(response, name.replaceFirst("^-", "")).isEmpty(), name);
            }
        } else if (!expected.isEmpty()) {
            JsonNode error =
                    new ObjectMapper().readTree(response.body()).path("errors").path(0);
            assertEquals(expected, error.path("code").asText());
            assertTrue(!error.path("message").asText().isEmpty(), "an error has a message");
            assertEquals("application/json", header(response, "content-type"));
        }
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
