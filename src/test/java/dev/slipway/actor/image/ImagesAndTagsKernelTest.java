package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.desired.meta.GroupResource;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images that are built here, and Tags, from manifest to status. No registry is asked.
class ImagesAndTagsKernelTest {
    private static final String TOOLBOX = """
            apiVersion: slipway.dev/v1alpha1
            kind: Image
            metadata: {name: toolbox}
            spec:
              source:
                build:
                  from: scratch
                  steps:
                    - copyFromHost: {paths: [/bin/busybox], libraries: true}
                    - copy: {to: /etc/motd, content: "%s", mode: "0600", chown: "1000:1001"}
                    - config: {env: {GREETING: "%s"}, cmd: [/bin/busybox, sh], user: "1000", volumes: [/data]}
            """;

    @TempDir
    private Path directory;

    private ImageRig rig;

    @BeforeEach
    void open() throws Exception {
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
    }

    private static String toolbox(String greeting) {
        return TOOLBOX.formatted(greeting, greeting);
    }

    private static String pod(String name, String image) {
        return """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec: {containers: [{name: main, image: "%s"}]}
                """.formatted(name, image);
    }

    @Test
    @DisplayName("S24 a declared image is built, and its status says what it is")
    void an_image_is_built_and_shown() throws Exception {
        rig.apply(toolbox("hello"));

        Digest digest = rig.ready("images/toolbox");

        assertEquals(
                digest,
                rig.images.find(Reference.parse("toolbox")).orElseThrow().digest());
        assertEquals("1000", rig.field("images/toolbox", "/status/config/user"));
        assertEquals("hello", rig.field("images/toolbox", "/status/config/env/GREETING"));
        assertEquals("/data", rig.field("images/toolbox", "/status/config/volumes/0"));
        assertEquals("copy text to /etc/motd", rig.field("images/toolbox", "/status/layers/1/createdBy"));
        assertTrue(rig.get("images/toolbox")
                        .orElseThrow()
                        .status()
                        .at("/sizes/unpacked")
                        .asLong()
                >= Files.size(Path.of("/bin/busybox")));
        assertEquals("False Succeeded ", rig.condition("images/toolbox", "Reconciling"));
        rig.await("the event", () -> rig.events("toolbox").stream()
                .anyMatch(event -> event.startsWith("Built: Built image sha256:")));
    }

