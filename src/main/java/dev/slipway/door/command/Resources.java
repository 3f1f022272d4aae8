package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.door.client.EngineClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What the engine serves, found by any name that a user may type: plural, singular, short name, kind, each also with
/// `.group` behind it.
///
/// @spec https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api Kubernetes: Discovery API
public final class Resources {
    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private final Map<String, Resource> byName = new LinkedHashMap<>();
    private final Map<String, List<Resource>> byCategory = new HashMap<>();
    private final List<Resource> listed = new ArrayList<>();

    private Resources() {}

    /// Asks the engine, two requests.
    public static Resources discover(EngineClient engine) throws IOException {
        Resources resources = new Resources();
        for (String root : List.of("/api", "/apis")) {
            resources.add(engine.exchange("GET", root, EngineClient.Content.accepting(AGGREGATED)));
        }
        return resources;
    }

    /// The resource that `name` means.
    public Resource named(String name) throws IOException {
        Resource resource = byName.get(name.toLowerCase(Locale.ROOT));
        if (resource == null) {
            throw new IOException("the engine has no kind \"%s\"; it has: %s".formatted(name, plurals()));
        }
        return resource;
    }

    /// The resources that `name` means: one, or all of a category such as `all`.
    public List<Resource> meant(String name) throws IOException {
        List<Resource> category = byCategory.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
        return category.isEmpty() ? List.of(named(name)) : category;
    }

    /// The resource that serves objects of `apiVersion` and `kind`.
    public Resource serving(String apiVersion, String kind) throws IOException {
        Optional<Resource> found = listed.stream()
                .filter(each -> each.kind().equals(kind) && apiVersionOf(each).equals(apiVersion))
                .findFirst();
        return found.orElseThrow(
                () -> new IOException("no matches for kind \"%s\" in version \"%s\"".formatted(kind, apiVersion)));
    }

    private void add(JsonNode discovery) {
        for (JsonNode group : discovery.path("items")) {
            JsonNode version = group.path("versions").path(0);
            for (JsonNode resource : version.path("resources")) {
                add(
                        group.path("metadata").path("name").asText(),
                        version.path("version").asText(),
                        resource);
            }
        }
    }

    private void add(String group, String version, JsonNode node) {
        String plural = node.path("resource").asText();
        String kind = node.path("responseKind").path("kind").asText();
        boolean namespaced = node.path("scope").asText().equals("Namespaced");
        Resource resource = new Resource(group, version, plural, kind, namespaced);
        listed.add(resource);
        node.path("categories").forEach(name -> byCategory
                .computeIfAbsent(name.asText(), each -> new ArrayList<>())
                .add(resource));
        List<String> names = new ArrayList<>(List.of(plural, kind.toLowerCase(Locale.ROOT)));
        names.add(node.path("singularResource").asText());
        node.path("shortNames").forEach(name -> names.add(name.asText()));
        for (String name : names) {
            byName.putIfAbsent(name, resource);
            byName.putIfAbsent(name + "." + group, resource);
        }
    }

    private String plurals() {
        return String.join(", ", listed.stream().map(Resource::plural).sorted().toList());
    }

    private static String apiVersionOf(Resource resource) {
        return resource.group().isEmpty() ? resource.version() : resource.group() + "/" + resource.version();
    }
}
