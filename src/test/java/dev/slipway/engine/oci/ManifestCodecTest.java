package dev.slipway.engine.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestCodecTest {
    private static final String HEX = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    private static final Digest DIGEST = new Digest("sha256:" + HEX);
    private static final String CONFIG =
            "'config':{'mediaType':'application/vnd.oci.image.config.v1+json','digest':'sha256:" + HEX + "','size':7}";
    private static final String LAYERS =
            "'layers':[{'mediaType':'application/vnd.oci.image.layer.v1.tar+gzip','digest':'sha256:" + HEX
                    + "','size':9}]";

    @Test
    void an_image_manifest_is_read() throws MalformedDocumentException {
        Manifest manifest = parse("{'schemaVersion':2," + CONFIG + "," + LAYERS + ",'unknown':{'x':1}}", null);

        ImageManifest image = assertInstanceOf(ImageManifest.class, manifest);
        assertEquals(new Descriptor(MediaType.OCI_CONFIG, DIGEST, 7), image.config());
        assertEquals(List.of(new Descriptor(MediaType.OCI_LAYER_GZIP, DIGEST, 9)), image.layers());
        assertEquals(9, image.packedBytes());
    }

    @Test
    void an_index_is_read_with_its_platforms() throws MalformedDocumentException {
        Manifest manifest = parse(
                "{'schemaVersion':2,'mediaType':'application/vnd.docker.distribution.manifest.list.v2+json','manifests':[{"
                        + "'mediaType':'application/vnd.docker.distribution.manifest.v2+json','size':3,'digest':'sha256:"
                        + HEX + "','platform':{'os':'linux','architecture':'arm','variant':'v6'}}]}",
                MediaType.DOCKER_INDEX);

        ImageIndex index = assertInstanceOf(ImageIndex.class, manifest);
        assertEquals(
                new Platform("linux", "arm", "v6"), index.manifests().getFirst().platform());
    }

    @Test
    void what_is_written_is_read_back_and_always_the_same() throws MalformedDocumentException {
        Descriptor layer = new Descriptor(MediaType.OCI_LAYER_ZSTD, DIGEST, 9, null, Map.of("b", "2", "a", "1"));
        ImageManifest image = new ImageManifest(
                MediaType.OCI_MANIFEST,
                new Descriptor(MediaType.OCI_CONFIG, DIGEST, 7),
                List.of(layer),
                Map.of("org.opencontainers.image.base.name", "debian"));
        Descriptor entry =
                new Descriptor(MediaType.OCI_MANIFEST, DIGEST, 7, new Platform("linux", "arm64", ""), Map.of());
        ImageIndex index = new ImageIndex(MediaType.OCI_INDEX, List.of(entry), Map.of());

        assertEquals(image, ManifestCodec.parse(ManifestCodec.write(image), MediaType.OCI_MANIFEST));
        assertEquals(index, ManifestCodec.parse(ManifestCodec.write(index), MediaType.OCI_INDEX));
        assertArrayEquals(ManifestCodec.write(image), ManifestCodec.write(image));
    }

    @Test
    void a_document_that_is_image_and_index_at_once_is_refused() {
        refused(
                "{'schemaVersion':2," + CONFIG + "," + LAYERS + ",'manifests':[]}",
                null,
                "of an image and of an index");
        refused("{'schemaVersion':2," + LAYERS + ",'manifests':[]}", null, "of an image and of an index");
    }

    @Test
    void a_document_that_says_it_is_something_else_is_refused() {
        String index = "{'schemaVersion':2,'mediaType':'application/vnd.oci.image.index.v1+json','manifests':[]}";
        String lying = "{'schemaVersion':2,'mediaType':'application/vnd.oci.image.index.v1+json'," + CONFIG + "}";

        refused(index, MediaType.OCI_MANIFEST, "came as");
        refused(lying, null, "has other members");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "not json|is not JSON",
                "[]|not an object",
                "{}|schemaVersion is 0",
                "{'schemaVersion':1,'fsLayers':[]}|schemaVersion is 1",
                "{'schemaVersion':2}|other members",
                "{'schemaVersion':2,'schemaVersion':2}|is not JSON",
                "{'schemaVersion':2,'config':[]}|manifest.config is not an object",
                "{'schemaVersion':2,'config':{'mediaType':'x','digest':'sha256:../x','size':1}}|not a digest",
                "{'schemaVersion':2,'config':{'mediaType':'x','digest':'sha256:HEX','size':-1}}|missing or negative",
                "{'schemaVersion':2,'config':{'mediaType':'x','digest':'sha256:HEX'}}|missing or negative",
                "{'schemaVersion':2,'config':{'mediaType':'x','digest':'sha256:HEX','size':1e9}}|not a whole number",
                "{'schemaVersion':2,'config':{'mediaType':'x','digest':'sha256:HEX','size':'1'}}|not a whole number",
                "{'schemaVersion':2,'config':{'mediaType':'x','digest':'sha256:HEX','size':99999999999999999999}}|whole",
                "{'schemaVersion':2,'config':{'digest':'sha256:HEX','size':1}}|mediaType is missing",
                "{'schemaVersion':2,'config':{'mediaType':'x','digest':'sha256:HEX','size':1}}x|is not JSON",
                "{'schemaVersion':2,'mediaType':'text/html','config':{}}|not supported",
            })
    void what_is_not_a_manifest_is_refused_by_name(String document, String why) {
        refused(document.replace("HEX", HEX), null, why);
    }

    @Test
    void inline_bytes_must_be_what_the_digest_names() throws MalformedDocumentException {
        String right = CONFIG.replace("'size':7", "'size':3,'data':'YWJj'");
        String wrong = CONFIG.replace("'size':7", "'size':3,'data':'YWJk'");

        parse("{'schemaVersion':2," + right + "," + LAYERS + "}", null);

        refused("{'schemaVersion':2," + wrong + "," + LAYERS + "}", null, "not what the digest names");
    }

    @Test
    void depth_and_size_are_bounded() {
        String deep = "{'schemaVersion':2,'x':" + "[".repeat(10_000) + "]".repeat(10_000) + "}";
        byte[] large = new byte[ManifestCodec.LARGEST_BYTES + 1];

        refused(deep, null, "is not JSON");
        assertThrows(MalformedDocumentException.class, () -> ManifestCodec.parse(large, null));
    }

    private static Manifest parse(String document, @Nullable MediaType declared) throws MalformedDocumentException {
        return ManifestCodec.parse(document.replace('\'', '"').getBytes(UTF_8), declared);
    }

    private static void refused(String document, @Nullable MediaType declared, String why) {
        MalformedDocumentException refusal =
                assertThrows(MalformedDocumentException.class, () -> parse(document, declared));
        assertTrue(refusal.getMessage().contains(why), refusal.getMessage());
    }
}
