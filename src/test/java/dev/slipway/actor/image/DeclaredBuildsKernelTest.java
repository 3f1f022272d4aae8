package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.Requests;
import dev.slipway.engine.runtime.RuntimeLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images whose steps run programs, copy from each other, and change with what they are made of.
class DeclaredBuildsKernelTest {
    private static final String BASE = """
            apiVersion: slipway.dev/v1alpha1
            kind: Image
            metadata: {name: base}
            spec:
              source:
                build:
                  from: scratch
                  steps:
                    - copyFromHost: {paths: [/bin/busybox]}
                    - copy: {to: /greeting, content: %s}
            """;

    @TempDir
    private Path directory;

    private RuntimeLab lab;
    private ImageRig rig;

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")), lab.runtime(), lab.snapshots());
    }

    @AfterEach
    void close() throws IOException {
        try {
            rig.close();
        } finally {
            lab.close();
        }
    }

    private static String image(String name, String build) {
        return """
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %s}
                spec:
                  source:
                    build:
                """.formatted(name) + build.indent(6);
    }

    /// What a file of an image holds, looked for from the topmost layer down; an image that another one has
    /// replaced since its status was read holds nothing.
    private String read(String image, String path) throws IOException {
        List<DiffId> layers = rig.images
                .find(new Digest(rig.field("images/" + image, "/status/digest")))
                .map(LocalImage::layers)
                .orElse(List.of());
        for (Path layer : rig.snapshots.lowers(layers)) {
            if (Files.exists(layer.resolve(path))) {
                return Files.readString(layer.resolve(path));
            }
        }
        return "<nothing>";
    }

    @Test
    @DisplayName("S28 an image is built on another, takes files of a third, and follows both")
    void an_image_follows_those_that_it_is_built_from() throws Exception {
        rig.apply(BASE.formatted("hello"));
        rig.apply(image("assets", """
                from: scratch
                steps:
                  - copy: {to: /site/index.html, content: one}
                """));
        rig.apply(image("web", """
                imageName: base
                steps:
                  - run: [/bin/busybox, sh, -c, "read g </greeting; echo $g world >/said"]
                  - copy: {imageName: assets, from: /site, to: /srv}
                """));
        Digest first = rig.ready("images/web");
        assertEquals("hello world\n", read("web", "said"));
        assertEquals("one", read("web", "srv/index.html"));

        rig.apply(BASE.formatted("goodbye"));
        rig.apply(image("assets", """
                from: scratch
                steps:
                  - copy: {to: /site/index.html, content: two}
                """));

        rig.await("the image to follow", () -> {
            try {
                return read("web", "said").equals("goodbye world\n")
                        && read("web", "srv/index.html").equals("two");
            } catch (IOException e) {
                return false;
            }
        });
        assertNotEquals(first, rig.ready("images/web"));
    }

    @Test
    void a_failing_step_is_told_with_its_number_code_and_last_lines() throws Exception {
        rig.apply(BASE.formatted("hello"));
        rig.apply(image("web", """
                imageName: base
                steps:
                  - run: [/bin/busybox, sh, -c, "echo preparing; /bin/busybox printf '\\\\033c'; echo no such flag; exit 3"]
                """));

        rig.await("the failure", () -> rig.condition("images/web", "Ready").startsWith("False Failed"));

        String said =
                "step 1 (run echo preparing; /bin/busybox printf '\\033c'; echo no such flag; exit 3): exit code 3, "
                        + "its last lines:\npreparing\n?cno such flag";
        assertEquals("False Failed " + said, rig.condition("images/web", "Ready"));
        rig.await("the event", () -> rig.events("web").contains("BuildFailed: " + said));
        assertFalse(rig.get("images/web").orElseThrow().status().has("digest"));
        rig.apply(image("web", """
                imageName: base
                steps:
                  - run: [/bin/busybox, sh, -c, "echo better >/said"]
                """));
        rig.ready("images/web");
        assertEquals(List.of(), lab.runtime().list());
    }

    @Test
    void a_step_that_runs_for_longer_than_it_may_is_killed_and_told() throws Exception {
        rig.apply(BASE.formatted("hello"));
        rig.apply(image("endless", """
                imageName: base
                resources: {limits: {cpu: 500m, memory: 64Mi}}
                timeout: 1s
                steps:
                  - copy: {to: /first, content: first}
                  - run: [/bin/busybox, sh, -c, "while true; do /bin/busybox sleep 0.1; done"]
                """));

        rig.await("the failure", () -> rig.condition("images/endless", "Ready").startsWith("False Failed"));

        assertEquals(
                "False Failed step 2 (run while true; do /bin/busybox sleep 0.1; done): killed, because it ran for "
                        + "longer than 1s, without a word",
                rig.condition("images/endless", "Ready"));
    }

    @Test
    void a_step_that_needs_more_memory_than_it_may_have_is_killed_and_told() throws Exception {
        rig.apply(BASE.formatted("hello"));
        rig.apply(image("greedy", """
                dockerfile:
                  inline: |
                    FROM scratch
                    COPY busybox /bin/busybox
                    RUN ["/bin/busybox", "sh", "-c", "a=x; while true; do a=$a$a; done"]
                context: {directory: {path: /bin}}
                resources: {limits: {memory: 32Mi}}
                """));

        rig.await("the failure", () -> rig.condition("images/greedy", "Ready").startsWith("False Failed"));

        String told = rig.condition("images/greedy", "Ready");
        assertTrue(told.startsWith("False Failed step 2 (RUN "), told);
        assertTrue(told.contains("killed, because it needed more memory than its limit of 33554432 bytes"), told);
    }

    @Test
    void a_step_that_takes_long_is_shown_while_it_runs() throws Exception {
        Path gate = Files.createDirectory(directory.resolve("gate"));
        rig.apply(BASE.formatted("hello"));
        rig.apply(image("slow", """
                imageName: base
                context: {directory: {path: %s}}
                steps:
                  - run: [/bin/busybox, sh, -c, "while true; do /bin/busybox sleep 0.1; done"]
                """.formatted(gate)));

        rig.await("the step", () -> rig.field("images/slow", "/status/progress/layersTotal")
                .equals("1"));

        assertEquals("0", rig.field("images/slow", "/status/progress/layersDone"));
        assertTrue(rig.condition("images/slow", "Ready").contains("building: step 1 of 1: run while true"));
        rig.await("its program", () -> lab.runtime().counts().running() == 1);
        rig.delete("images/slow");
        rig.await(
                "its end",
                () -> rig.get("images/slow").isEmpty() && lab.runtime().list().isEmpty());
    }

    @Test
    void a_config_map_is_a_context_and_the_image_follows_it() throws Exception {
        rig.apply(image("site", """
                from: scratch
                context: {configMapRef: {name: pages}}
                steps:
                  - copy: {from: ., to: /srv, mode: "0600"}
                  - copy: {from: index.html, to: /index.html}
                """));
        rig.await("the missing ConfigMap to be told", () -> rig.condition("images/site", "Ready")
                .contains("ConfigMap default/pages does not exist"));

        rig.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: pages}, data: {index.html: one, a.css: blue}}");

        Digest first = rig.ready("images/site");
        assertEquals("blue", read("site", "srv/a.css"));
        assertEquals("one", read("site", "index.html"));
        rig.apply("{apiVersion: v1, kind: ConfigMap, metadata: {name: pages}, data: {index.html: two}}");
        rig.await("another image", () -> !rig.field("images/site", "/status/digest")
                .equals(first.value()));
        assertEquals("two", read("site", "srv/index.html"));
    }

    @Test
    void an_image_that_hides_much_of_what_it_carries_says_so() throws Exception {
        Path large = Files.writeString(directory.resolve("large"), "x".repeat(2 << 20));
        rig.apply(image("wasteful", """
                from: scratch
                steps:
                  - copyFromHost: {paths: [%s]}
                  - remove: [%s]
                """.formatted(large, large)));

        rig.ready("images/wasteful");

        String hidden = rig.field("images/wasteful", "/status/sizes/hidden");
        String unpacked = rig.field("images/wasteful", "/status/sizes/unpacked");
        assertEquals(
                "True HiddenContent %s of %s bytes are hidden by layers above".formatted(hidden, unpacked),
                rig.condition("images/wasteful", "WastedSpace"));
    }

    @Test
    @DisplayName("S23 S26 S27 a status tells what each layer deletes, hides and shares")
    void a_status_tells_what_layers_delete_hide_and_share() throws Exception {
        rig.apply(BASE.formatted("hello"));
        rig.ready("images/base");
        String unique = rig.field("images/base", "/status/sizes/unique");
        rig.apply(image("web", """
                imageName: base
                steps:
                  - copy: {to: /big, content: "%s"}
                  - remove: [/big, /greeting]
                  - copy: {to: /greeting, content: again}
                """.formatted("x".repeat(10_000))));
        rig.ready("images/web");

        assertEquals("2", rig.field("images/web", "/status/layers/3/whiteouts"));
        assertEquals("0", rig.field("images/web", "/status/layers/3/hiddenBytes"));
        assertEquals("12288", rig.field("images/web", "/status/layers/2/hiddenBytes"));
        assertEquals("4096", rig.field("images/web", "/status/layers/1/hiddenBytes"));
        assertEquals("16384", rig.field("images/web", "/status/sizes/hidden"));
        assertEquals("False Succeeded ", rig.condition("images/web", "WastedSpace"), "so little is no waste");
        for (String step : List.of("Resolved", "Built", "Unpacked")) {
            assertEquals("True Succeeded ", rig.condition("images/web", step));
        }
        assertEquals("base", rig.field("images/web", "/status/layers/0/sharedWith/0"));
        assertEquals("", rig.field("images/web", "/status/layers/2/sharedWith"));
        assertEquals("remove /big /greeting", rig.field("images/web", "/status/layers/3/createdBy"));
        rig.await("the base to tell that it shares", () -> rig.field("images/base", "/status/layers/0/sharedWith/0")
                .equals("web"));
        assertEquals("0", rig.field("images/base", "/status/sizes/unique"));
        assertEquals(
                rig.field("images/base", "/status/sizes/unpacked"), rig.field("images/base", "/status/sizes/shared"));
        rig.delete("images/web");
        rig.await("the base to be alone", () -> rig.field("images/base", "/status/sizes/unique")
                .equals(unique));
        assertEquals("0", rig.field("images/base", "/status/sizes/shared"));
    }

    @Test
    void an_image_is_taken_from_what_a_container_has_written_and_says_whose() throws Exception {
        rig.apply(BASE.formatted("hello"));
        LocalImage base = rig.images.find(rig.ready("images/base")).orElseThrow();
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Container
                metadata: {name: work}
                spec: {image: base}
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: work}
                spec: {containers: [{name: main, image: base}]}
                """);
        rig.status("containers/work", "image: {digest: \"%s\"}".formatted(base.digest()));
        write(base, new PodUid(rig.get("pods/work").orElseThrow().uid()));

        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: kept}
                spec: {source: {commit: {containerRef: {name: work}}}}
                """);

        rig.ready("images/kept");
        assertEquals("written\n", read("kept", "greeting"));
        assertEquals(
                3, rig.get("images/kept").orElseThrow().status().path("layers").size());
        assertEquals("commit of container default/work", rig.field("images/kept", "/status/layers/2/createdBy"));
    }

    /// Runs a container that writes, to its end.
    private void write(LocalImage base, PodUid pod) throws Exception {
        lab.sandbox(Requests.sandbox(pod));
        ContainerRequest writer = Requests.container(
                pod, "main", 0, base, List.of("/bin/busybox", "sh", "-c", "echo written >/greeting"));
        lab.started(Requests.withLayer(writer, new ContainerRequest.Layer.Kept(List.of())));
        lab.awaitEnd(writer.container(), 0);
    }

    @Test
    @DisplayName("S08 an image is taken from a file, and stays when the file goes")
    void an_image_is_taken_from_a_file() throws Exception {
        rig.apply(BASE.formatted("hello"));
        Digest digest = rig.ready("images/base");
        Path archive = directory.resolve("base.tar");
        Command.run(
                "skopeo",
                "--insecure-policy",
                "copy",
                "-q",
                "oci:" + directory.resolve("rig/content") + ":docker.io/library/base:latest",
                "oci-archive:" + archive + ":x");
        String load = """
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: loaded}
                spec: {source: {import: {path: %s, format: %s}}}
                """;
        rig.apply(load.formatted(archive, "docker-archive"));
        rig.await("the wrong format to be told", () -> rig.condition("images/loaded", "Ready")
                .startsWith("False Failed the archive has no file manifest.json"));

        rig.apply(load.formatted(archive, "oci-layout"));

        assertEquals(digest, rig.ready("images/loaded"));
        Files.delete(archive);
        rig.stop();
        rig.start();
        rig.delete("images/base");
        rig.await("the other to go", () -> rig.get("images/base").isEmpty());
        assertEquals("hello", read("loaded", "greeting"));
        rig.await("the event", () -> rig.events("loaded").contains("Imported: Imported image " + digest));
    }
}
