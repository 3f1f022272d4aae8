package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.actor.image.PodImages.Question;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.disk.FileSystemSpace;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who counts as needing an image, and who hears that one comes or goes.
class NeededImagesKernelTest {
    private static final FileSystemSpace FULL = new FileSystemSpace(1000, 100);
    private static final FileSystemSpace EMPTY = new FileSystemSpace(1000, 900);

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

    private ApiObject volume(String image) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: data, namespace: default}
                spec: {type: Managed, populate: {fromImagePath: {image: "%s", path: /srv}}}
                """.formatted(image));
        return rig.get("volumes/data").orElseThrow();
    }

    private Answer ask(ApiObject volume, String image) {
        return rig.room()
                .ask(new Question(
                        ImageRig.key("volumes/data"), volume.uid(), image, PullPolicy.IF_NOT_PRESENT, List.of()));
    }

    /// What the controller of Volumes does when there is nothing more to wait for.
    private void filled(ApiObject volume) throws Exception {
        rig.room().forget(volume.uid());
        rig.status(
                "volumes/data",
                "conditions: [{type: Populated, status: \"True\", reason: Succeeded, message: \"\", "
                        + "lastTransitionTime: 2026-01-01T00:00:00Z}]");
    }

    private void build(String name, String from) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %1$s}
                spec:
                  retention: {policy: WhileReferenced, minAge: 0s}
                  source: {build: {%2$s, steps: [{copy: {to: /%1$s, content: %1$s}}]}}
                """.formatted(name, from));
    }

    private void pod(String name, String image) throws Exception {
        rig.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec: {containers: [{name: main, image: "%s"}]}
                """.formatted(name, image));
    }

    /// An Image that was built, and has gone because nobody needed it.
    private Digest collected(String name) throws Exception {
        build(name, "from: scratch");
        Digest built = rig.ready("images/" + name);
        rig.await("it to be unused", () -> !rig.field("images/" + name, "/status/unusedSince")
                .isEmpty());
        rig.space = FULL;
        rig.collector().look();
        rig.await(
                "it to go",
                () -> rig.images.find(built).isEmpty()
                        && rig.condition("images/" + name, "Ready").startsWith("False Collected"));
        rig.space = EMPTY;
        return built;
    }

    @Test
    void an_image_stays_until_the_volume_that_waits_for_it_has_been_filled() throws Exception {
        Digest served = ServedImage.of(registry, "1", "one").digest();
        ApiObject volume = volume(name("web:1"));
        rig.await("the volume to get its image", () -> ask(volume, name("web:1")) instanceof Answer.Present);
        rig.ready(implicit("web:1"));
        rig.space = FULL;
        rig.ahead = Duration.ofDays(100);

        rig.collector().look();

        rig.await("the word that nothing can go", () -> rig.events("here").stream()
                .anyMatch(event -> event.startsWith("FreeDiskSpaceFailed: ")));
        assertTrue(rig.images.find(served).isPresent());
        assertEquals("", rig.field(implicit("web:1"), "/status/unusedSince"));

        rig.delete(implicit("web:1"));
        rig.await("the reason why it stays", () -> rig.condition(implicit("web:1"), "Reconciling")
                .equals("True ImageInUse in use by Volume default/data"));
        filled(volume);
        rig.await(
                "the image to go",
                () -> rig.get(implicit("web:1")).isEmpty()
                        && rig.images.find(served).isEmpty());
    }

    @Test
    void a_volume_brings_back_an_image_that_has_gone_because_nobody_needed_it() throws Exception {
        Digest built = collected("tool");

        ApiObject volume = volume("tool");

        assertEquals(built, rig.ready("images/tool"));
        assertInstanceOf(Answer.Present.class, ask(volume, "tool"));
        assertEquals("", rig.field("images/tool", "/status/unusedSince"));
    }

    @Test
    void a_build_brings_back_a_base_that_it_names_by_reference() throws Exception {
        Digest base = collected("tool");

        build("top", "from: tool");

        rig.ready("images/top");
        assertEquals(base, rig.ready("images/tool"));
    }

    @Test
    void who_waits_for_an_image_hears_that_its_object_has_been_deleted() throws Exception {
        build("tool", "imageName: missing");
        build("top", "imageName: tool");
        rig.await("a build to wait", () -> rig.condition("images/top", "Ready")
                .startsWith("False DependencyNotReady Image tool, on which this is built, is not ready"));
        rig.await("its base to wait", () -> rig.condition("images/tool", "Ready")
                .startsWith("False DependencyNotReady "));
        pod("user", "tool");
        assertInstanceOf(Answer.Pulling.class, rig.ask("user", PullPolicy.IF_NOT_PRESENT));
        rig.touched.clear();

        rig.delete("images/tool");

        rig.await("the pod to be told", () -> rig.touched.contains(ImageRig.key("pods/user")));
        rig.await("the build to say it", () -> rig.condition("images/top", "Ready")
                .equals("False DependencyNotReady Image tool, on which this is built, does not exist"));
    }

    @Test
    void who_was_refused_an_image_hears_that_it_has_been_restored() throws Exception {
        Digest served = ServedImage.of(registry, "1", "one").digest();
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: web}
                spec: {source: {pull: {reference: "%s"}}}
                """.formatted(name("web:1")));
        rig.ready("images/web");
        rig.images.remove(served);
        pod("user", name("web:1"));
        assertInstanceOf(Answer.Failed.class, rig.ask("user", PullPolicy.NEVER));
        rig.touched.clear();

        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: web, annotations: {look: again}}
                spec: {source: {pull: {reference: "%s"}}}
                """.formatted(name("web:1")));

        rig.await("the pod to be told", () -> rig.touched.contains(ImageRig.key("pods/user")));
        assertInstanceOf(Answer.Present.class, rig.ask("user", PullPolicy.NEVER));
    }

    @Test
    void a_build_whose_base_has_gone_since_the_look_waits_for_it_to_come_again() throws Exception {
        build("base", "from: scratch");
        Digest base = rig.ready("images/base");
        ServedImage served = ServedImage.of(registry, "1", "one");
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        registry.play(served.layer().digest().value(), 1, exchange -> {
            asked.countDown();
            return await(go);
        });
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: top}
                spec:
                  source:
                    build:
                      imageName: base
                      steps: [{copy: {image: "%s", from: /, to: /web}}]
                """.formatted(name("web:1")));
        assertTrue(asked.await(20, TimeUnit.SECONDS));

        rig.images.remove(base);
        go.countDown();

        rig.ready("images/top");
        assertEquals(base, rig.ready("images/base"));
        assertEquals(
                List.of(),
                rig.events("top").stream()
                        .filter(event -> event.startsWith("BuildFailed"))
                        .toList());
    }

    @Test
    void what_could_not_be_pulled_goes_when_its_pod_names_another_image() throws Exception {
        ServedImage.of(registry, "1", "one");
        pod("web", name("missing:2"));
        rig.await("the pod to be refused", () -> rig.ask("web", PullPolicy.IF_NOT_PRESENT) instanceof Answer.Failed);
        rig.await("the object to say it", () -> rig.condition(implicit("missing:2"), "Ready")
                .startsWith("False ErrImagePull "));

        pod("web", name("web:1"));

        rig.await("it to go", () -> rig.get(implicit("missing:2")).isEmpty());
        rig.await(
                "the pod to get its image", () -> rig.ask("web", PullPolicy.IF_NOT_PRESENT) instanceof Answer.Present);
        rig.ready(implicit("web:1"));
    }

    @Test
    void what_could_not_be_pulled_goes_with_the_last_pod_that_names_it() throws Exception {
        pod("web", name("missing:2"));
        rig.await("the pod to be refused", () -> rig.ask("web", PullPolicy.IF_NOT_PRESENT) instanceof Answer.Failed);
        rig.await("the object to say it", () -> rig.condition(implicit("missing:2"), "Ready")
                .startsWith("False ErrImagePull "));
        String uid = rig.field("pods/web", "/metadata/uid");

        rig.objects.remove(ImageRig.key("pods/web"), uid);

        rig.await("it to go", () -> rig.get(implicit("missing:2")).isEmpty());
    }

    @Test
    void an_image_that_cannot_be_removed_is_not_said_to_have_gone() throws Exception {
        Digest served = ServedImage.of(registry, "1", "one").digest();
        pod("web", name("web:1"));
        rig.await(
                "the pod to get its image", () -> rig.ask("web", PullPolicy.IF_NOT_PRESENT) instanceof Answer.Present);
        rig.ready(implicit("web:1"));
        String uid = rig.field("pods/web", "/metadata/uid");
        rig.objects.remove(ImageRig.key("pods/web"), uid);
        rig.room().forget(uid);
        rig.await("it to be unused", () -> !rig.field(implicit("web:1"), "/status/unusedSince")
                .isEmpty());
        Path catalog = directory.resolve("rig/content/index.json");
        Files.delete(catalog);
        Files.createDirectories(catalog.resolve("in the way"));
        rig.space = FULL;
        rig.ahead = Duration.ofMinutes(3);

        rig.collector().look();

        String object = implicit("web:1").substring("images/".length());
        rig.await("the failure to be told", () -> rig.events(object).stream()
                .anyMatch(event -> event.startsWith("ImageGCFailed: Failed to remove image: ")));
        rig.await("it to be found again", () -> rig.images.find(served).isPresent());
        assertTrue(rig.get(implicit("web:1")).isPresent());
        assertEquals(0, rig.collector().collected().size());

        Files.delete(catalog.resolve("in the way"));
        Files.delete(catalog);
        rig.collector().look();
        rig.await(
                "it to go",
                () -> rig.get(implicit("web:1")).isEmpty()
                        && rig.images.find(served).isEmpty());
    }

    @Test
    void a_declared_image_that_cannot_be_removed_is_not_said_to_have_gone_either() throws Exception {
        build("tool", "from: scratch");
        Digest built = rig.ready("images/tool");
        rig.await("it to be unused", () -> !rig.field("images/tool", "/status/unusedSince")
                .isEmpty());
        Path catalog = directory.resolve("rig/content/index.json");
        Files.delete(catalog);
        Files.createDirectories(catalog.resolve("in the way"));
        rig.space = FULL;

        rig.collector().look();

        rig.await("the failure to be told", () -> rig.events("tool").stream()
                .anyMatch(event -> event.startsWith("ImageGCFailed: Failed to remove image: ")));
        assertEquals(
                List.of(),
                rig.events("tool").stream()
                        .filter(event -> event.startsWith("Collected"))
                        .toList());
        rig.await("it to be found again", () -> rig.images.find(built).isPresent());

        Files.delete(catalog.resolve("in the way"));
        Files.delete(catalog);
        rig.apply("{apiVersion: slipway.dev/v1alpha1, kind: Image, metadata: {name: other}, spec: {source: {build:"
                + " {from: scratch, steps: [{copy: {to: /other, content: other}}]}}}}");
        rig.await("it to go with the next look", () -> rig.images.find(built).isEmpty());
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
