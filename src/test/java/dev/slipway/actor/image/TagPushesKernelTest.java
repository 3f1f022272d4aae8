package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.ShutPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tags that are pushed on.
class TagPushesKernelTest {
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
    void the_status_tells_how_far_a_push_is_until_it_is_over() throws Exception {
        ServedImage.of(registry, "latest", "one");
        CountDownLatch released = new CountDownLatch(1);
        try (HostileRegistry hub = new HostileRegistry()) {
            hub.play(exchange -> take(exchange, released));
            rig.apply("""
                    apiVersion: slipway.dev/v1alpha1
                    kind: Registry
                    metadata: {name: hub}
                    spec: {host: "%s"}
                    """.formatted(hub.host()));
            follow("push: [{registry: hub, repository: team/web, tag: stable}]");

            rig.await("the bytes of the config and the layer", () -> rig.field(
                            "tags/web", "/status/pushes/0/progress/blobsTotal")
                    .equals("2"));

            assertTrue(Long.parseLong(rig.field("tags/web", "/status/pushes/0/progress/bytesTotal")) > 100);
            assertEquals(hub.host() + "/team/web:stable", rig.field("tags/web", "/status/pushes/0/reference"));
            assertEquals("", rig.field("tags/web", "/status/pushes/0/digest"));
            released.countDown();
            rig.await("the push", () -> rig.condition("tags/web", "Pushed").startsWith("True"));
            assertEquals("", rig.field("tags/web", "/status/pushes/0/progress/blobsTotal"));
            assertTrue(rig.field("tags/web", "/status/pushes/0/digest").startsWith("sha256:"));
            assertEquals("", rig.field("tags/web", "/status/pushes/1/registry"));
        } finally {
            released.countDown();
        }
    }

