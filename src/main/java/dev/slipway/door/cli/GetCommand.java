package dev.slipway.door.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import dev.slipway.door.command.Columns;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Resource;
import dev.slipway.door.command.Resources;
import dev.slipway.door.command.Target;
import dev.slipway.door.command.WrongUsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway get KIND[,KIND] [NAME...]`: lists objects or shows some.
@Command(name = "get", description = "List objects of a kind, or show some.")
final class GetCommand implements Callable<Integer> {
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    /// What `-o` takes, for completion.
    static final class Formats extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Formats() {
            super(List.of("wide", "json", "yaml", "name"));
        }
    }

    @Mixin
    private Connection connection = new Connection();

    @Parameters(
            paramLabel = "KIND [NAME]",
            description = "Kind, plural or short name; several with commas; then names. Or KIND/NAME.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            completionCandidates = Formats.class,
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
        List<Target> targets = Target.of(words);
        WrongUsageException.unless(
                output.isEmpty() || new Formats().contains(output), "-o is wide, json, yaml or name: " + output);
        EngineClient engine = connection.engine();
        Map<Resource, List<String>> wanted = wanted(Resources.discover(engine), targets);
        WrongUsageException.unless(
                !watch || targets.size() == 1 && wanted.size() == 1, "-w watches one kind, or one object");
        WrongUsageException.unless(!watch || isTable(), "-w prints a table: not -o " + output);
        if (watch) {
            watch(engine, wanted.keySet().iterator().next(), targets.getFirst().name());
        } else if (!print(engine, wanted)) {
            System.err.println(
                    "No resources found" + where(wanted.keySet().iterator().next()) + ".");
        }
        return 0;
    }

    /// @return whether there was anything
    private boolean print(EngineClient engine, Map<Resource, List<String>> wanted) throws IOException {
        boolean found = false;
        for (Map.Entry<Resource, List<String>> each : wanted.entrySet()) {
            List<String> lines = lines(engine, each.getKey(), each.getValue(), wanted.size() > 1);
            if (found && !lines.isEmpty() && isTable()) {
                out.println();
            }
            lines.forEach(out::println);
            found |= !lines.isEmpty();
        }
        return found;
    }

    private static Map<Resource, List<String>> wanted(Resources resources, List<Target> targets) throws IOException {
        Map<Resource, List<String>> wanted = new LinkedHashMap<>();
        for (Target target : targets) {
            for (Resource resource : resources.meant(target.kind())) {
                List<String> names = wanted.computeIfAbsent(resource, each -> new ArrayList<>());
                names.add(target.name());
            }
        }
        return wanted;
    }

    private List<String> lines(EngineClient engine, Resource resource, List<String> names, boolean amongOthers)
            throws IOException {
        Columns columns = columns(resource, amongOthers ? resource.words("") : "");
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            String path = path(resource, name);
            lines.addAll(
                    switch (output) {
                        case "json" -> List.of(engine.json(path).toPrettyString());
                        case "yaml" ->
                            List.of(ObjectCodec.yaml()
                                    .writeValueAsString(engine.json(path))
                                    .stripTrailing());
                        case "name" -> names(engine.json(path), resource);
                        default -> rows(table(engine, path), columns);
                    });
        }
        return lines;
    }

    private boolean isTable() {
        return output.isEmpty() || output.equals("wide");
    }

    private Columns columns(Resource resource, String prefix) {
        return new Columns(output.equals("wide"), everywhere && resource.namespaced(), prefix);
    }

    private static JsonNode table(EngineClient engine, String path) throws IOException {
        return engine.exchange("GET", path, EngineClient.Content.accepting(TABLE));
    }

    private static List<String> rows(JsonNode table, Columns columns) {
        return table.path("rows").isEmpty() ? List.of() : columns.lines(table);
    }

    private void watch(EngineClient engine, Resource resource, String name) throws IOException {
        Columns columns = columns(resource, "");
        JsonNode table = table(engine, path(resource, name));
        columns.lines(table).forEach(out::println);
        follow(engine, watching(resource, name, table), columns);
    }

    private String watching(Resource resource, String name, JsonNode table) {
        List<String> query = query();
        query.add("watch=true");
        query.add("resourceVersion="
                + table.path("metadata").path("resourceVersion").asText());
        if (!name.isEmpty()) {
            query.add("fieldSelector=metadata.name%3D" + Resource.encode(name));
        }
        return resource.collection(namespace()) + "?" + String.join("&", query);
    }

    private void follow(EngineClient engine, String path, Columns columns) throws IOException {
        try (EngineResponse response = engine.send("GET", path, EngineClient.Content.accepting(TABLE))) {
            JsonParser parser =
                    ObjectCodec.json().createParser(response.orRefused().body());
            Iterator<JsonNode> events = ObjectCodec.json().readValues(parser, JsonNode.class);
            while (events.hasNext()) {
                columns.lines(events.next().path("object")).forEach(out::println);
            }
        }
    }

    private String path(Resource resource, String name) {
        List<String> query = query();
        String path = name.isEmpty() ? resource.collection(namespace()) : resource.object(namespace(), name);
        return query.isEmpty() ? path : path + "?" + String.join("&", query);
    }

    private List<String> query() {
        return selector.isEmpty()
                ? new ArrayList<>()
                : new ArrayList<>(List.of("labelSelector=" + Resource.encode(selector)));
    }

    private static List<String> names(JsonNode answer, Resource resource) {
        List<String> names = new ArrayList<>();
        for (JsonNode object : answer.has("items") ? answer.path("items") : List.of(answer)) {
            names.add(resource.words(object.path("metadata").path("name").asText()));
        }
        return names;
    }

    private String namespace() {
        return everywhere ? "" : connection.namespace();
    }

    private String where(Resource resource) {
        if (!resource.namespaced()) {
            return "";
        }
        return everywhere ? " in any namespace" : " in " + connection.namespace() + " namespace";
    }
}
