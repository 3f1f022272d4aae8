package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Resources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `slipway diff -f FILE|DIR`: what `apply` would change, asked of the engine with a dry run. Exit code 1 when
/// something would change, as kubectl's.
@Command(name = "diff", description = "Show what apply would change (exit code 1 if anything).")
final class DiffCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = {"-f", "--filename"},
            required = true,
            paramLabel = "FILE|DIR|-",
            description = "Manifests, YAML or JSON.")
    private List<String> sources = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        EngineClient engine = connection.engine();
        Applied applied = new Applied(engine, Resources.discover(engine), connection.namespace());
        boolean differs = false;
        for (ApiObject object : ManifestFiles.read(sources)) {
            List<String> live = lines(applied.live(object));
            List<String> merged = lines(applied.apply(object, "&force=true&dryRun=All"));
            List<String> changes = LineDiff.between(live, merged);
            if (!changes.isEmpty()) {
                differs = true;
                System.out.println("--- live   " + applied.words(object));
                System.out.println("+++ merged " + applied.words(object));
                changes.forEach(System.out::println);
            }
        }
        return differs ? 1 : 0;
    }

    /// YAML without what changes at each write or does not interest here.
    private static List<String> lines(JsonNode object) throws IOException {
        if (!(object instanceof ObjectNode tree)) {
            return List.of();
        }
        tree.remove("status");
        if (tree.path("metadata") instanceof ObjectNode metadata) {
            metadata.remove(List.of("managedFields", "resourceVersion", "generation", "uid", "creationTimestamp"));
        }
        return ObjectCodec.yaml().writeValueAsString(tree).lines().toList();
    }
}