    /// An empty registry that takes blobs only when somebody lets it.
    private static boolean take(HttpExchange exchange, CountDownLatch released) throws IOException {
        String path = exchange.getRequestURI().getPath();
        exchange.getResponseHeaders().set("Location", path);
        if (exchange.getRequestMethod().equals("PUT") && path.contains("/uploads/")) {
            await(released);
        }
        return HostileRegistry.status(
                exchange,
                switch (exchange.getRequestMethod()) {
                    case "POST", "PATCH" -> 202;
                    case "PUT" -> 201;
                    default -> 404;
                });
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            assertTrue(latch.await(60, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted on purpose", e);
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
            String why = ": its index could not be had whole: pull " + registry.host() + "/acme/web@" + other;
            assertTrue(pushed.contains(why), pushed);
            assertEquals(one.value(), remote(hub));
        }
    }

    @Test
    void of_several_indexes_that_one_is_pushed_that_the_image_was_pulled_as() throws Exception {
        Digest one = ServedImage.of(registry, "", "one").digest();
        Map<String, Digest> indexes = Map.of(
                "v1", index("v1", one, ServedImage.of(registry, "", "other").digest()),
                "v2", index("v2", one, ServedImage.of(registry, "", "later").digest()));
        try (DockerRegistry hub = new DockerRegistry(Files.createDirectory(directory.resolve("hub")), "")) {
            hub(hub);
            for (String name : indexes.keySet()) {
                rig.apply("""
                        apiVersion: slipway.dev/v1alpha1
                        kind: Image
                        metadata: {name: %s}
                        spec: {source: {pull: {reference: "%s/acme/web:%s"}}}
                        """.formatted(name, registry.host(), name));
                rig.await("the pull", () -> rig.condition("images/" + name, "Ready")
                        .startsWith("True"));
            }
            for (String name : indexes.keySet()) {
                rig.apply("""
                        apiVersion: slipway.dev/v1alpha1
                        kind: Tag
                        metadata: {name: %s}
                        spec:
                          repository: acme/web
                          tag: %s
                          target: {image: {name: %s}}
                          push: [{registry: hub, repository: team/web, tag: stable-%s}]
                        """.formatted(name, name, name, name));
                rig.await("the push", () -> rig.condition("tags/" + name, "Pushed")
                        .equals("True Succeeded "));
                String digest = indexes.get(name).value();
                assertEquals(digest, rig.field("tags/" + name, "/status/pushes/0/digest"));
                assertEquals(digest, rig.field("tags/" + name, "/status/pushes/0/index"));
            }
            rig.apply("""
                    apiVersion: slipway.dev/v1alpha1
                    kind: Tag
                    metadata: {name: pinned}
                    spec:
                      repository: acme/web
                      tag: pinned
                      target: {digest: "%s"}
                      push: [{registry: hub, repository: team/web, tag: pinned}]
                    """.formatted(one));
            String why = "it is of several indexes, and which is meant is not known";
            rig.await("the push and why it is of one platform", () -> rig.condition("tags/pinned", "Pushed")
                    .equals("True Succeeded only %s was pushed to %s/team/web:pinned: %s"
                            .formatted(Platform.host(), hub.host(), why)));
            assertEquals(why, rig.field("tags/pinned", "/status/pushes/0/remark"));
        }
    }

    @Test
    void a_registry_that_does_not_answer_keeps_nothing_from_another() throws Exception {
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        try (DockerRegistry hub = new DockerRegistry(Files.createDirectory(directory.resolve("hub")), "");
                DockerRegistry late = new DockerRegistry(Files.createDirectory(directory.resolve("late")), "");
                ShutPort shut = new ShutPort(late.host())) {
            hub(hub);
            registry("late", shut.host());
            follow("push: [%s, %s]".formatted(place("late"), place("hub")));
            rig.await("the push that is held up", () -> shut.waiting() == 1);

            rig.await("the other push", () -> rig.condition("tags/web", "Pushed")
                    .equals("False Progressing to " + shut.host() + "/team/web:stable"));
            assertEquals(one.value(), pushed("hub"));
            assertEquals(one.value(), remote(hub));
            assertEquals("", pushed("late"));
            shut.open();

            rig.await("both", () -> rig.condition("tags/web", "Pushed").startsWith("True"));
            assertEquals(one.value(), pushed("late"));
            assertEquals(one.value(), remote(late));
        }
    }

    @Test
    void a_place_that_is_not_wanted_any_more_is_not_pushed_to_any_longer() throws Exception {
        ServedImage.of(registry, "latest", "one");
        try (DockerRegistry hub = new DockerRegistry(Files.createDirectory(directory.resolve("hub")), "");
                DockerRegistry late = new DockerRegistry(Files.createDirectory(directory.resolve("late")), "");
                ShutPort shut = new ShutPort(late.host())) {
            hub(hub);
            registry("late", shut.host());
            follow("push: [%s, %s]".formatted(place("late"), place("hub")));
            rig.await("the push", () -> shut.waiting() == 1);

            follow("push: [%s]".formatted(place("hub")));

            rig.await("its end", () -> shut.waiting() == 0);
            rig.await("the other", () -> rig.condition("tags/web", "Pushed").equals("True Succeeded "));
            assertEquals("", pushed("late"));
        }
    }

    private static String place(String registry) {
        return "{registry: %s, repository: team/web, tag: stable}".formatted(registry);
    }

    /// What the status has of a registry: a digest, or nothing.
    private String pushed(String registry) {
        for (var each : rig.get("tags/web").orElseThrow().status().path("pushes")) {
            if (each.path("registry").asText().equals(registry)) {
                return each.path("digest").asText();
            }
        }
        return "";
    }

    private void hub(DockerRegistry hub) throws Exception {
        registry("hub", hub.host());
    }

    private void registry(String name, String host) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: %s}
                spec: {host: "%s"}
                """.formatted(name, host));
    }

    /// Serves an index of an image for this host and one for another.
    private Digest index(Digest own, Digest other) {
        return index("latest", own, other);
    }

    private Digest index(String tag, Digest own, Digest other) {
        byte[] index = ManifestCodec.write(new ImageIndex(
                MediaType.OCI_INDEX,
                List.of(on(Platform.host(), own), on(new Platform("linux", "s390x", ""), other)),
                Map.of()));
        return registry.manifest(tag, MediaType.OCI_INDEX, index).digest();
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
