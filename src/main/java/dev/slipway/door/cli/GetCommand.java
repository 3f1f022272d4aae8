package dev.slipway.door.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway get KIND[,KIND] [NAME]`: lists objects or shows one.
@Command(name = "get", description = "List objects of a kind, or show one.")
final class GetCommand implements Callable<Integer> {
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    @Mixin
    private Connection connection = new Connection();

    @Parameters(index = "0", paramLabel = "KIND", description = "Kind, plural or short name; several with commas.")
    private String kinds = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "NAME")
    private String name = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "wide, json, yaml or name.")
    private String output = "";

    @Option(
            names = {"-A", "--all-namespaces"},
            description = "In all namespaces.")
    private boolean everywhere;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "LABELS",
            description = "Only objects whose labels match.")
    private String selector = "";

    @Option(
            names = {"-w", "--watch"},
            description = "Go on printing what changes.")
    private boolean watch;

    private final PrintStream out = System.out;

    @Override
    public Integer call() throws IOException {
        EngineClient engine = connection.engine();
        Resources resources = Resources.discover(engine);
        for (String kind : kinds.split(",")) {
            show(engine, resources.named(kind));
        }
        return 0;
    }

    private void show(EngineClient engine, Resource resource) throws IOException {
        switch (output) {
            case "json" -> out.println(engine.json(path(resource)).toPrettyString());
            case "yaml" -> out.print(ObjectCodec.yaml().writeValueAsString(engine.json(path(resource))));
            case "name" -> names(engine.json(path(resource)), resource).forEach(out::println);
            case "", "wide" -> table(engine, resource);
            default -> throw new IOException("-o " + output + " is unknown; use wide, json, yaml or name");
        }
    }

    private void table(EngineClient engine, Resource resource) throws IOException {
        Columns columns = new Columns(output.equals("wide"), everywhere && resource.namespaced());
        JsonNode table = engine.exchange("GET", path(resource), EngineClient.Content.accepting(TABLE));
        if (table.path("rows").isEmpty() && !watch) {
            System.err.println("No resources found" + (resource.namespaced() ? " in " + where() + "." : "."));
            return;
        }
        columns.lines(table).forEach(out::println);
        if (watch) {
            follow(
                    engine,
                    resource,
                    columns,
                    table.path("metadata").path("resourceVersion").asText());
        }
    }

    private void follow(EngineClient engine, Resource resource, Columns columns, String from) throws IOException {
        List<String> query = query();
        query.add("watch=true");
        query.add("resourceVersion=" + from);
        if (!name.isEmpty()) {
            query.add("fieldSelector=metadata.name%3D" + Resource.encode(name));
        }
        String path = resource.collection(namespace()) + "?" + String.join("&", query);
        try (EngineResponse response = engine.send("GET", path, EngineClient.Content.accepting(TABLE))) {
            JsonParser parser =
                    ObjectCodec.json().createParser(response.orRefused().body());
            Iterator<JsonNode> events = ObjectCodec.json().readValues(parser, JsonNode.class);
            while (events.hasNext()) {
                columns.lines(events.next().path("object")).forEach(out::println);
            }
        }
    }

    private String path(Resource resource) {
        List<String> query = query();
        String path = name.isEmpty() ? resource.collection(namespace()) : resource.object(namespace(), name);
        return query.isEmpty() ? path : path + "?" + String.join("&", query);
    }

    private List<String> query() {
        return selector.isEmpty()
                ? new ArrayList<>()
                : new ArrayList<>(List.of("labelSelector=" + Resource.encode(selector)));
    }

    private List<String> names(JsonNode answer, Resource resource) {
        if (!answer.has("items")) {
            return List.of(resource.words(answer.path("metadata").path("name").asText()));
        }
        List<String> names = new ArrayList<>();
        answer.path("items")
                .forEach(item -> names.add(
                        resource.words(item.path("metadata").path("name").asText())));
        return names;
    }

    private String namespace() {
        return everywhere ? "" : connection.namespace();
    }

    private String where() {
        return everywhere ? "any namespace" : connection.namespace() + " namespace";
    }
}
