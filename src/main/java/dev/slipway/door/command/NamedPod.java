package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.door.client.EngineClient;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/// The Pod that is meant by `NAME`, by `pod/NAME` or `container.slipway.dev/NAME`, or by `deployment/NAME`.
///
/// Of a Deployment's pods it is, as in kubectl, one that is ready before one that is not, then the oldest.
public final class NamedPod {
    private static final Comparator<JsonNode> FIRST = Comparator.comparing((JsonNode pod) -> !isReady(pod))
            .thenComparing(pod -> pod.at("/metadata/creationTimestamp").asText())
            .thenComparing(NamedPod::name);

    private NamedPod() {}

    /// @return its name
    /// @throws IOException also when there is none
    /// @throws WrongUsageException when the text names something that has no pods
    public static String of(EngineClient engine, String namespace, String text) throws IOException {
        Named named = Named.of(text);
        String name = named.name();
        if (named.mayBePod() || named.mayBeContainer()) {
            return name;
        }
        WrongUsageException.unless(
                named.mayBeDeployment(), "\"%s\" names no Container, Pod or Deployment".formatted(text));
        return first(podsOf(engine, namespace, name)).orElseThrow(() -> hasNone(namespace, name));
    }

    /// All Pods that the text means: of a Deployment there may be several.
    ///
    /// @return their names
    /// @throws IOException also when there is none of a Deployment
    /// @throws WrongUsageException when the text names something that has no pods
    static List<String> all(EngineClient engine, String namespace, String text) throws IOException {
        Named named = Named.of(text);
        if (named.mayBePod() || named.mayBeContainer() || !named.mayBeDeployment()) {
            return List.of(of(engine, namespace, text));
        }
        List<String> names = podsOf(engine, namespace, named.name())
                .valueStream()
                .map(NamedPod::name)
                .sorted()
                .toList();
        if (names.isEmpty()) {
            throw hasNone(namespace, named.name());
        }
        return names;
    }

    private static JsonNode podsOf(EngineClient engine, String namespace, String deployment) throws IOException {
        JsonNode object = engine.json(Resource.DEPLOYMENTS.object(namespace, deployment));
        Selectors selectors = Selectors.ofLabels(selector(object));
        return engine.json(selectors.in(Resource.PODS.collection(namespace))).path("items");
    }

    private static IOException hasNone(String namespace, String deployment) {
        return new IOException("deployment \"%s\" in namespace %s has no pod".formatted(deployment, namespace));
    }

    static Optional<String> first(JsonNode pods) {
        return StreamSupport.stream(pods.spliterator(), false)
                .filter(pod -> !pod.path("metadata").has("deletionTimestamp"))
                .min(FIRST)
                .map(NamedPod::name);
    }

    private static String selector(JsonNode deployment) {
        return deployment.at("/spec/selector/matchLabels").properties().stream()
                .map(label -> label.getKey() + "=" + label.getValue().asText())
                .collect(Collectors.joining(","));
    }

    private static String name(JsonNode pod) {
        return pod.at("/metadata/name").asText();
    }

    private static boolean isReady(JsonNode pod) {
        for (JsonNode condition : pod.at("/status/conditions")) {
            if (condition.path("type").asText().equals("Ready")) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }
}
