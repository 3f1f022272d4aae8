package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A watched directory with mistakes in it: each is named, none stops the others, nothing that ran is lost.
class BadInputIT {
    private static final String GOOD =
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: good}, data: {version: \"%s\"}}\n";

    @TempDir
    private Path folder = Path.of("");

    private EngineProcess engine;

    @BeforeEach
    void start() throws IOException {
        Files.writeString(folder.resolve("good.yaml"), GOOD.formatted("1"));
        engine = EngineProcess.start(folder);
        engine.awaitField("configmap/good", ".data.version", "1");
    }

    @AfterEach
    void stop() throws IOException {
        engine.close();
    }

    @Test
    @DisplayName("S07 a file dropped is applied, changed is followed, deleted is pruned")
    void a_file_is_followed() throws IOException {
        Files.writeString(
                folder.resolve("more.yaml"), GOOD.replace("good", "more").formatted("1"));
        engine.awaitField("configmap/more", ".data.version", "1");

        Files.writeString(
                folder.resolve("more.yaml"), GOOD.replace("good", "more").formatted("2"));
        engine.awaitField("configmap/more", ".data.version", "2");

        Files.delete(folder.resolve("more.yaml"));
        engine.await(
                "more to be pruned",
                () -> engine.kubectl("get", "configmap/more").code() != 0);
        assertEquals("1", engine.field("configmap/good", ".data.version"));
    }

    @Test
    void an_edit_by_hand_is_corrected() {
        engine.kubectl("patch", "configmap/good", "--type=merge", "-p", "{\"data\":{\"version\":\"mine\"}}")
                .orFail();

        engine.awaitField("configmap/good", ".data.version", "1");
    }

    @Test
    void malformed_yaml_is_named_with_file_and_line_and_loses_nothing() throws IOException {
        Files.writeString(folder.resolve("bad.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [}\n");
        Files.writeString(
                folder.resolve("late.yaml"), GOOD.replace("good", "late").formatted("1"));

        engine.awaitField("configmap/late", ".data.version", "1");
        engine.await(
                "the status to name bad.yaml:3",
                () -> engine.slipway("status").out().contains("bad.yaml:3"));
        assertEquals("1", engine.field("configmap/good", ".data.version"));
    }

    @Test
    void a_file_that_breaks_keeps_what_it_declared() throws IOException {
        Files.writeString(folder.resolve("good.yaml"), "kind: [broken\n");
        engine.await(
                "the status to name good.yaml",
                () -> engine.slipway("status").out().contains("good.yaml"));

        assertEquals("1", engine.field("configmap/good", ".data.version"));
    }

    @Test
    void unknown_kinds_and_fields_are_named() throws IOException {
        Files.writeString(folder.resolve("kind.yaml"), "{apiVersion: v1, kind: Ponfigmap, metadata: {name: a}}\n");
        Files.writeString(
                folder.resolve("field.yaml"), "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}, dota: {}}\n");

        engine.await("the status to name both", () -> {
            String status = engine.slipway("status").out();
            return status.contains("Ponfigmap") && status.contains("dota");
        });
    }

    @Test
    void a_directory_that_is_suddenly_empty_prunes_nothing() throws IOException {
        Files.delete(folder.resolve("good.yaml"));

        engine.await(
                "the status to say why", () -> engine.slipway("status").out().contains(folder.toString()));

        assertEquals("1", engine.field("configmap/good", ".data.version"));
    }

    @Test
    void a_missing_image_is_said_and_retried() {
        engine.apply("""
                {apiVersion: v1, kind: Pod, metadata: {name: noimage},
                 spec: {containers: [{name: main, image: "127.0.0.1:1/no/such:1"}]}}
                """);

        engine.await("a reason", () -> engine.field("pod/noimage", ".status.containerStatuses[0].state.waiting.reason")
                .matches("ErrImagePull|ImagePullBackOff"));
        Ran events = engine.kubectl("get", "events", "--field-selector", "involvedObject.name=noimage");
        assertTrue(events.out().contains("127.0.0.1:1/no/such:1"), events.text());
        engine.kubectl("delete", "pod/noimage", "--wait=true", "--timeout=20s").orFail();
    }
}
