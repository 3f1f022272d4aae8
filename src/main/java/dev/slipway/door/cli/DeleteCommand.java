package dev.slipway.door.cli;

import dev.slipway.desired.meta.ApiObject;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.ServerRefusedException;
import dev.slipway.door.command.Connection;
import dev.slipway.door.command.Resource;
import dev.slipway.door.command.Resources;
import dev.slipway.door.command.Selected;
import dev.slipway.door.command.Target;
import dev.slipway.door.command.WrongUsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway delete -f FILE|DIR` or `slipway delete KIND NAME...`.
@Command(name = "delete", description = "Delete objects, by manifest or by name.")
final class DeleteCommand implements Callable<Integer> {
    @Mixin
    private Connection connection = new Connection();

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE|DIR|-",
            description = "Manifests whose objects go.")
    private List<String> sources = new ArrayList<>();

    @Option(names = "--ignore-not-found", description = "An object that is already gone is no failure.")
    private boolean ignoreNotFound;

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "LABELS",
            description = "All objects of a kind whose labels match.")
    private String selector = "";

    @Parameters(paramLabel = "KIND NAME", description = "Kind, then names; or KIND/NAME; or kind with -l.")
    private List<String> words = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        WrongUsageException.unless(
                sources.isEmpty() != words.isEmpty(), "say what to delete: either -f FILE, or KIND NAME");
        WrongUsageException.unless(selector.isEmpty() || sources.isEmpty(), "-l goes with a KIND, not with -f");
        Selected selected = new Selected(words.isEmpty() ? List.of() : Target.of(words), selector);
        EngineClient engine = connection.engine();
        Resources resources = Resources.discover(engine);
        boolean failed = false;
        // The last object of a manifest may need the first, so they go in reverse.
        for (ApiObject object : ManifestFiles.read(sources).reversed()) {
            Resource resource = resources.serving(object.apiVersion(), object.kind());
            String namespace = object.namespace().isEmpty() ? connection.namespace() : object.namespace();
            failed |= !deleted(engine, resource, resource.object(namespace, object.name()));
        }
        List<Selected.One> found = selected.find(engine, resources, connection.namespace());
        if (found.isEmpty() && !selector.isEmpty()) {
            System.err.println("No resources found.");
        }
        for (Selected.One one : found) {
            failed |= !deleted(engine, one.resource(), one.resource().object(connection.namespace(), one.name()));
        }
        return failed ? 1 : 0;
    }

    private boolean deleted(EngineClient engine, Resource resource, String path) throws IOException {
        String words = resource.words(path.substring(path.lastIndexOf('/') + 1));
        try {
            engine.exchange("DELETE", path, EngineClient.Content.NONE);
            System.out.println(words + " deleted");
            return true;
        } catch (ServerRefusedException e) {
            if (ignoreNotFound && e.isNotFound()) {
                return true;
            }
            System.err.println("error: %s: %s".formatted(words, e.getMessage()));
            return false;
        }
    }
}
