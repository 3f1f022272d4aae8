package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.repository.RepositoryContents.Naming;
import dev.slipway.engine.repository.StoredManifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tags that follow a registry, or what is pushed here, that are pinned, and that roll back.
class FollowedTagsKernelTest {
    private static final String HOST = "edge.lan:5000";

    @TempDir
    private Path directory;

    private ImageRig rig;
    private HostileRegistry registry;

    @BeforeEach
    void open() throws Exception {
        registry = new HostileRegistry();
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
        registry.close();
    }

    private void follow(String more) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: web}
                spec:
                  repository: acme/web
                  target: {follow: {reference: "%s/acme/web:latest", interval: 1s}}
                  %s
                """.formatted(registry.host(), more));
    }

    private void awaitDigest(String tag, Digest digest) {
        rig.await(tag + " at " + digest, () -> rig.field(tag, "/status/digest").equals(digest.value()));
    }

    @Test
    void a_tag_follows_what_a_registry_has_and_keeps_its_history() throws Exception {
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        follow("");
        assertEquals(one, rig.ready("tags/web"));

        Digest two = ServedImage.of(registry, "latest", "two").digest();

        awaitDigest("tags/web", two);
        assertEquals(
                two, rig.images.find(Reference.parse("acme/web")).orElseThrow().digest());
        assertEquals(one.value(), rig.field("tags/web", "/status/previousDigest"));
        assertEquals(registry.host() + "/acme/web:latest", rig.field("tags/web", "/status/history/0/cause"));
        assertTrue(rig.images.find(one).isPresent(), "an image of the history is kept");
    }

    @Test
    void a_registry_that_does_not_answer_leaves_the_tag_where_it_is() throws Exception {
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        follow("");
        assertEquals(one, rig.ready("tags/web"));
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: hub}
                spec: {host: "%s"}
                """.formatted(registry.host()));
        rig.await(
                "the registry to be ready",
                () -> rig.get("registries/hub").isPresent()
                        && rig.condition("registries/hub", "Ready").startsWith("True"));

        registry.close();

        rig.await("the failure to be told", () -> rig.condition("tags/web", "Resolved")
                .startsWith("False"));
        rig.await("the registry to tell it", () -> rig.condition("registries/hub", "Ready")
                .startsWith("False RegistryUnavailable"));
        assertEquals(one, rig.ready("tags/web"));
    }

    @Test
    void an_image_whose_container_does_not_get_ready_gives_way_to_the_one_before() throws Exception {
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        follow("rollout: {progressDeadline: 2s}");
        rig.ready("tags/web");
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Container
                metadata: {name: web, namespace: default}
                spec: {image: acme/web}
                """);

        Digest two = ServedImage.of(registry, "latest", "two").digest();
        rig.await("the image to be quarantined", () -> rig.field("tags/web", "/status/quarantined/0/digest")
                .equals(two.value()));

        assertEquals(one, rig.ready("tags/web"));
        assertEquals(
                one, rig.images.find(Reference.parse("acme/web")).orElseThrow().digest());
        assertEquals(two.value(), rig.field("tags/web", "/status/history/1/digest"));
        assertEquals("RolledBack", rig.field("tags/web", "/status/history/1/result"));
        rig.await("the tag to hold", () -> rig.condition("tags/web", "UpdateAvailable")
                .startsWith("True Quarantined"));
        assertTrue(rig.condition("tags/web", "RolledOut").contains("not ready in time: Container default/web"));
    }

    @Test
    void what_a_tag_has_brought_is_an_image_that_goes_with_its_content() throws Exception {
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        follow("historyLimit: 0");
        rig.ready("tags/web");
        String image = "images/" + ImageObjects.implicitName(Reference.parse("acme/web@" + one));
        assertEquals(one, rig.ready(image));
        rig.await("its tag to be counted", () -> rig.field(image, "/status/usedBy/tags")
                .equals("1"));
        assertEquals("", rig.field(image, "/status/unusedSince"));

        Digest two = ServedImage.of(registry, "latest", "two").digest();
        awaitDigest("tags/web", two);
        assertTrue(rig.get(image).isPresent(), "the tag can go back to it");
        Digest three = ServedImage.of(registry, "latest", "three").digest();

        awaitDigest("tags/web", three);
        rig.await("the object of what it cannot go back to to go", () -> rig.get(image)
                .isEmpty());
        rig.await(
                "its content to go, which an object of the engine's own does not keep",
                () -> rig.images.find(one).isEmpty());
        String next = "images/" + ImageObjects.implicitName(Reference.parse("acme/web@" + three));
        assertEquals(three, rig.ready(next));
        rig.delete("tags/web");
        rig.await(
                "all to go",
                () -> rig.get(next).isEmpty()
                        && rig.get("tags/web").isEmpty()
                        && rig.images.list().isEmpty());
    }

    @Test
    void an_image_that_an_object_shows_already_is_not_shown_for_its_tag() throws Exception {
        LocalImage one = pulled("one");

        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: web}
                spec: {repository: acme/web, target: {digest: "%s"}}
                """.formatted(one.digest()));

        rig.ready("tags/web");
        rig.delete("images/one");
        rig.await("the object to go", () -> rig.get("images/one").isEmpty());
        String image = "images/" + ImageObjects.implicitName(Reference.parse("acme/web@" + one.digest()));
        rig.await("the tag's own object", () -> rig.get(image).isPresent());
        pulled("one");
        rig.await("the declared one to take its place", () -> rig.get(image).isEmpty());
        assertTrue(rig.images.find(one.digest()).isPresent());
    }

    @Test
    void a_tag_goes_back_to_an_image_of_its_history_and_stays_there() throws Exception {
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        follow("");
        rig.ready("tags/web");
        Digest two = ServedImage.of(registry, "latest", "two").digest();
        awaitDigest("tags/web", two);

        follow("rollbackTo: " + one);
        awaitDigest("tags/web", one);
        Digest three = ServedImage.of(registry, "latest", "three").digest();
        rig.await("the new image to be seen", () -> rig.images.find(three).isPresent());
        assertEquals(one, rig.ready("tags/web"));
        assertEquals("spec.rollbackTo by user", rig.field("tags/web", "/status/history/0/cause"));

        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: web}
                spec:
                  repository: acme/web
                  target: {follow: {reference: "%s/acme/web:latest", interval: 1s}}
                """.formatted(registry.host()));
        awaitDigest("tags/web", three);
    }

    private void pin(Digest digest) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: pinned}
                spec: {repository: "%s/acme/web", tag: "1", target: {digest: "%s"}}
                """.formatted(registry.host(), digest));
    }

    @Test
    void a_tag_that_is_pinned_to_an_image_of_its_repository_pulls_it() throws Exception {
        Digest one = ServedImage.of(registry, "", "one").digest();
        pin(one);

        assertEquals(one, rig.ready("tags/pinned"));

        Reference name = Reference.parse(registry.host() + "/acme/web:1");
        assertEquals(one, rig.images.find(name).orElseThrow().digest());
        assertEquals("spec.target.digest by user", rig.field("tags/pinned", "/status/history/0/cause"));
    }

    @Test
    void a_tag_that_is_pinned_to_an_image_that_nobody_has_stays_and_says_why() throws Exception {
        Digest one = ServedImage.of(registry, "", "one").digest();
        pin(one);
        rig.ready("tags/pinned");
        Digest none = Digest.sha256(new byte[] {1});

        pin(none);

        rig.await("the failure", () -> rig.condition("tags/pinned", "Ready").startsWith("False ErrImagePull"));
        String why = rig.condition("tags/pinned", "Ready");
        assertTrue(why.contains("no image on this host has the digest " + none + ": pull "), why);
        assertTrue(why.endsWith(": not found"), why);
        assertEquals(one.value(), rig.field("tags/pinned", "/status/digest"));
        assertTrue(rig.images.find(one).isPresent());
    }

    @Test
    void a_tag_goes_back_to_an_image_that_only_the_registry_has_by_now() throws Exception {
        Digest old = ServedImage.of(registry, "", "old").digest();
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        follow("");
        assertEquals(one, rig.ready("tags/web"));

        follow("rollbackTo: " + old);

        awaitDigest("tags/web", old);
        assertEquals("spec.rollbackTo by user", rig.field("tags/web", "/status/history/0/cause"));
    }

    @Test
    void a_pushed_tag_becomes_an_object_that_moves_with_each_push_and_goes_with_the_tag() throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: local}
                spec: {host: "%s", serve: {listen: "127.0.0.1:5000", allowPush: ["*"]}}
                """.formatted(HOST));
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: own}
                spec: {repository: own/web, target: {follow: {reference: "%s/acme/web"}}}
                """.formatted(HOST));
        LocalImage one = pulled("one");
        LocalImage two = pulled("two");
        Reference name = Reference.parse(HOST + "/acme/web");
        String tag = "tags/" + ImageObjects.implicitName(name);

        push(one);
        awaitDigest(tag, one.digest());
        assertEquals(one.digest(), rig.images.find(name).orElseThrow().digest());
        push(two);

        awaitDigest(tag, two.digest());
        awaitDigest("tags/own", two.digest());
        for (String each : List.of(tag, "tags/own")) {
            assertEquals(HOST + "/acme/web:latest, pushed by alice", rig.field(each, "/status/history/0/cause"));
        }
        rig.await("the registry to be counted", () -> rig.field("registries/local", "/status/served/tags")
                .equals("1"));
        rig.repositories.untag(name.repository(), "latest");
        rig.await("the object to go", () -> rig.get(tag).isEmpty());
        assertEquals(two.digest(), rig.ready("tags/own"));
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

    private void push(LocalImage image) throws Exception {
        ContentStore content = rig.content;
        Repository repository = new Repository(HOST, "acme/web");
        byte[] bytes = content.read(image.digest(), ManifestCodec.LARGEST_BYTES);
        StoredManifest manifest = StoredManifest.read(bytes, MediaType.OCI_MANIFEST, null);
        manifest.blobs().forEach(blob -> rig.repositories.lease(repository, blob));
        rig.repositories.put(repository, manifest, bytes, new Naming(Set.of("latest"), "alice"));
    }
}