    @Test
    void a_start_of_the_engine_checks_and_writes_nothing() throws Exception {
        rig.apply(toolbox("hello"));
        rig.ready("images/toolbox");
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: tool}
                spec: {repository: acme/tool, target: {image: {name: toolbox}}}
                """);
        rig.ready("tags/tool");
        rig.await(
                "the events",
                () -> !rig.events("tool").isEmpty() && !rig.events("toolbox").isEmpty());
        rig.await("the tag at its image", () -> rig.field("images/toolbox", "/status/usedBy/tags")
                .equals("1"));
        rig.stop();
        Map<String, Long> versions = versions("images", "tags");

        rig.start();
        // It has no layer of the first, which would have to tell of it.
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: another}
                spec: {source: {build: {from: scratch, steps: [{copy: {to: /etc/motd, content: other}}]}}}
                """);
        rig.ready("images/another");
        rig.await("the event", () -> !rig.events("another").isEmpty());

        versions.keySet()
                .forEach(name -> assertEquals(
                        versions.get(name), versions("images", "tags").get(name), name + " was written"));
    }

    /// Of all own objects of these kinds, by kind and name.
    private Map<String, Long> versions(String... kinds) {
        Map<String, Long> versions = new HashMap<>();
        for (String kind : kinds) {
            rig.store
                    .list(new GroupResource("slipway.dev", kind), "")
                    .items()
                    .forEach(object -> versions.put(kind + "/" + object.name(), object.resourceVersion()));
        }
        return versions;
    }

    @Test
    @DisplayName("S50 a pod finds an image that was built here at once, and no registry is asked")
    void a_pod_finds_a_built_image() throws Exception {
        rig.apply(pod("early", "toolbox"));
        // Nobody has declared the image yet, so that a registry is asked, which is out of reach.
        assertInstanceOf(Answer.Pulling.class, rig.ask("early", PullPolicy.ALWAYS));
        rig.apply(toolbox("hello"));
        Digest digest = rig.ready("images/toolbox");

        Answer answer = rig.ask("early", PullPolicy.ALWAYS);

        assertEquals(
                digest, assertInstanceOf(Answer.Present.class, answer).image().digest());
        rig.await(
                "the object of the pod's image to go",
                () -> rig.store.list(ImageObjects.IMAGES, "").items().size() == 1);
    }

    @Test
    void a_changed_spec_makes_another_image_and_frees_the_former() throws Exception {
        rig.apply(toolbox("hello"));
        Digest before = rig.ready("images/toolbox");
        rig.apply(toolbox("good morning"));

        Digest after = rig.ready("images/toolbox");

        assertNotEquals(before, after);
        rig.await("the former image to go", () -> rig.images.find(before).isEmpty());
        assertEquals(1, rig.images.list().size());
    }

    @Test
    void a_former_image_stays_while_a_pod_runs_from_it() throws Exception {
        rig.apply(toolbox("hello"));
        Digest before = rig.ready("images/toolbox");
        rig.apply(pod("user", "toolbox"));
        rig.runs("user", before);
        rig.apply(toolbox("good morning"));
        rig.ready("images/toolbox");
        assertTrue(rig.images.find(before).isPresent());

        rig.objects.remove(
                ImageRig.key("pods/user"), rig.get("pods/user").orElseThrow().uid());

        rig.await("the former image to go", () -> rig.images.find(before).isEmpty());
    }

    @Test
    @DisplayName("S28 an image is built on another, and again when that changes")
    void an_image_is_built_on_another() throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: derived}
                spec: {source: {build: {imageName: toolbox, steps: [{config: {workingDir: /srv}}]}}}
                """);
        rig.await("the base to be missed", () -> rig.condition("images/derived", "Ready")
                .equals("False DependencyNotReady Image toolbox, on which this is built, does not exist"));
        rig.apply(toolbox("hello"));
        Digest first = rig.ready("images/derived");
        assertEquals("1000", rig.field("images/derived", "/status/config/user"));

        rig.apply(toolbox("good morning"));

        rig.await("the derived image to follow", () -> rig.field("images/derived", "/status/config/env/GREETING")
                .equals("good morning"));
        assertNotEquals(first, rig.ready("images/derived"));
    }

    @Test
    void a_failing_build_says_which_step_and_is_tried_again() throws Exception {
        Path file = directory.resolve("late");
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: late}
                spec: {source: {build: {from: scratch, steps: [{copyFromHost: {paths: [%s]}}]}}}
                """.formatted(file));
        rig.await("a failure", () -> rig.condition("images/late", "Ready").startsWith("False Failed"));
        assertEquals(
                "False Failed step 1 (copyFromHost %s): this host has no file %s".formatted(file, file),
                rig.condition("images/late", "Ready"));
        rig.await("an event", () -> rig.events("late").toString().contains("BuildFailed"));

        Files.writeString(file, "here");

        rig.ready("images/late");
    }

    @Test
    void an_annotation_has_a_build_checked_against_the_host() throws Exception {
        Path file = Files.writeString(directory.resolve("changing"), "1");
        String image = """
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: changing, annotations: {slipway.dev/rebuild: "%d"}}
                spec: {source: {build: {from: scratch, steps: [{copyFromHost: {paths: [%s]}}]}}}
                """;
        rig.apply(image.formatted(1, file));
        Digest before = rig.ready("images/changing");
        Files.writeString(file, "2");

        rig.apply(image.formatted(2, file));

        rig.await("another image", () -> !rig.field("images/changing", "/status/digest")
                .equals(before.value()));
    }

    @Test
    void a_deleted_image_waits_for_its_users_and_then_frees_its_content() throws Exception {
        rig.apply(toolbox("hello"));
        Digest digest = rig.ready("images/toolbox");
        rig.apply(pod("user", "toolbox"));
        rig.runs("user", digest);
        rig.await("the user to be counted", () -> rig.field("images/toolbox", "/status/usedBy/pods")
                .equals("1"));

        rig.delete("images/toolbox");

        rig.await("the wait to be told", () -> rig.condition("images/toolbox", "Reconciling")
                .equals("True ImageInUse in use by Pod default/user"));
        assertTrue(rig.images.find(digest).isPresent());
        rig.objects.remove(
                ImageRig.key("pods/user"), rig.get("pods/user").orElseThrow().uid());
        rig.await("the image to go", () -> rig.get("images/toolbox").isEmpty());
        assertTrue(rig.images.list().isEmpty());
        assertTrue(rig.content.list().isEmpty(), rig.content.list().toString());
        assertTrue(rig.snapshots.layers().isEmpty());
    }

    @Test
    @DisplayName("S56 S57 S58 a tag points at exactly one image, follows it, and remembers where it was")
    void a_tag_follows_an_image() throws Exception {
        rig.apply(toolbox("hello"));
        Digest first = rig.ready("images/toolbox");
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: tool}
                spec: {repository: acme/tool, target: {image: {name: toolbox}}}
                """);
        assertEquals(first, rig.ready("tags/tool"));
        assertEquals(
                first,
                rig.images.find(Reference.parse("acme/tool")).orElseThrow().digest());

        rig.apply(toolbox("good morning"));
        Digest second = rig.ready("images/toolbox");

        rig.await("the tag to move", () -> rig.field("tags/tool", "/status/digest")
                .equals(second.value()));
        assertEquals(
                second,
                rig.images
                        .find(Reference.parse("acme/tool:latest"))
                        .orElseThrow()
                        .digest());
        assertEquals(first.value(), rig.field("tags/tool", "/status/previousDigest"));
        assertEquals(first.value(), rig.field("tags/tool", "/status/history/1/digest"));
        assertFalse(rig.field("tags/tool", "/status/history/1/to").isEmpty());
        rig.await("the move to be told", () -> rig.events("tool")
                .toString()
                .contains("TagMoved: acme/tool:latest moved" + " from " + first + " to " + second));
    }

    @Test
    @DisplayName("S59 two tags of one repository name two images; a pod gets the one it names")
    void two_tags_of_one_repository() throws Exception {
        rig.apply(toolbox("one"));
        Digest one = rig.ready("images/toolbox");
        rig.apply(toolbox("two").replace("name: toolbox", "name: toolbox2"));
        Digest two = rig.ready("images/toolbox2");
        rig.apply(tag("v1", "14.04", one) + "---\n" + tag("v2", "16.04", two));
        rig.ready("tags/v1");
        rig.ready("tags/v2");
        rig.apply(pod("old", "acme/ubuntu:14.04") + "---\n" + pod("young", "acme/ubuntu:16.04"));

        Answer old = rig.ask("old", PullPolicy.ALWAYS);
        Answer young = rig.ask("young", PullPolicy.ALWAYS);

        assertEquals(one, assertInstanceOf(Answer.Present.class, old).image().digest());
        assertEquals(two, assertInstanceOf(Answer.Present.class, young).image().digest());
    }

    private static String tag(String name, String tag, Digest digest) {
        return """
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: %s}
                spec: {repository: acme/ubuntu, tag: "%s", target: {digest: "%s"}}
                """.formatted(name, tag, digest);
    }

    @Test
    void a_pinned_tag_keeps_content_that_its_image_has_left() throws Exception {
        rig.apply(toolbox("hello"));
        Digest first = rig.ready("images/toolbox");
        rig.apply(tag("kept", "1", first));
        rig.ready("tags/kept");

        rig.apply(toolbox("good morning"));
        rig.ready("images/toolbox");
        rig.delete("images/toolbox");
        rig.await("the image to go", () -> rig.get("images/toolbox").isEmpty());

        assertEquals(1, rig.images.list().size());
        assertTrue(rig.images.find(first).isPresent());
        rig.delete("tags/kept");
        rig.await("the tag to go", () -> rig.get("tags/kept").isEmpty());
        rig.await("its content to go", () -> rig.images.list().isEmpty());
    }

    @Test
    void a_second_tag_of_the_same_name_waits_until_the_first_is_gone() throws Exception {
        rig.apply(toolbox("one"));
        Digest one = rig.ready("images/toolbox");
        rig.apply(toolbox("two").replace("name: toolbox", "name: toolbox2"));
        Digest two = rig.ready("images/toolbox2");
        rig.apply(tag("a", "1", one));
        rig.ready("tags/a");
        rig.apply(tag("b", "1", two));
        rig.await("the conflict", () -> rig.condition("tags/b", "Stalled")
                .equals("True Conflict Tag a has the name acme/ubuntu:1 already"));

        rig.delete("tags/a");

        assertEquals(two, rig.ready("tags/b"));
        assertEquals(
                two,
                rig.images.find(Reference.parse("acme/ubuntu:1")).orElseThrow().digest());
    }

    @Test
    void a_tag_whose_repository_changes_leaves_no_name_behind() throws Exception {
        rig.apply(toolbox("one"));
        Digest one = rig.ready("images/toolbox");
        rig.apply(tag("a", "1", one));
        rig.ready("tags/a");

        rig.apply(tag("a", "2", one));
        rig.ready("tags/a");

        assertTrue(rig.images.find(Reference.parse("acme/ubuntu:2")).isPresent());
        rig.await(
                "the former name to go",
                () -> rig.images.find(parsed("acme/ubuntu:1")).isEmpty());
    }

    private static Reference parsed(String name) {
        return ImageObjects.parse(name).orElseThrow();
    }
}
