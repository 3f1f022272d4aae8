package dev.slipway.door.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a request is answered with.
public sealed interface Reply {
    String JSON = "application/json";
    String JSON_LINES = "application/x-ndjson";
    String TEXT = "text/plain; charset=utf-8";

    int code();

    /// A JSON document.
    ///
    /// @param warnings told to people by their client, one header each
    record Document(int code, JsonNode body, String contentType, List<String> warnings) implements Reply {
        public Document {
            warnings = List.copyOf(warnings);
        }
    }

    /// Bytes that are ready, with headers of their own.
    record Bytes(int code, byte[] body, Map<String, String> headers) implements Reply {
        public Bytes {
            headers = Map.copyOf(headers);
        }
    }

    /// An answer that goes on until it is over or the client leaves.
    record Stream(String contentType, Source source) implements Reply {
        @Override
        public int code() {
            return 200;
        }
    }

    /// The connection goes on as something else; only to a client that has offered it.
    ///
    /// @param spdy present when that is SPDY, else it is a WebSocket
    record Upgrade(Conversation conversation, Optional<Spdy> spdy) implements Reply {
        public Upgrade(Conversation conversation) {
            this(conversation, Optional.empty());
        }

        /// @param protocol what is spoken on the streams
        /// @param ping a frame by which a client that has gone is found out
        public record Spdy(String protocol, byte[] ping) {}

        @Override
        public int code() {
            return 101;
        }
    }

    /// Writes a streamed answer; it has ended when this returns.
    @FunctionalInterface
    interface Source {
        void writeTo(Sink sink) throws IOException, InterruptedException;
    }

    static Reply ok(JsonNode body) {
        return new Document(200, body, JSON, List.of());
    }

    static Reply created(JsonNode body) {
        return new Document(201, body, JSON, List.of());
    }

    static Reply text(String text) {
        return new Bytes(200, text.getBytes(StandardCharsets.UTF_8), Map.of("Content-Type", TEXT));
    }

    static Reply typed(JsonNode body, String contentType) {
        return new Document(200, body, contentType, List.of());
    }
}
