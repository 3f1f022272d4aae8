package dev.slipway.actor.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.repository.RepositoryContents.Naming;
import dev.slipway.engine.repository.StoredManifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tags that follow one of the tags of a repository, of a registry or of this host.
class FollowedVersionsKernelTest {
    private static final String HOST = "edge.lan:5000";

    @TempDir
    private Path directory;

    private final List<String> tags = new CopyOnWriteArrayList<>();
    private ImageRig rig;
    private HostileRegistry registry;

    @BeforeEach
    void open() throws Exception {
        registry = new HostileRegistry();
        registry.play(
                "/tags/list",
                Integer.MAX_VALUE,
                exchange -> HostileRegistry.send(
                        exchange,
                        "{\"name\":\"acme/web\",\"tags\":[\"%s\"]}"
                                .formatted(String.join("\",\"", tags))
                                .getBytes(UTF_8)));
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
        registry.close();
    }

    @ParameterizedTest
    @DisplayName("S59 a Tag follows the highest version, or tag, that its range, or pattern, allows")
    @CsvSource({"'by: SemVer, range: 1.x', 1.4, 1.10, 2.0", "'by: Pattern, pattern: ^rc-', rc-9, rc-10, release-99"})
    void what_a_registry_lists_is_followed(String by, String first, String later, String others) throws Exception {
        Digest one = served(first);
        served(others);
        follow("web", registry.host(), by + ", interval: 1s");
        assertEquals(one, rig.ready("tags/web"));

        Digest two = served(later);

        awaitDigest("tags/web", two);
        assertEquals(registry.host() + "/acme/web:" + later, rig.field("tags/web", "/status/history/0/cause"));
        assertEquals(one.value(), rig.field("tags/web", "/status/previousDigest"));
    }

    @Test
    void a_version_that_is_pushed_here_moves_what_follows_at_once_unless_that_is_not_wanted() throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: local}
                spec: {host: "%s", serve: {listen: "127.0.0.1:5000", allowPush: ["*"]}}
                """.formatted(HOST));
        LocalImage ten = pulled("ten");
        LocalImage eleven = pulled("eleven");
        push(ten, "1.10");
        push(pulled("twenty"), "2.0");
        String versions = "by: SemVer, range: 1.x, interval: 1h";
        follow("eager", HOST, versions + ", onPush: true");
        follow("patient", HOST, versions + ", onPush: false");
        awaitDigest("tags/eager", ten.digest());
        awaitDigest("tags/patient", ten.digest());

        push(eleven, "1.11");

        awaitDigest("tags/eager", eleven.digest());
        follow("patient", HOST, versions + ", onPush: false", "looked-at");
        rig.await("a round", () -> rig.field("tags/patient", "/status/observedGeneration")
                .equals(rig.field("tags/patient", "/metadata/generation")));
        assertEquals(ten.digest(), rig.ready("tags/patient"));
        rig.ahead = Duration.ofHours(2);
        follow("patient", HOST, versions + ", onPush: false", "later");
        awaitDigest("tags/patient", eleven.digest());
    }

    private void awaitDigest(String tag, Digest digest) {
        rig.await(tag + " at " + digest, () -> rig.field(tag, "/status/digest").equals(digest.value()));
    }

    private void follow(String name, String host, String how) throws Exception {
        follow(name, host, how, "begin");
    }

    /// @param round a label that is another gives the Tag a round
    private void follow(String name, String host, String how, String round) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: %s, labels: {round: %s}}
                spec:
                  repository: own/%s
                  target: {follow: {reference: "%s/acme/web", %s}}
                """.formatted(name, round, name, host, how));
    }

    private Digest served(String tag) throws Exception {
        Digest digest = ServedImage.of(registry, tag, tag).digest();
        tags.add(tag);
        return digest;
    }

    /// An image of this host, as somebody's push would bring it.
    private LocalImage pulled(String text) throws Exception {
        ServedImage.of(registry, text, text);
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %s}
                spec: {source: {pull: {reference: "%s/acme/web:%s"}}}
                """.formatted(text, registry.host(), text));
        return rig.images.find(rig.ready("images/" + text)).orElseThrow();
    }

    private void push(LocalImage image, String tag) throws Exception {
        Repository repository = new Repository(HOST, "acme/web");
        byte[] bytes = rig.content.read(image.digest(), ManifestCodec.LARGEST_BYTES);
        StoredManifest manifest = StoredManifest.read(bytes, MediaType.OCI_MANIFEST, null);
        manifest.blobs().forEach(blob -> rig.repositories.lease(repository, blob));
        rig.repositories.put(repository, manifest, bytes, new Naming(Set.of(tag), "alice"));
    }
}
