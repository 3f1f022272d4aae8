package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.NearestName;
import dev.slipway.door.client.EngineClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// What the engine serves, found by any name that a user may type: plural, singular, short name, kind, each also with
/// `.group` behind it.
///
/// @spec https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api Kubernetes: Discovery API
public final class Resources {
    private static final String AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private final Map<String, Resource> byName = new LinkedHashMap<>();
    private final Map<String, List<Resource>> byCategory = new HashMap<>();
    private final List<Resource> served = new ArrayList<>();
    /// Names under which objects can be listed.
    private final Set<String> listable = new TreeSet<>();

    private Resources() {}

    /// Asks the engine, two requests.
    public static Resources discover(EngineClient engine) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        for (String root : List.of("/api", "/apis")) {
            documents.add(engine.exchange("GET", root, EngineClient.Content.accepting(AGGREGATED)));
        }
        return of(documents);
    }

    static Resources of(List<JsonNode> discovery) {
        Resources resources = new Resources();
        discovery.forEach(resources::add);
        return resources;
    }

    /// The resource that `name` means.
    public Resource named(String name) throws IOException {
        Resource resource = byName.get(name.toLowerCase(Locale.ROOT));
        if (resource == null) {
            throw new IOException("the engine has no kind \"%s\"; %s"
                    .formatted(
                            name,
                            NearestName.misspelled(name, byName.keySet())
                                    .map("did you mean %s?"::formatted)
                                    .orElse("it has: " + String.join(", ", listable))));
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
        return served.stream()
                .filter(each -> each.kind().equals(kind) && apiVersionOf(each).equals(apiVersion))
                .findFirst()
                .orElseThrow(() -> new IOException(
                        "no matches for kind \"%s\" in version \"%s\"%s".formatted(kind, apiVersion, likeKind(kind))));
    }

    private String likeKind(String kind) {
        Set<String> kinds = served.stream().map(Resource::kind).collect(Collectors.toSet());
        return NearestName.misspelled(kind, kinds)
                .flatMap(name ->
                        served.stream().filter(each -> each.kind().equals(name)).findFirst())
                .map(each -> "; did you mean kind \"%s\" in version \"%s\"?".formatted(each.kind(), apiVersionOf(each)))
                .orElse("");
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
        served.add(resource);
        for (JsonNode verb : node.path("verbs")) {
            if (verb.asText().equals("list")) {
                listable.add(plural);
            }
        }
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

    private static String apiVersionOf(Resource resource) {
        return resource.group().isEmpty() ? resource.version() : resource.group() + "/" + resource.version();
    }
}
