package dev.slipway.door.command;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.client.EngineClient;
import dev.slipway.door.client.EngineResponse;
import java.io.IOException;
import java.util.Iterator;

/// What has become of an object of an own kind since somebody declared it.
public sealed interface Settling {
    /// It is on its way.
    record Open() implements Settling {}

    record Ready() implements Settling {}

    /// The first try has failed, or no try can help.
    record Failed(String message) implements Settling {}

    int LONGEST_WATCH_SECONDS = 300;

    /// By its conditions; those that speak of an older generation say nothing.
    static Settling of(JsonNode object) {
        if (isTrue(condition(object, "Ready"))) {
            return new Ready();
        }
        JsonNode stalled = condition(object, "Stalled");
        if (isTrue(stalled)) {
            return new Failed(stalled.path("message").asText());
        }
        return condition(object, "Reconciling").path("reason").asText().equals("BackOff")
                ? new Failed(condition(object, "Ready").path("message").asText() + " (another try follows)")
                : new Open();
    }

    /// Waits for as long as it takes.
    ///
    /// @param object as it was when it was declared
    /// @return as it is when it is ready
    /// @throws IOException when it failed
    static JsonNode await(EngineClient engine, Resource resource, JsonNode object) throws IOException {
        JsonNode last = object;
        while (of(last) instanceof Open) {
            last = next(engine, resource, last);
        }
        if (of(last) instanceof Failed(String message)) {
            throw new IOException(resource.words(name(object)) + ": " + message);
        }
        return last;
    }

    private static JsonNode next(EngineClient engine, Resource resource, JsonNode object) throws IOException {
        String path = resource.collection("")
                + "?watch=true&fieldSelector=metadata.name%%3D%s&resourceVersion=%s&timeoutSeconds=%d"
                        .formatted(
                                Resource.encode(name(object)),
                                object.path("metadata").path("resourceVersion").asText(),
                                LONGEST_WATCH_SECONDS);
        try (EngineResponse response = engine.send("GET", path, EngineClient.Content.NONE)) {
            Iterator<JsonNode> events = ObjectCodec.json()
                    .readValues(
                            ObjectCodec.json().createParser(response.orRefused().body()), JsonNode.class);
            if (!events.hasNext()) {
                return engine.json(resource.object("", name(object)));
            }
            JsonNode event = events.next();
            if (!event.path("type").asText().equals("MODIFIED")) {
                throw new IOException(
                        resource.words(name(object)) + ": it was deleted, or changed too often to follow");
            }
            return event.path("object");
        }
    }

    private static String name(JsonNode object) {
        return object.path("metadata").path("name").asText();
    }

    private static JsonNode condition(JsonNode object, String type) {
        long generation = object.path("metadata").path("generation").asLong();
        for (JsonNode condition : object.path("status").path("conditions")) {
            boolean isCurrent = condition.path("observedGeneration").asLong(generation) >= generation;
            if (isCurrent && condition.path("type").asText().equals(type)) {
                return condition;
            }
        }
        return ObjectCodec.json().createObjectNode();
    }

    private static boolean isTrue(JsonNode condition) {
        return condition.path("status").asText().equals("True");
    }
}
