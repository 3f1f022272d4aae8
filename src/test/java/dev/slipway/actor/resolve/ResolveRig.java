package dev.slipway.actor.resolve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.kind.Kinds;
import dev.slipway.desired.kind.slipway.Catalog;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.MalformedYamlException;
import dev.slipway.desired.meta.ObjectKey;
import dev.slipway.desired.meta.YamlReader;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.runtime.ContainerRequest;
import dev.slipway.engine.runtime.Requests;
import dev.slipway.engine.runtime.SandboxRequest;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Pods and what they refer to, without a store.
final class ResolveRig {
    private final Map<ObjectKey, ApiObject> objects = new HashMap<>();

    static ObjectNode read(String yaml) {
        try {
            return (ObjectNode) YamlReader.read(yaml.getBytes(StandardCharsets.UTF_8))
                    .getFirst()
                    .tree();
        } catch (MalformedYamlException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /// Another object of the namespace `shop`, completed as the API does.
    ResolveRig with(String yaml) {
        ObjectNode tree = read(yaml);
        tree.withObject("/metadata").put("namespace", "shop");
        Kind kind = Catalog.kinds()
                .find(tree.path("apiVersion").asText(), tree.path("kind").asText())
                .orElseThrow();
        kind.complete(tree);
        ApiObject object = ApiObject.of(tree);
        objects.put(Kinds.key(kind, "shop", object.name()), object);
        return this;
    }

    /// A pod `web` whose spec is this, completed as the API does.
    static ApiObject pod(String spec) {
        ObjectNode tree = read("""
                apiVersion: v1
                kind: Pod
                metadata: {name: web, namespace: shop, uid: u-1, labels: {b: two, a: one}, annotations: {note: 'say "hi"'}}
                """);
        tree.set("spec", read(spec));
        Catalog.kinds().find("v1", "Pod").orElseThrow().complete(tree);
        return ApiObject.of(tree);
    }

    PodScope scope(ApiObject pod) {
        Host host = new Host("host-a", "192.0.2.1", 4000, 8L << 30, 100L << 30);
        return new PodScope(pod, host, key -> Optional.ofNullable(objects.get(key)), "10.88.0.7");
    }

    SandboxRequest sandbox(String spec) throws MissingReferenceException {
        return Sandboxes.request(scope(pod(spec)));
    }

    /// The request for the first container of a pod.
    ContainerRequest container(String spec) throws MissingReferenceException {
        return container(Map.of(), spec);
    }

    ContainerRequest container(Map<String, String> annotations, String spec) throws MissingReferenceException {
        return container(annotations, spec, 0);
    }

    /// @param annotations of the pod, beside its own
    ContainerRequest container(Map<String, String> annotations, String spec, int attempt)
            throws MissingReferenceException {
        ObjectNode tree = pod(spec).tree().deepCopy();
        annotations.forEach(tree.withObject("/metadata/annotations")::put);
        ApiObject pod = ApiObject.of(tree);
        JsonNode container = pod.spec().at("/containers/0");
        return Containers.request(
                scope(pod),
                container,
                new Containers.Run(
                        attempt,
                        Requests.image(RunParameters.EMPTY, List.<DiffId>of()),
                        new ContainerRequest.Layer.PerAttempt(),
                        List.of(),
                        List.of()));
    }
}
