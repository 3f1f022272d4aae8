package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.door.client.EngineClient;
import java.io.IOException;
import java.util.Comparator;
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
        JsonNode deployment = engine.json(Resource.DEPLOYMENTS.object(namespace, name));
        JsonNode pods = engine.json(Resource.PODS.collection(namespace) + "?labelSelector=" + selector(deployment));
        return first(pods.path("items"))
                .orElseThrow(() ->
                        new IOException("deployment \"%s\" in namespace %s has no pod".formatted(name, namespace)));
    }

    static Optional<String> first(JsonNode pods) {
        return StreamSupport.stream(pods.spliterator(), false)
                .filter(pod -> !pod.path("metadata").has("deletionTimestamp"))
                .min(FIRST)
                .map(NamedPod::name);
    }

    private static String selector(JsonNode deployment) {
        return Resource.encode(deployment.at("/spec/selector/matchLabels").properties().stream()
                .map(label -> label.getKey() + "=" + label.getValue().asText())
                .collect(Collectors.joining(",")));
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
