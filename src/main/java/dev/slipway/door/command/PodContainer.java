package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.door.client.EngineClient;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.stream.Stream;

/// A container of a Pod as its manifest has it.
///
/// @param readsInput whether its process has a standard input
/// @param hasTerminal whether its process has a terminal
public record PodContainer(String name, boolean readsInput, boolean hasTerminal) {
    private static final List<String> LISTS = List.of("containers", "initContainers", "ephemeralContainers");

    /// @param container as the user named it; empty for the one that the Pod says, else its first, which is told on
    ///     `err` where there are others, as kubectl does
    /// @throws IOException when the Pod, or one of that name in it, does not exist
    public static PodContainer of(EngineClient engine, String namespace, String pod, String container, PrintStream err)
            throws IOException {
        return of(engine.json(Resource.PODS.object(namespace, pod)), container, err);
    }

    static PodContainer of(JsonNode pod, String container, PrintStream err) throws IOException {
        JsonNode spec = pod.path("spec");
        String name = container.isEmpty() ? preferred(pod, err) : container;
        for (String list : LISTS) {
            for (JsonNode each : spec.path(list)) {
                if (each.path("name").asText().equals(name)) {
                    return new PodContainer(
                            name,
                            each.path("stdin").asBoolean(),
                            each.path("tty").asBoolean());
                }
            }
        }
        throw new IOException("container %s is not valid for pod %s"
                .formatted(name, pod.at("/metadata/name").asText()));
    }

    /// The names of all of a Pod's containers, as they come to run.
    static List<String> names(JsonNode pod) {
        return Stream.of("initContainers", "containers", "ephemeralContainers")
                .flatMap(list -> pod.path("spec").path(list).valueStream())
                .map(each -> each.path("name").asText())
                .toList();
    }

    private static String preferred(JsonNode pod, PrintStream err) {
        JsonNode annotations = pod.at("/metadata/annotations");
        String annotated =
                annotations.path("kubectl.kubernetes.io/default-container").asText();
        if (names(pod).contains(annotated)) {
            return annotated;
        }
        if (!annotated.isEmpty()) {
            err.println("Default container name \"%s\" not found in pod %s"
                    .formatted(annotated, pod.at("/metadata/name").asText()));
        }
        List<String> names = pod.at("/spec/containers")
                .valueStream()
                .map(each -> each.path("name").asText())
                .toList();
        if (names.size() > 1) {
            err.println("Defaulted container \"%s\" out of: %s".formatted(names.getFirst(), String.join(", ", names)));
        }
        return names.getFirst();
    }
}
