package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.EngineProcess.Ran;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageConfig;
import dev.slipway.engine.oci.ImageConfigCodec;
import dev.slipway.engine.oci.ImageManifest;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Watched directories with mistakes in them: each is named, none stops the others, nothing that ran is lost. One
/// engine watches a directory for each test, with a ConfigMap of that name in it. It takes only small images.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {
    private static final String GOOD =
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: %s}, data: {version: \"%s\"}}\n";
    private static final List<String> FOLDERS =
            List.of("followed", "edited", "malformed", "broken", "unknown", "emptied");

    @TempDir
    private static Path home;

    private EngineProcess engine;

    @BeforeAll
    void start() throws IOException {
        for (String name : FOLDERS) {
            write(Files.createDirectory(home.resolve(name)).resolve("good.yaml"), name, "1");
        }
        engine = EngineProcess.startWith(
                List.of("SLIPWAY_IMAGE_MAX_LAYER_BYTES=100000", "SLIPWAY_IMAGE_MAX_CONFIG_BYTES=5000"),
                FOLDERS.stream().map(home::resolve).toArray(Path[]::new));
        for (String name : FOLDERS) {
            engine.awaitField("configmap/" + name, ".data.version", "1");
        }
    }

    @AfterAll
    void stop() throws IOException {
        engine.close();
    }

    private static void write(Path file, String name, String version) throws IOException {
        Files.writeString(file, GOOD.formatted(name, version));
    }

    @Test
    @DisplayName("S07 a file dropped is applied, changed is followed, deleted is pruned")
    void a_file_is_followed() throws IOException {
        Path more = home.resolve("followed/more.yaml");
        write(more, "more", "1");
        engine.awaitField("configmap/more", ".data.version", "1");

        write(more, "more", "2");
        engine.awaitField("configmap/more", ".data.version", "2");

        Files.delete(more);
        engine.await(
                "more to be pruned",
                () -> engine.kubectl("get", "configmap/more").err().contains("NotFound"));
        assertEquals("1", engine.field("configmap/followed", ".data.version"));
    }

    @Test
    void an_edit_by_hand_is_corrected() {
        engine.kubectl("patch", "configmap/edited", "--type=merge", "-p", "{\"data\":{\"version\":\"mine\"}}")
                .orFail();

        engine.awaitField("configmap/edited", ".data.version", "1");
    }

    @Test
    void malformed_yaml_is_named_with_file_and_line_and_loses_nothing() throws IOException {
        Files.writeString(home.resolve("malformed/bad.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [}\n");
        write(home.resolve("malformed/late.yaml"), "late", "1");

        engine.awaitField("configmap/late", ".data.version", "1");
        awaitStatus("bad.yaml:3");
        assertEquals("1", engine.field("configmap/malformed", ".data.version"));
    }

    @Test
    void a_file_that_breaks_keeps_what_it_declared() throws IOException {
        Files.writeString(home.resolve("broken/good.yaml"), "kind: [broken\n");

        awaitStatus("broken/good.yaml");
        assertEquals("1", engine.field("configmap/broken", ".data.version"));
    }

    @Test
    void unknown_kinds_and_fields_are_named() throws IOException {
        Files.writeString(
                home.resolve("unknown/kind.yaml"), "{apiVersion: v1, kind: Ponfigmap, metadata: {name: a}}\n");
        Files.writeString(
                home.resolve("unknown/field.yaml"),
                "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, dota: {}}\n");

        awaitStatus("Ponfigmap", "dota");
    }

    @Test
    void a_directory_that_is_suddenly_empty_prunes_nothing() throws IOException {
        Files.delete(home.resolve("emptied/good.yaml"));

        awaitStatus(home.resolve("emptied").toString(), "has no manifests any more");
        assertEquals("1", engine.field("configmap/emptied", ".data.version"));
    }

    private void awaitStatus(String... words) {
        engine.await("the status to name " + List.of(words), () -> {
            String status = engine.slipway("status").out();
            return Stream.of(words).allMatch(status::contains);
        });
    }

    @Test
    void a_missing_image_is_said_and_retried() {
        engine.apply("""
                {apiVersion: v1, kind: Pod, metadata: {name: noimage},
                 spec: {containers: [{name: main, image: "127.0.0.1:1/no/such:1"}]}}
                """);

        engine.await("a reason", () -> engine.field("pod/noimage", ".status.containerStatuses[0].state.waiting.reason")
                .matches("ErrImagePull|ImagePullBackOff"));
        engine.await(
                "the event", () -> engine.kubectl("get", "events", "--field-selector", "involvedObject.name=noimage")
                        .out()
                        .contains("127.0.0.1:1/no/such:1"));
        engine.kubectl("delete", "pod/noimage", "--wait=true", "--timeout=20s").orFail();
    }

    @Test
    void images_that_are_larger_than_the_settings_allow_are_refused_by_their_number() throws IOException {
        Path large = Files.write(home.resolve("large"), new byte[100_001]);
        Ran.run(
                        new ProcessBuilder(
                                "tar",
                                "-C",
                                home.toString(),
                                "-cf",
                                home.resolve("large.tar").toString(),
                                "large"),
                        "")
                .orFail();
        try (HostileRegistry registry = new HostileRegistry()) {
            serve(registry, "layer", "ada", Files.readAllBytes(home.resolve("large.tar")));
            serve(registry, "config", "ada".repeat(2000), new byte[1024]);
            String pull = "{pull: {reference: \"%s/acme/web:%s\"}}";
            String build = "{build: {from: scratch, steps: [{copyFromHost: {paths: [%s]}}]}}".formatted(large);
            String archive = "{import: {path: %s.tar, format: rootfs-tar}}".formatted(large);

            assertRefused("built", build, "100000");
            assertRefused("imported", archive, "100000");
            assertRefused("pulled", pull.formatted(registry.host(), "layer"), "100000");
            assertRefused("configured", pull.formatted(registry.host(), "config"), "5000");
        }
    }

    private void assertRefused(String name, String source, String number) {
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %s}
                spec: {source: %s}
                """.formatted(name, source));
        String ready = ".status.conditions[?(@.type==\"Ready\")]";
        engine.await(name + " to be refused with " + number, () -> engine.field("image/" + name, ready + ".message")
                .contains(number));
        assertEquals("False", engine.field("image/" + name, ready + ".status"));
        assertEquals("", engine.field("image/" + name, ".status.digest"));
        engine.kubectl("delete", "image/" + name).orFail();
    }

    private static void serve(HostileRegistry registry, String tag, String author, byte[] layer) {
        List<DiffId> diffIds = List.of(new DiffId(Digest.sha256(layer)));
        ImageConfig config =
                new ImageConfig(Platform.host(), null, RunParameters.EMPTY, diffIds, List.of(), author, List.of());
        Descriptor configured = registry.blob(MediaType.OCI_CONFIG, ImageConfigCodec.write(config));
        List<Descriptor> layers = List.of(registry.blob(MediaType.OCI_LAYER, layer));
        registry.manifest(tag, MediaType.OCI_MANIFEST, ManifestCodec.write(new ImageManifest(configured, layers)));
    }
}
