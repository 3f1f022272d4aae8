package dev.slipway.door.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.ServerRefusedException;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Resources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `slipway apply -f FILE|DIR`: server-side apply of every object; one that is refused does not stop the others.
@Command(name = "apply", description = "Make objects as the manifests say.")
final class ApplyCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = {"-f", "--filename"},
            required = true,
            paramLabel = "FILE|DIR|-",
            description = "Manifests, YAML or JSON; may be given several times.")
    private List<String> sources = new ArrayList<>();

    @Option(names = "--dry-run", description = "Ask the engine what would happen, and change nothing.")
    private boolean dryRun;

    @Option(names = "--force-conflicts", description = "Take over fields that somebody else manages.")
    private boolean force;

    @Override
    public Integer call() throws IOException {
        EngineClient engine = connection.engine();
        List<ApiObject> objects = ManifestFiles.read(sources);
        Resources resources = Resources.discover(engine);
        boolean failed = false;
        for (ApiObject object : objects) {
            try {
                System.out.println(apply(new Applied(engine, resources, connection.namespace()), object));
            } catch (ServerRefusedException e) {
                System.err.println("error: %s: %s".formatted(object, e.getMessage()));
                failed = true;
            }
        }
        return failed ? 1 : 0;
    }

    private String apply(Applied applied, ApiObject object) throws IOException {
        long before =
                applied.live(object).path("metadata").path("resourceVersion").asLong();
        JsonNode after = applied.apply(object, "&force=" + force + (dryRun ? "&dryRun=All" : ""));
        String verb = before == 0
                ? "created"
                : after.path("metadata").path("resourceVersion").asLong() == before ? "unchanged" : "configured";
        return applied.words(object) + " " + verb + (dryRun ? " (dry run)" : "");
    }
}
