package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PodContainerTest {
    private final ByteArrayOutputStream told = new ByteArrayOutputStream();

    @Test
    void the_only_container_is_meant_without_a_word() throws IOException {
        JsonNode pod = pod("", "[{name: main, stdin: true, tty: true}]");

        assertEquals(new PodContainer("main", true, true), chosen(pod, ""));
        assertEquals("", told.toString(StandardCharsets.UTF_8));
    }

    @Test
    void the_first_of_several_is_meant_and_told() throws IOException {
        JsonNode pod = pod("", "[{name: web}, {name: log, stdin: true}]");

        assertEquals(new PodContainer("web", false, false), chosen(pod, ""));
        assertEquals("Defaulted container \"web\" out of: web, log\n", told.toString(StandardCharsets.UTF_8));
    }

    @Test
    void the_pod_may_say_which_is_meant() throws IOException {
        JsonNode pod = pod("annotations: {kubectl.kubernetes.io/default-container: log}", "[{name: web}, {name: log}]");

        assertEquals("log", chosen(pod, "").name());
        assertEquals("", told.toString(StandardCharsets.UTF_8));
    }

    @Test
    void a_pod_that_says_a_container_that_it_has_not_is_told_and_its_first_is_meant() throws IOException {
        String annotation = "annotations: {kubectl.kubernetes.io/default-container: gone}";

        assertEquals(
                "web", chosen(pod(annotation, "[{name: web}, {name: log}]"), "").name());
        assertEquals(
                "Default container name \"gone\" not found in pod p\n"
                        + "Defaulted container \"web\" out of: web, log\n",
                told.toString(StandardCharsets.UTF_8));
    }

    @Test
    void containers_of_all_sorts_are_found_by_name() throws IOException {
        JsonNode pod = pod("", "[{name: web}], initContainers: [{name: init}], ephemeralContainers: [{name: dbg}]");

        assertEquals("init", chosen(pod, "init").name());
        assertEquals("dbg", chosen(pod, "dbg").name());
        IOException failure = assertThrows(IOException.class, () -> chosen(pod, "nosuch"));
        assertEquals("container nosuch is not valid for pod p", failure.getMessage());
    }

    @Test
    void all_containers_have_their_order() throws IOException {
        JsonNode pod = pod("", "[{name: web}, {name: log}], initContainers: [{name: init}]");

        assertEquals(List.of("init", "web", "log"), PodContainer.names(pod));
    }

    private PodContainer chosen(JsonNode pod, String name) throws IOException {
        return PodContainer.of(pod, name, new PrintStream(told, true, StandardCharsets.UTF_8));
    }

    private static JsonNode pod(String metadata, String containers) throws IOException {
        return ObjectCodec.yaml()
                .readTree("metadata: {name: p, %s}\nspec: {containers: %s}\n".formatted(metadata, containers));
    }
}
