package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `slipway describe KIND NAME`: the object, its conditions and its events, for people.
@Command(name = "describe", description = "Show an object with its conditions and events.")
final class DescribeCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "KIND")
    private String kind = "";

    @Parameters(index = "1", paramLabel = "NAME")
    private String name = "";

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws IOException {
        EngineClient engine = connection.engine();
        Resource resource = Resources.discover(engine).named(kind);
        JsonNode object = engine.json(resource.object(connection.namespace(), name));
        JsonNode metadata = object.path("metadata");
        out.println("Name:         " + name);
        if (resource.namespaced()) {
            out.println("Namespace:    " + metadata.path("namespace").asText());
        }
        out.println("Kind:         " + object.path("kind").asText());
        out.println("Created:      " + metadata.path("creationTimestamp").asText());
        section("Labels", metadata.path("labels"));
        section("Annotations", metadata.path("annotations"));
        section("Spec", object.path("spec"));
        section("Data", object.path("data"));
        conditions(object.path("status").path("conditions"));
        section("Status", withoutConditions(object.path("status")));
        events(engine, metadata.path("uid").asText());
        return 0;
    }

    private void section(String title, JsonNode content) throws IOException {
        if (!content.isEmpty()) {
            out.println(title + ":");
            ObjectCodec.yaml().writeValueAsString(content).lines().forEach(line -> out.println("  " + line));
        }
    }

    private void conditions(JsonNode conditions) {
        if (!conditions.isEmpty()) {
            out.println("Conditions:");
        }
        for (JsonNode each : conditions) {
            out.println("  %-16s %-8s %-20s %s  %s"
                    .formatted(
                            each.path("type").asText(),
                            each.path("status").asText(),
                            each.path("reason").asText(),
                            each.path("lastTransitionTime").asText(),
                            each.path("message").asText()));
        }
    }

    private static JsonNode withoutConditions(JsonNode status) {
        return status instanceof ObjectNode tree ? tree.without("conditions") : status;
    }

    private void events(EngineClient engine, String uid) throws IOException {
        String path = "/api/v1/events?fieldSelector=involvedObject.uid%3D" + Resource.encode(uid);
        JsonNode events = engine.json(path).path("items");
        out.println(events.isEmpty() ? "Events:       <none>" : "Events:");
        for (JsonNode each : events) {
            out.println("  %s  %-8s %-18s x%d  %s"
                    .formatted(
                            each.path("lastTimestamp").asText(),
                            each.path("type").asText(),
                            each.path("reason").asText(),
                            Math.max(1, each.path("count").asInt()),
                            each.path("message").asText()));
        }
    }
}
