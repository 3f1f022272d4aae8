package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.runtime.RuntimeLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What an Image says of its Dockerfile, and of layers that were made before.
class DeclaredDockerfilesKernelTest {
    private static final String DOCKERFILE = """
            FROM scratch AS build
            ARG V=1
            ENV VERSION=$V
            COPY busybox /bin/busybox
            FROM build AS last
            LABEL stage=last
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

    private void image(String name, String build) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %s}
                spec: {source: {build: %s}}
                """.formatted(name, build));
    }

    @Test
    void a_file_of_the_host_is_built_up_to_the_stage_and_with_the_values_that_are_named() throws Exception {
        Path file = Files.writeString(directory.resolve("Dockerfile"), DOCKERFILE);
        String context = "context: {directory: {path: /bin}}";

        image("whole", "{dockerfile: {path: %s}, %s}".formatted(file, context));
        image("part", "{dockerfile: {path: %s, args: {V: \"2\"}, target: build}, %s}".formatted(file, context));

        rig.ready("images/whole");
        assertEquals("1", rig.field("images/whole", "/status/config/env/VERSION"));
        assertEquals("last", rig.field("images/whole", "/status/config/labels/stage"));
        rig.ready("images/part");
        assertEquals("2", rig.field("images/part", "/status/config/env/VERSION"));
        assertEquals("", rig.field("images/part", "/status/config/labels/stage"));
    }

    @Test
    void a_file_that_is_not_there_is_told_and_built_once_it_is() throws Exception {
        Path file = directory.resolve("Dockerfile");
        image("late", "{dockerfile: {path: %s}, context: {directory: {path: /bin}}}".formatted(file));
        rig.await("the missing file to be told", () -> rig.condition("images/late", "Ready")
                .contains("Dockerfile " + file + " does not exist"));
        assertTrue(rig.condition("images/late", "Ready").startsWith("False"));
        // Until nothing that was written has the image looked at again.
        image("other", "{from: scratch, steps: [{copyFromHost: {paths: [/bin/busybox]}}]}");
        rig.ready("images/other");

        Files.writeString(file, DOCKERFILE);

        rig.ready("images/late");
    }

    @Test
    void without_a_cache_a_step_runs_again_and_with_it_does_not() throws Exception {
        image("base", "{from: scratch, steps: [{copyFromHost: {paths: [/bin/busybox]}}]}");
        rig.ready("images/base");
        String build = "{imageName: base, %s steps: ["
                + "{run: [/bin/busybox, sh, -c, \"/bin/busybox cat /proc/sys/kernel/random/uuid >/id\"]},"
                + " {config: {labels: {round: \"%d\"}}}]}";

        image("cached", build.formatted("", 1));
        Digest cached = topLayer("cached");
        image("cached", build.formatted("", 2));
        assertEquals(cached, topLayer("cached"));
        image("anew", build.formatted("cache: None,", 1));
        Digest anew = topLayer("anew");
        assertNotEquals(cached, anew);
        image("anew", build.formatted("cache: None,", 2));
        assertNotEquals(anew, topLayer("anew"));
    }

    private Digest topLayer(String image) {
        rig.ready("images/" + image);
        return new Digest(rig.field("images/" + image, "/status/layers/1/digest"));
    }
}
