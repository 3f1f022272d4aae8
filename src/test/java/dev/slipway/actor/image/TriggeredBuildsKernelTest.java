package dev.slipway.actor.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images that say what is to be done when something is built on them.
class TriggeredBuildsKernelTest {
    private static final String DOCKERFILE = """
            apiVersion: slipway.dev/v1alpha1
            kind: Image
            metadata: {name: %s}
            spec:
              source:
                build:
                  context: {directory: {path: "%s"}}
                  dockerfile:
                    inline: |
                      FROM %s
                      LABEL last=dockerfile
            """;

    @TempDir
    private Path directory;

    private ImageRig rig;
    private HostileRegistry registry;

    @BeforeEach
    void open() throws Exception {
        registry = new HostileRegistry();
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")));
        Files.writeString(Files.createDirectory(directory.resolve("context")).resolve("app"), "the app");
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
        registry.close();
    }

    private void build(String name, String base) throws Exception {
        rig.apply(DOCKERFILE.formatted(name, directory.resolve("context"), base));
    }

    private LocalImage ready(String name) {
        return rig.images.find(rig.ready("images/" + name)).orElseThrow();
    }

    @Test
    void a_dockerfile_begins_with_the_triggers_of_its_image_and_hands_none_on() throws Exception {
        String base = registry.host() + "/team/app/onbuild:1";
        ServedImage.of(registry, "1", List.of("LABEL first=base last=base", "COPY app /srv/"), "base");

        build("app", base);
        LocalImage app = ready("app");
        build("more", "app");
        LocalImage more = ready("more");

        assertEquals(
                Map.of("first", "base", "last", "dockerfile"),
                app.config().parameters().labels());
        Path added = rig.snapshots.lowers(app.layers()).getFirst();
        assertEquals("the app", Files.readString(added.resolve("srv/app")));
        assertEquals("COPY app /srv/", app.config().history().get(1).createdBy());
        assertEquals(List.of(), app.config().triggers());
        assertEquals("ada", app.config().author());
        assertEquals(app.layers(), more.layers());
        rig.await("the event", () -> !rig.events("app").isEmpty());
        assertTrue(rig.events("app").getFirst().contains("2 layers, 1 of them made now"), rig.events("app")::toString);
    }

    @Test
    void a_trigger_that_cannot_be_done_is_told_with_its_image() throws Exception {
        String base = registry.host() + "/team/app/onbuild:1";
        ServedImage.of(registry, "1", List.of("ENV A=b", "COPY missing /srv/"), "base");
        build("app", base);
        rig.await("the failure", () -> rig.condition("images/app", "Ready").startsWith("False Failed"));

        assertEquals(
                "False Failed step 2 (COPY missing /srv/): ONBUILD trigger 2 of %s: this host has no file %s/missing"
                        .formatted(base, directory.resolve("context")),
                rig.condition("images/app", "Ready"));
        ServedImage.of(registry, "2", List.of("ONBUILD RUN x"), "base");
        build("app", base.replace(":1", ":2"));
        rig.await("the refusal", () -> rig.condition("images/app", "Ready").contains("ONBUILD is not supported"));
        assertTrue(rig.condition("images/app", "Ready")
                .endsWith("ONBUILD trigger 1 of %s: ONBUILD is not supported".formatted(base.replace(":1", ":2"))));
    }

    @Test
    void other_builds_say_that_they_leave_triggers_out() throws Exception {
        String base = registry.host() + "/team/app/onbuild:1";
        ServedImage.of(registry, "1", List.of("RUN x"), "base");
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: app}
                spec: {source: {build: {from: "%s", steps: [{config: {user: "7"}}]}}}
                """.formatted(base));
        Digest digest = rig.ready("images/app");

        rig.await("the event", () -> !rig.events("app").isEmpty());
        assertTrue(
                rig.events("app")
                        .getFirst()
                        .endsWith("; ONBUILD triggers of %s are for a Dockerfile and were not run: 1".formatted(base)),
                rig.events("app")::toString);
        assertEquals(List.of(), rig.images.find(digest).orElseThrow().config().triggers());
    }
}
