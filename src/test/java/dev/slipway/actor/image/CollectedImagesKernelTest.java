package dev.slipway.actor.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.space.SpacePruning;
import dev.slipway.actor.space.SpaceReport;
import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images that go when nobody needs them, on a disk that is as full as the test says, and with its clock.
class CollectedImagesKernelTest {
    private static final FileSystemSpace FULL = new FileSystemSpace(1000, 100);

    @TempDir
    private Path directory;

    private ImageRig rig;
    private HostileRegistry registry;

    @BeforeEach
    void open() throws Exception {
        registry = new HostileRegistry();
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")));
        rig.apply("{apiVersion: v1, kind: Node, metadata: {name: here}}");
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
        registry.close();
    }

    private String name(String rest) {
        return registry.host() + "/" + rest;
    }

    private String implicit(String rest) {
        return "images/"
                + ImageObjects.implicitName(ImageObjects.parse(name(rest)).orElseThrow());
    }

    private void pod(String name, String image) throws Exception {
        rig.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec: {containers: [{name: main, image: "%s"}]}
                """.formatted(name, image));
    }

    /// A pod that has got its image.
    private LocalImage runs(String pod, String image) throws Exception {
        pod(pod, name(image));
        rig.await(pod + " to get its image", () -> rig.ask(pod, PullPolicy.IF_NOT_PRESENT) instanceof Answer.Present);
        LocalImage present = assertInstanceOf(Answer.Present.class, rig.ask(pod, PullPolicy.IF_NOT_PRESENT))
                .image();
        rig.ready(implicit(image));
        return present;
    }

    /// A pod had the image, and is gone.
    private LocalImage ran(String pod, String image) throws Exception {
        LocalImage present = runs(pod, image);
        String uid = rig.field("pods/" + pod, "/metadata/uid");
        rig.objects.remove(ImageRig.key("pods/" + pod), uid);
        rig.room().forget(uid);
        awaitUnused(implicit(image));
        return present;
    }

    private void awaitUnused(String image) {
        rig.await(image + " to be unused", () -> !rig.field(image, "/status/unusedSince")
                .isEmpty());
    }

    private void awaitGone(String image, Digest digest) {
        rig.await(
                image + " to go",
                () -> rig.get(image).isEmpty() && rig.images.find(digest).isEmpty());
    }

    /// One image is counted when it is gone.
    private void awaitCollected(String cause) {
        rig.await("one to be counted", () -> rig.collector().collected().containsKey(cause));
        assertEquals(1, rig.collector().collected().get(cause).images());
    }

    /// Waits for the word that nothing can be freed: a pass has ended, and everything is as it stays.
    private void lookInVain() {
        rig.collector().look();
        rig.await("the word that nothing can go", () -> rig.events("here").stream()
                .anyMatch(event -> event.startsWith("FreeDiskSpaceFailed: ")));
    }

    private Set<Digest> content() throws IOException {
        Set<Digest> all = new HashSet<>(rig.content.list());
        rig.snapshots.layers().forEach(layer -> all.add(layer.digest()));
        return all;
    }

    @Test
    void what_a_pod_has_pulled_goes_for_space_and_comes_again_with_the_next_pod() throws Exception {
        Digest served = ServedImage.of(registry, "1", "one").digest();
        ran("web", "web:1");
        rig.space = FULL;
        rig.ahead = Duration.ofMinutes(3);

        rig.collector().look();

        awaitGone(implicit("web:1"), served);
        assertEquals(Set.of(), content());
        rig.await("the event", () -> rig.events(implicit("web:1").substring("images/".length())).stream()
                .anyMatch(event -> event.startsWith("Collected: Removed image: unused for 3m, and 90 % of the file"
                        + " system are in use, which may be 85 %; frees ")));
        awaitCollected("space");
        assertEquals(served, runs("again", "web:1").digest());
    }

    @Test
    void what_somebody_needs_stays_however_full_the_disk_is_and_however_old_it_is() throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: declared}
                spec: {source: {build: {from: scratch, steps: [{copy: {to: /a, content: declared}}]}}}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: base}
                spec:
                  retention: {policy: WhileReferenced, minAge: 0s}
                  source: {build: {from: scratch, steps: [{copy: {to: /b, content: base}}]}}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: top}
                spec: {source: {build: {imageName: base, steps: [{copy: {to: /t, content: top}}]}}}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: tagged}
                spec:
                  retention: {policy: WhileReferenced, minAge: 0s}
                  source: {build: {from: scratch, steps: [{copy: {to: /c, content: tagged}}]}}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: tool}
                spec: {repository: acme/tool, target: {image: {name: tagged}}}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Container
                metadata: {name: worker}
                spec: {imageFrom: {kind: Image, name: contained}, desiredState: Stopped}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: contained}
                spec:
                  retention: {policy: WhileReferenced, minAge: 0s}
                  source: {build: {from: scratch, steps: [{copy: {to: /d, content: contained}}]}}
                """);
        ServedImage.of(registry, "1", "one");
        LocalImage running = runs("web", "web:1");
        for (String image : List.of("declared", "base", "top", "tagged", "contained")) {
            rig.ready("images/" + image);
        }
        rig.ready("tags/tool");
        Set<Digest> before = content();
        rig.space = FULL;
        rig.ahead = Duration.ofDays(100);

