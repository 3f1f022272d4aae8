package dev.slipway;

import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/// Slipway's own objects, declared over one connection and watched until they are as they shall be. kubectl would be a
/// process for each question, on the processors that somebody measures.
record Declarations(EngineProcess engine, HttpClient client) {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /// @param plural of the kind, for instance `images`
    void declare(String plural, String object) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(plural))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(object))
                .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 201) {
            throw new IOException(response.body());
        }
    }

    /// Waits until a condition is true, and fails when the object stalls or takes more than five minutes.
    void await(String plural, String name, String condition) throws IOException, InterruptedException {
        String query = "?watch=true&timeoutSeconds=%d&fieldSelector=metadata.name%%3D%s";
        URI watch = uri(plural + query.formatted(LIMIT.toSeconds(), name));
        AtomicReference<JsonNode> last = new AtomicReference<>(NullNode.instance);
        HttpRequest request = HttpRequest.newBuilder(watch).build();
        try (Stream<String> events =
                client.send(request, BodyHandlers.ofLines()).body()) {
            JsonNode end = events.map(Declarations::read)
                    .peek(last::set)
                    .filter(event -> is(event, condition) || is(event, "Stalled"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("the watch ended with " + last.get()));
            if (!is(end, condition)) {
                fail(end.toString());
            }
        }
    }

    void remove(String plural, String name) {
        engine.kubectl("delete", plural + "/" + name, "--wait=true").orFail();
    }

    private URI uri(String rest) {
        return URI.create("https://127.0.0.1:" + engine.port() + "/apis/slipway.dev/v1alpha1/" + rest);
    }

    private static JsonNode read(String event) {
        try {
            return MAPPER.readTree(event);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean is(JsonNode event, String condition) {
        for (JsonNode each : event.at("/object/status/conditions")) {
            if (condition.equals(each.path("type").asText())
                    && "True".equals(each.path("status").asText())) {
                return true;
            }
        }
        return false;
    }
}
