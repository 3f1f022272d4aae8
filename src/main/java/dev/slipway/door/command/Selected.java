package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.door.client.EngineClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Objects that users name one by one, or all of a kind by their labels.
///
/// @param selector what their labels must match; empty where each is named
public record Selected(List<Target> targets, String selector) {
    /// @throws WrongUsageException when they are named in neither way, or in both
    public Selected {
        targets = List.copyOf(targets);
        Selectors.ofLabels(selector).requireNoNames(targets);
        boolean areNamed = targets.stream().noneMatch(target -> target.name().isEmpty());
        WrongUsageException.unless(
                areNamed || !selector.isEmpty(), "say which objects: KIND NAME, KIND/NAME or KIND -l LABELS");
    }

    /// An object that was named, or that was found.
    public record One(Resource resource, String name) {}

    /// @param namespace of those that have one
    public List<One> find(EngineClient engine, Resources resources, String namespace) throws IOException {
        List<One> found = new ArrayList<>();
        for (Target target : targets) {
            if (selector.isEmpty()) {
                found.add(new One(resources.named(target.kind()), target.name()));
                continue;
            }
            for (Resource resource : resources.meant(target.kind())) {
                String path = Selectors.ofLabels(selector).in(resource.collection(namespace));
                for (JsonNode object : engine.json(path).path("items")) {
                    found.add(new One(resource, object.at("/metadata/name").asText()));
                }
            }
        }
        return found;
    }
}
