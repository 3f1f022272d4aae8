package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import dev.slipway.door.client.ServerRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `slipway wait KIND/NAME... --for=...`: returns when the objects are as awaited.
@Command(name = "wait", description = "Wait until objects are as awaited.")
public final class WaitCommand implements Callable<Integer> {

    @Mixin
    private Connection connection = new Connection();

    @Parameters(
            arity = "1..*",
            paramLabel = "KIND/NAME",
            description = "Objects, as KIND NAME..., KIND/NAME... or KIND with -l.")
    private List<String> words = new ArrayList<>();

    @Option(
            names = {"-l", "--selector"},
            paramLabel = "LABELS",
            description = "All objects of a kind whose labels match.")
    private String selector = "";

    @Option(
            names = "--for",
            paramLabel = "WHAT",
            description = "condition=TYPE[=STATUS], phase=PHASE, jsonpath={PATH}[=VALUE] or delete"
                    + " (default: ${DEFAULT-VALUE}).")
    private String what = "condition=Ready";

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            converter = Seconds.class,
            description = "How long for each, at most: 90 or 90s, 5m, 1h (default: ${DEFAULT-VALUE}).")
    private long timeout = 30;

    @Override
    public Integer call() throws IOException {
        Awaited awaited = Awaited.parse(what);
        EngineClient engine = connection.engine();
        Resources resources = Resources.discover(engine);
        List<Selected.One> found =
                new Selected(Target.of(words), selector).find(engine, resources, connection.namespace());
        if (found.isEmpty() && !isMetByNothing(awaited)) {
            throw new IOException("no matching resources found");
        }
        for (Selected.One one : found) {
            await(engine, one.resource(), one.name(), awaited);
            System.out.println(one.resource().words(one.name()) + " " + awaited.words());
        }
        return 0;
    }

    private void await(EngineClient engine, Resource resource, String name, Awaited awaited) throws IOException {
        JsonNode object;
        try {
            object = engine.json(resource.object(connection.namespace(), name));
        } catch (ServerRefusedException e) {
            if (e.isNotFound() && isMetByNothing(awaited)) {
                return;
            }
            throw e;
        }
        if (!awaited.isMetBy("ADDED", object)) {
            watch(engine, resource, object, awaited);
        }
    }

    private static boolean isMetByNothing(Awaited awaited) {
        return awaited.isMetBy("DELETED", ObjectCodec.json().createObjectNode());
    }

    /// The engine ends the watch in time.
    private void watch(EngineClient engine, Resource resource, JsonNode object, Awaited awaited) throws IOException {
        String name = object.path("metadata").path("name").asText();
        String path = resource.collection(connection.namespace())
                + "?watch=true&fieldSelector=metadata.name%%3D%s&resourceVersion=%s&timeoutSeconds=%d"
                        .formatted(
                                Resource.encode(name),
                                object.path("metadata").path("resourceVersion").asText(),
                                Math.max(1, timeout));
        try (EngineResponse response = engine.send("GET", path, EngineClient.Content.NONE)) {
            Iterator<JsonNode> events = ObjectCodec.json()
                    .readValues(
                            ObjectCodec.json().createParser(response.orRefused().body()), JsonNode.class);
            while (events.hasNext()) {
                JsonNode event = events.next();
                if (awaited.isMetBy(event.path("type").asText(), event.path("object"))) {
                    return;
                }
            }
        }
        throw new IOException("%s is not %s after %s"
                .formatted(
                        resource.words(name),
                        awaited.words(),
                        Duration.ofSeconds(timeout).toString().substring(2).toLowerCase()));
    }
}
