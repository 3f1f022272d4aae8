package dev.slipway.door.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import dev.slipway.door.client.ServerRefusedException;
import dev.slipway.door.command.Columns;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Resource;
import dev.slipway.door.command.Resources;
import dev.slipway.door.command.Target;
import dev.slipway.door.command.WrongUsageException;
import dev.slipway.door.jsonpath.CustomColumns;
import dev.slipway.door.jsonpath.Template;
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

    @Mixin
    private Connection connection = new Connection();

    @Parameters(
            paramLabel = "KIND [NAME]",
            description = "Kind, plural or short name; several with commas; then names. Or KIND/NAME.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            completionCandidates = Output.Formats.class,
            description = "wide, json, yaml, name, jsonpath=TEMPLATE or custom-columns=HEADER:PATH,...")
    private String format = "";

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

    @Option(names = "--ignore-not-found", description = "What is not there is no failure.")
    private boolean ignoresMissing;

    @Option(names = "--no-headers", description = "Without the names of columns.")
    private boolean headless;

    private final PrintStream out = System.out;
    private boolean misses;

    @Override
    public Integer call() throws IOException {
        List<Target> targets = Target.of(words);
        Output output = Output.parse(format);
        EngineClient engine = connection.engine();
        Map<Resource, List<String>> wanted = wanted(Resources.discover(engine), targets);
        WrongUsageException.unless(
                !watch || targets.size() == 1 && wanted.size() == 1, "-w watches one kind, or one object");
        if (watch) {
            WrongUsageException.unless(output instanceof Output.Table, "-w prints a table: not -o " + format);
            watch(engine, wanted.keySet().iterator().next(), targets.getFirst().name());
        } else if (!print(engine, wanted, output) && !misses && !ignoresMissing) {
            System.err.println(
                    "No resources found" + where(wanted.keySet().iterator().next()) + ".");
        }
        return misses ? 1 : 0;
    }

    /// @return whether there was anything
    private boolean print(EngineClient engine, Map<Resource, List<String>> wanted, Output output) throws IOException {
        return switch (output) {
            case Output.Table(boolean wide) -> printTables(engine, wanted, wide);
            case Output.Names names -> {
                boolean found = false;
                for (Map.Entry<Resource, List<String>> each : wanted.entrySet()) {
                    for (JsonNode answer : answers(engine, each.getKey(), each.getValue(), engine::json)) {
                        List<String> lines = names(answer, each.getKey());
                        lines.forEach(out::println);
                        found |= !lines.isEmpty();
                    }
                }
                yield found;
            }
            case Output.Json json -> printWhole(engine, wanted, whole -> whole.toPrettyString() + "\n");
            case Output.Yaml yaml ->
                printWhole(engine, wanted, whole -> ObjectCodec.yaml().writeValueAsString(whole));
            case Output.Filled(Template template) -> printWhole(engine, wanted, template::render);
            case Output.Picked(CustomColumns columns) -> {
                List<JsonNode> objects = Whole.objects(all(engine, wanted));
                columns.lines(objects).stream().skip(headless ? 1 : 0).forEach(out::println);
                yield true;
            }
        };
    }

    /// Prints all that was found as one object: the one that was named, or a list.
    private boolean printWhole(EngineClient engine, Map<Resource, List<String>> wanted, Form form) throws IOException {
        List<JsonNode> answers = all(engine, wanted);
        if (!answers.isEmpty()) {
            out.print(form.of(Whole.of(answers)));
        }
        return true;
    }

    @FunctionalInterface
    private interface Form {
        String of(JsonNode whole) throws IOException;
    }

    @FunctionalInterface
    private interface Question {
        JsonNode ask(String path) throws IOException;
    }

    private List<JsonNode> all(EngineClient engine, Map<Resource, List<String>> wanted) throws IOException {
        List<JsonNode> all = new ArrayList<>();
        for (Map.Entry<Resource, List<String>> each : wanted.entrySet()) {
            all.addAll(answers(engine, each.getKey(), each.getValue(), engine::json));
        }
        return all;
    }

    /// One that is not there does not keep the others from being shown.
    private List<JsonNode> answers(EngineClient engine, Resource resource, List<String> names, Question question)
            throws IOException {
        List<JsonNode> answers = new ArrayList<>();
        for (String name : names) {
            try {
                answers.add(question.ask(path(resource, name)));
            } catch (ServerRefusedException e) {
                if (name.isEmpty() || !e.isNotFound()) {
                    throw e;
                }
                if (!ignoresMissing) {
                    misses = true;
                    System.err.println("slipway: " + e.getMessage());
                }
            }
        }
        return answers;
    }

    private boolean printTables(EngineClient engine, Map<Resource, List<String>> wanted, boolean wide)
            throws IOException {
        boolean found = false;
        for (Map.Entry<Resource, List<String>> each : wanted.entrySet()) {
            Columns columns =
                    columns(each.getKey(), wanted.size() > 1 ? each.getKey().words("") : "", wide);
            List<String> lines = new ArrayList<>();
            for (JsonNode table : answers(engine, each.getKey(), each.getValue(), path -> table(engine, path))) {
                lines.addAll(rows(table, columns));
            }
            if (found && !lines.isEmpty() && !headless) {
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

    private Columns columns(Resource resource, String prefix, boolean wide) {
        return new Columns(wide, everywhere && resource.namespaced(), prefix, !headless);
    }

    private static JsonNode table(EngineClient engine, String path) throws IOException {
        return engine.exchange("GET", path, EngineClient.Content.accepting(TABLE));
    }

    private static List<String> rows(JsonNode table, Columns columns) {
        return table.path("rows").isEmpty() ? List.of() : columns.lines(table);
    }

    private void watch(EngineClient engine, Resource resource, String name) throws IOException {
        Columns columns = columns(resource, "", format.equals("wide"));
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
