package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.desired.meta.PrintableText;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Resource;
import dev.slipway.door.command.Resources;
import dev.slipway.door.command.Selectors;
import dev.slipway.door.command.Target;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway describe KIND [NAME...]`: the object, its conditions and its events, for people.
@Command(name = "describe", description = "Show an object with its conditions and events.")
final class DescribeCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Parameters(paramLabel = "KIND [NAME]", description = "Kind, for all of them, or kind and names, or KIND/NAME.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "LABELS",
            description = "Only objects whose labels match.")
    private String selector = "";

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "In all namespaces.")
    private boolean everywhere;

    private final PrintStream out = System.out;
    private final Missing missing = new Missing(System.err, false);
    private boolean hasPrinted;

    @Override
    public Integer call() throws IOException {
        List<Target> targets = Target.of(words);
        Selectors selectors = Selectors.ofLabels(selector);
        selectors.requireNoNames(targets);
        EngineClient engine = connection.engine();
        Resources resources = Resources.discover(engine);
        for (Target target : targets) {
            if (target.name().isEmpty()) {
                for (Resource resource : resources.meant(target.kind())) {
                    describeAll(engine, resource, selectors);
                }
            } else {
                describe(engine, resources.named(target.kind()), target.name());
            }
        }
        if (!hasPrinted && !missing.isThere()) {
            System.err.println("No resources found.");
        }
        return missing.isThere() ? 1 : 0;
    }

    private void describeAll(EngineClient engine, Resource resource, Selectors selectors) throws IOException {
        String path = selectors.in(resource.collection(everywhere ? "" : connection.namespace()));
        for (JsonNode object : engine.json(path).path("items")) {
            describe(engine, resource, object);
        }
    }

    private void describe(EngineClient engine, Resource resource, String name) throws IOException {
        Optional<JsonNode> object = missing.ask(() -> engine.json(resource.object(connection.namespace(), name)));
        if (object.isPresent()) {
            describe(engine, resource, object.get());
        }
    }

    private void describe(EngineClient engine, Resource resource, JsonNode object) throws IOException {
        if (hasPrinted) {
            out.println();
        }
        hasPrinted = true;
        JsonNode metadata = object.path("metadata");
        out.println("Name:         " + metadata.path("name").asText());
        if (resource.namespaced()) {
            out.println("Namespace:    " + metadata.path("namespace").asText());
        }
        out.println("Kind:         " + resource.kind());
        out.println("Created:      " + metadata.path("creationTimestamp").asText());
        section("Labels", metadata.path("labels"));
        section("Annotations", metadata.path("annotations"));
        section("Spec", object.path("spec"));
        section("Data", resource.plural().equals("secrets") ? sizes(object.path("data")) : object.path("data"));
        conditions(object.path("status").path("conditions"));
        section("Status", withoutConditions(object.path("status")));
        events(engine, metadata.path("uid").asText());
    }

    /// What a Secret holds is not for everybody who looks over the shoulder.
    private static JsonNode sizes(JsonNode data) {
        ObjectNode sizes = ObjectCodec.json().createObjectNode();
        data.properties().forEach(entry -> {
            int length = Base64.getMimeDecoder().decode(entry.getValue().asText()).length;
            sizes.put(entry.getKey(), length + " bytes");
        });
        return sizes;
    }

    private void section(String title, JsonNode content) throws IOException {
        if (!content.isEmpty()) {
            out.println(title + ":");
            ObjectCodec.yaml()
                    .writeValueAsString(content)
                    .lines()
                    .map(PrintableText::lines)
                    .forEach(line -> out.println("  " + line));
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
                            PrintableText.line(each.path("message").asText())));
        }
    }

    private static JsonNode withoutConditions(JsonNode status) {
        return status instanceof ObjectNode tree ? tree.without("conditions") : status;
    }

    private void events(EngineClient engine, String uid) throws IOException {
        String path = "/api/v1/events?fieldSelector=involvedObject.uid%3D" + Resource.encode(uid);
        List<JsonNode> events = inOrder(engine.json(path).path("items"));
        out.println(events.isEmpty() ? "Events:       <none>" : "Events:");
        for (JsonNode each : events) {
            out.println("  %s  %-8s %-18s x%d  %s"
                    .formatted(
                            each.path("lastTimestamp").asText(),
                            each.path("type").asText(),
                            each.path("reason").asText(),
                            Math.max(1, each.path("count").asInt()),
                            PrintableText.line(each.path("message").asText())));
        }
    }

    /// As they happened, or happened last: many have the same second.
    static List<JsonNode> inOrder(JsonNode events) {
        return events.valueStream()
                .sorted(Comparator.comparingLong(
                        event -> event.at("/metadata/resourceVersion").asLong()))
                .toList();
    }
}