        lookInVain();

        assertEquals(before, content());
        assertEquals(6, rig.images.list().size());
        assertTrue(rig.images.find(running.digest()).isPresent());
        assertEquals("", rig.field("images/base", "/status/unusedSince"));
        awaitUnused("images/declared");
    }

    @Test
    void an_image_that_pods_have_pulled_can_be_pinned() throws Exception {
        Digest served = ServedImage.of(registry, "1", "one").digest();
        ran("web", "web:1");
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %s}
                spec: {source: {pull: {reference: "%s"}}, retention: {policy: Always}}
                """.formatted(implicit("web:1").substring("images/".length()), name("web:1")));
        rig.space = FULL;
        rig.ahead = Duration.ofDays(100);

        lookInVain();

        assertTrue(rig.images.find(served).isPresent());
    }

    @Test
    void a_layer_that_another_image_shares_stays() throws Exception {
        ServedImage.of(registry, "1", "base", "one");
        ServedImage.of(registry, "2", "base", "two");
        LocalImage gone = ran("web", "web:1");
        LocalImage stays = runs("other", "web:2");
        rig.space = FULL;
        rig.ahead = Duration.ofMinutes(3);

        rig.collector().look();

        awaitGone(implicit("web:1"), gone.digest());
        Set<Digest> needed =
                new HashSet<>(Set.of(stays.digest(), stays.manifest().config().digest()));
        stays.manifest().layers().stream().map(Descriptor::digest).forEach(needed::add);
        stays.layers().stream().map(DiffId::digest).forEach(needed::add);
        assertEquals(needed, content());
        assertEquals(stays, rig.images.find(stays.digest()).orElseThrow());
    }

    @Test
    void a_restart_does_not_make_an_image_young_again() throws Exception {
        Digest served = ServedImage.of(registry, "1", "one").digest();
        ran("web", "web:1");
        String since = rig.field(implicit("web:1"), "/status/unusedSince");
        rig.stop();

        rig.ahead = Duration.ofDays(31);
        rig.start();

        rig.ready(implicit("web:1"));
        assertEquals(since, rig.field(implicit("web:1"), "/status/unusedSince"));
        rig.collector().look();
        awaitGone(implicit("web:1"), served);
        awaitCollected("age");
    }

    @Test
    void a_declared_image_that_stays_while_referenced_goes_and_comes_again_when_a_pod_names_it() throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: tool}
                spec:
                  retention: {policy: WhileReferenced, minAge: 0s}
                  source: {build: {from: scratch, steps: [{copy: {to: /a, content: tool}}]}}
                """);
        Digest built = rig.ready("images/tool");
        awaitUnused("images/tool");
        rig.space = FULL;

        rig.collector().look();

        rig.await("the content to go", () -> rig.images.find(built).isEmpty());
        rig.await("the status to say it", () -> rig.condition("images/tool", "Ready")
                .startsWith("False Collected removed because it was unused for "));
        assertEquals("False Collected ", rig.condition("images/tool", "Stalled"));
        assertEquals("False Collected ", rig.condition("images/tool", "Reconciling"));
        assertEquals("", rig.field("images/tool", "/status/digest"));
        rig.stop();
        rig.start();

        pod("user", "tool");

        rig.await("the image to be made again", () -> rig.ask("user", PullPolicy.NEVER) instanceof Answer.Present);
        assertEquals(built, rig.ready("images/tool"));
        assertEquals("", rig.field("images/tool", "/status/unusedSince"));
    }

    @Test
    void a_pull_that_shares_a_layer_with_what_goes_at_that_moment_ends_whole() throws Exception {
        ServedImage.of(registry, "1", "base", "one");
        ServedImage other = ServedImage.of(registry, "2", "base", "two");
        LocalImage gone = ran("web", "web:1");
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        registry.play(other.layer().digest().value(), Integer.MAX_VALUE, exchange -> {
            asked.countDown();
            return await(go);
        });
        pod("other", name("web:2"));
        rig.ask("other", PullPolicy.IF_NOT_PRESENT);
        assertTrue(asked.await(20, TimeUnit.SECONDS));
        rig.space = FULL;
        rig.ahead = Duration.ofMinutes(3);

        rig.collector().look();
        awaitGone(implicit("web:1"), gone.digest());
        go.countDown();

        LocalImage stays = runs("other", "web:2");
        for (DiffId layer : stays.layers()) {
            assertTrue(rig.snapshots.hasLayer(layer), layer.toString());
        }
        for (Descriptor layer : stays.manifest().layers()) {
            assertTrue(rig.content.contains(layer.digest()), layer.toString());
        }
        assertFalse(rig.snapshots.hasLayer(gone.layers().getLast()));
    }

    @Test
    void what_takes_space_is_counted_once_and_what_could_be_freed_is_said() throws Exception {
        ServedImage.of(registry, "1", "base", "one");
        ServedImage.of(registry, "2", "base", "two");
        LocalImage unused = ran("web", "web:1");
        runs("other", "web:2");
        byte[] left = "left by a pull".getBytes(UTF_8);
        rig.content.put(Descriptor.of(MediaType.OCI_LAYER, left), left);
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: kept, namespace: default}
                spec: {type: Managed}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: loose, namespace: default}
                spec: {type: Managed, reclaimPolicy: DeleteWhenUnused}
                """);
        rig.status("volumes/loose", "unusedSince: 2026-01-01T00:00:00Z");
        for (String volume : List.of("default.kept", "default.loose")) {
            Files.write(
                    Files.createDirectories(directory.resolve("rig/volumes/" + volume))
                            .resolve("file"),
                    new byte[5000]);
        }

        SpaceReport report = rig.spaceReport();

        Map<String, SpaceReport.Usage> usages = new HashMap<>();
        report.usages().forEach(usage -> usages.put(usage.kind(), usage));
        SpaceReport.Usage images = usages.get("images");
        assertEquals(2, images.count());
        assertEquals(1, images.inUse());
        SpaceReport.ImageUsage one = report.images().stream()
                .filter(image -> image.digest().equals(unused.digest().value()))
                .findFirst()
                .orElseThrow();
        assertTrue(one.unusedSince().isPresent());
        assertTrue(one.sharedBytes() >= 4096 && one.uniqueBytes() >= 4096, one.toString());
        assertEquals(one.uniqueBytes(), images.reclaimableBytes());
        long apart = report.images().stream()
                .mapToLong(SpaceReport.ImageUsage::bytes)
                .sum();
        assertEquals(apart - one.sharedBytes(), images.bytes(), "the common layer is there once");
        assertEquals(left.length, usages.get("unfinished").bytes());
        assertEquals(1, usages.get("volumes").count());
        assertEquals(0, usages.get("volumes").reclaimableBytes(), "named ones never");
        assertEquals(8192, usages.get("anonymous volumes").reclaimableBytes());
        assertTrue(usages.get("objects").bytes() > 0);

        SpacePruning.Pruned wish = rig.pruning().wouldGo(true);
        assertEquals(1, wish.images().size());
        assertEquals(List.of("default/loose"), wish.volumes());
        assertTrue(rig.images.find(unused.digest()).isPresent(), "a wish removes nothing");
        assertEquals(wish.images().size(), rig.pruning().prune(false).images().size());
        awaitGone(implicit("web:1"), unused.digest());
        assertFalse(rig.content.contains(Digest.sha256(left)));
        assertEquals(0, rig.spaceReport().usages().getFirst().reclaimableBytes());
        assertTrue(rig.get("volumes/loose").isPresent(), "without --volumes they stay");
        assertEquals(List.of("default/loose"), rig.pruning().prune(true).volumes());
    }

    private static boolean await(CountDownLatch go) throws IOException {
        try {
            if (!go.await(20, TimeUnit.SECONDS)) {
                throw new IOException("held too long");
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
