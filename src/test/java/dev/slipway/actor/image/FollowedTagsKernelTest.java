package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.content.ContentStore;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.repository.RepositoryContents.Naming;
import dev.slipway.engine.repository.StoredManifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tags that follow a registry, or what is pushed here, that roll back, and that are pushed on.
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

        registry.close();

        rig.await("the failure to be told", () -> rig.condition("tags/web", "Resolved")
                .startsWith("False"));
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

    @Test
    void what_a_tag_points_at_is_pushed_to_the_registries_that_it_names() throws Exception {
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        try (DockerRegistry hub = new DockerRegistry(Files.createDirectory(directory.resolve("hub")), "")) {
            follow("push: [{registry: hub, repository: team/web, tag: stable}]");
            rig.await("the missing Registry to be told", () -> rig.condition("tags/web", "Pushed")
                    .equals("False PushFailed Registry hub does not exist"));
            rig.apply("""
                    apiVersion: slipway.dev/v1alpha1
                    kind: Registry
                    metadata: {name: hub}
                    spec: {host: "%s"}
                    """.formatted(hub.host()));

            rig.await("the push", () -> rig.condition("tags/web", "Pushed").startsWith("True"));

            assertEquals(one.value(), rig.field("tags/web", "/status/pushes/0/digest"));
            assertEquals(one.value(), remote(hub));
            Digest two = ServedImage.of(registry, "latest", "two").digest();
            rig.await("the next push", () -> rig.field("tags/web", "/status/pushes/0/digest")
                    .equals(two.value()));
            assertEquals(two.value(), remote(hub));
        }
    }

    @Test
    void what_somebody_else_has_pushed_over_a_tag_gives_way_to_it_again() throws Exception {
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        try (DockerRegistry hub = new DockerRegistry(Files.createDirectory(directory.resolve("hub")), "")) {
            hub(hub);
            follow("push: [{registry: hub, repository: team/web, tag: stable}]");
            rig.await("the push", () -> rig.condition("tags/web", "Pushed").startsWith("True"));
            byte[] other = ManifestCodec.write(
                    new ImageIndex(MediaType.OCI_INDEX, List.of(on(Platform.host(), one)), Map.of()));
            Digest theirs = hub.manifest("team/web", "stable", MediaType.OCI_INDEX, other)
                    .digest();
            assertEquals(theirs.value(), remote(hub));

            rig.ahead = Duration.ofMinutes(11);

            String place = hub.host() + "/team/web:stable";
            String lost = "PushLost: %s points at %s, which somebody else has put there; %s is pushed again"
                    .formatted(place, theirs, one);
            rig.await("the loss", () -> rig.events("web").contains(lost));
            rig.await("the push", () -> remote(hub).equals(one.value()));
        }
    }

    @Test
    void an_index_is_pushed_whole_though_this_host_has_one_platform_of_it() throws Exception {
        Digest one = ServedImage.of(registry, "", "one").digest();
        Digest other = ServedImage.of(registry, "", "other").digest();
        Digest index = index(one, other);
        try (DockerRegistry hub = new DockerRegistry(Files.createDirectory(directory.resolve("hub")), "")) {
            hub(hub);
            follow("push: [{registry: hub, repository: team/web, tag: stable}]");

            rig.await("the push", () -> rig.condition("tags/web", "Pushed").equals("True Succeeded "));

            assertEquals(index.value(), remote(hub));
            assertEquals(index.value(), rig.field("tags/web", "/status/pushes/0/index"));
            assertTrue(rig.images.find(other).isEmpty());
            Digest later = ServedImage.of(registry, "", "later").digest();
            Digest next = index(one, later);
            rig.await(
                    "the index that has another image for others",
                    () -> rig.field("tags/web", "/status/pushes/0/digest").equals(next.value()));
            assertEquals(one, rig.ready("tags/web"));
            assertEquals(next.value(), remote(hub));
        }
    }

    @Test
    void a_push_of_one_platform_of_an_index_says_that_it_is_the_only_one() throws Exception {
        Digest one = ServedImage.of(registry, "", "one").digest();
        Digest other = ServedImage.of(registry, "", "other").digest();
        index(one, other);
        registry.play(other.value(), Integer.MAX_VALUE, exchange -> HostileRegistry.status(exchange, 404));
        try (DockerRegistry hub = new DockerRegistry(Files.createDirectory(directory.resolve("hub")), "")) {
            hub(hub);
            follow("push: [{registry: hub, repository: team/web, tag: stable}]");

            rig.await("the push", () -> rig.condition("tags/web", "Pushed").startsWith("True"));

            String pushed = rig.condition("tags/web", "Pushed");
            assertTrue(pushed.contains("only " + Platform.host() + " was pushed to " + hub.host()), pushed);
            assertTrue(pushed.endsWith("nor in " + registry.host() + "/acme/web"), pushed);
            assertEquals(one.value(), remote(hub));
        }
    }

    private void hub(DockerRegistry hub) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: hub}
                spec: {host: "%s"}
                """.formatted(hub.host()));
    }

    /// Serves an index of an image for this host and one for another.
    private Digest index(Digest own, Digest other) {
        byte[] index = ManifestCodec.write(new ImageIndex(
                MediaType.OCI_INDEX,
                List.of(on(Platform.host(), own), on(new Platform("linux", "s390x", ""), other)),
                Map.of()));
        return registry.manifest("latest", MediaType.OCI_INDEX, index).digest();
    }

    private Descriptor on(Platform platform, Digest manifest) {
        int bytes = registry.manifestOf(manifest).length;
        return new Descriptor(MediaType.OCI_MANIFEST, manifest, bytes, platform, Map.of());
    }

    private static String remote(DockerRegistry hub) {
        return Command.run(
                        "skopeo",
                        "inspect",
                        "--tls-verify=false",
                        "--format",
                        "{{.Digest}}",
                        "docker://" + hub.host() + "/team/web:stable")
                .strip();
    }
}
