package dev.slipway.door.cli;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import dev.slipway.door.command.Columns;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Resource;
import dev.slipway.door.command.Resources;
import dev.slipway.door.command.Selectors;
import dev.slipway.door.command.Sorting;
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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
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
            names = "--field-selector",
            paramLabel = "FIELDS",
            description = "Only objects whose fields match: status.phase=Running,metadata.name!=web")
    private String fields = "";

    @Option(
            names = "--sort-by",
            paramLabel = "PATH",
            converter = Order.class,
            description = "In the order of a value: {.metadata.creationTimestamp}")
    private @Nullable Sorting sorting;

    @Option(
            names = {"-w", "--watch"},
            description = "Go on printing what changes.")
    private boolean watch;

    @Option(names = "--ignore-not-found", description = "What is not there is no failure.")
    private boolean ignoresMissing;

    @Option(names = "--no-headers", description = "Without the names of columns.")
    private boolean headless;

    private final PrintStream out = System.out;

    /// Reads what `--sort-by` says.
    static final class Order implements ITypeConverter<Sorting> {
        @Override
        public Sorting convert(String text) {
            return Sorting.parse(text);
        }
    }

    @Override
    public Integer call() throws IOException {
        List<Target> targets = Target.of(words);
        selectors().requireNoNames(targets);
        Missing missing = new Missing(System.err, ignoresMissing);
        Output output = Output.parse(format);
        EngineClient engine = connection.engine();
        Map<Resource, List<String>> wanted = wanted(Resources.discover(engine), targets);
        WrongUsageException.unless(
                !watch || targets.size() == 1 && wanted.size() == 1, "-w watches one kind, or one object");
        if (watch) {
            if (sorting != null) {
                System.err.println("warning: --watch requested, --sort-by will be ignored");
            }
            WrongUsageException.unless(output instanceof Output.Table, "-w prints a table: not -o " + format);
            watch(engine, wanted.keySet().iterator().next(), targets.getFirst().name());
        } else if (!print(new Asking(engine, missing), wanted, output) && !missing.isThere() && !ignoresMissing) {
            System.err.println(
                    "No resources found" + where(wanted.keySet().iterator().next()) + ".");
        }
        return missing.isThere() ? 1 : 0;
    }

    /// Whom to ask, and what was missing.
    private record Asking(EngineClient engine, Missing missing) {}

    /// @return whether there was anything
    private boolean print(Asking asking, Map<Resource, List<String>> wanted, Output output) throws IOException {
        return switch (output) {
            case Output.Table(boolean wide) -> printTables(asking, wanted, wide);
            case Output.Names names -> {
                boolean found = false;
                for (Map.Entry<Resource, List<String>> each : wanted.entrySet()) {
                    for (JsonNode object : inOrder(Whole.objects(answers(asking, each, asking.engine()::json)))) {
                        String name = object.path("metadata").path("name").asText();
                        out.println(each.getKey().words(name));
                        found = true;
                    }
                }
                yield found;
            }
            case Output.Json json -> printWhole(asking, wanted, whole -> whole.toPrettyString() + "\n");
            case Output.Yaml yaml ->
                printWhole(asking, wanted, whole -> ObjectCodec.yaml().writeValueAsString(whole));
            case Output.Filled(Template template) -> printWhole(asking, wanted, template::render);
            case Output.Picked(CustomColumns columns) -> {
                List<JsonNode> objects = inOrder(Whole.objects(all(asking, wanted)));
                columns.lines(objects).stream().skip(headless ? 1 : 0).forEach(out::println);
                yield true;
            }
        };
    }

    /// Prints all that was found as one object: the one that was named, or a list.
    private boolean printWhole(Asking asking, Map<Resource, List<String>> wanted, Form form) throws IOException {
        List<JsonNode> answers = all(asking, wanted);
        if (!answers.isEmpty()) {
            JsonNode whole = Whole.of(answers);
            if (sorting != null && whole.path("items") instanceof ArrayNode items) {
                List<JsonNode> sorted = inOrder(items.valueStream().toList());
                items.removeAll().addAll(sorted);
            }
            out.print(form.of(whole));
        }
        return true;
    }

    private List<JsonNode> inOrder(List<JsonNode> objects) throws IOException {
        return sorting == null ? objects : sorting.sorted(objects, object -> object);
    }

    @FunctionalInterface
    private interface Form {
        String of(JsonNode whole) throws IOException;
    }

    @FunctionalInterface
    private interface Question {
        JsonNode ask(String path) throws IOException;
    }

    private List<JsonNode> all(Asking asking, Map<Resource, List<String>> wanted) throws IOException {
        List<JsonNode> all = new ArrayList<>();
        for (Map.Entry<Resource, List<String>> each : wanted.entrySet()) {
            all.addAll(answers(asking, each, asking.engine()::json));
        }
        return all;
    }

    private List<JsonNode> answers(Asking asking, Map.Entry<Resource, List<String>> wanted, Question question)
            throws IOException {
        List<JsonNode> answers = new ArrayList<>();
        for (String name : wanted.getValue()) {
            String path = path(wanted.getKey(), name);
            if (name.isEmpty()) {
                answers.add(question.ask(path));
            } else {
                asking.missing().ask(() -> question.ask(path)).ifPresent(answers::add);
            }
        }
        return answers;
    }

    private boolean printTables(Asking asking, Map<Resource, List<String>> wanted, boolean wide) throws IOException {
        boolean found = false;
        for (Map.Entry<Resource, List<String>> each : wanted.entrySet()) {
            Columns columns =
                    columns(each.getKey(), wanted.size() > 1 ? each.getKey().words("") : "", wide);
            List<String> lines = new ArrayList<>();
            for (JsonNode table : inOrderOfRows(answers(asking, each, path -> table(asking.engine(), path)))) {
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

    /// One table of all rows where they are to be in an order.
    private List<JsonNode> inOrderOfRows(List<JsonNode> tables) throws IOException {
        if (sorting == null || tables.isEmpty()) {
            return tables;
        }
        List<JsonNode> rows = new ArrayList<>();
        tables.forEach(table -> table.path("rows").forEach(rows::add));
        ObjectNode whole = ((ObjectNode) tables.getFirst()).deepCopy();
        whole.putArray("rows").addAll(sorting.sorted(rows, row -> row.path("object")));
        return List.of(whole);
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
        String version = table.path("metadata").path("resourceVersion").asText();
        return selectors().named(name).in(resource.collection(namespace()), "watch=true", "resourceVersion=" + version);
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
        String path = name.isEmpty() ? resource.collection(namespace()) : resource.object(namespace(), name);
        return sorting == null ? selectors().in(path) : selectors().in(path, "includeObject=Object");
    }

    private Selectors selectors() {
        return new Selectors(selector, fields);
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
