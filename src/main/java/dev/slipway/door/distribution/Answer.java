package dev.slipway.door.distribution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.engine.repository.Repositories;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a client is told.
record Answer(int status, Map<String, String> headers, Body body) {
    static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String JSON = "application/json";

    Answer {
        headers = Map.copyOf(headers);
    }

    /// Closed by who has sent it.
    sealed interface Body extends AutoCloseable {
        /// How many bytes there are.
        long length();

        @Override
        default void close() throws IOException {}

        record None() implements Body {
            @Override
            public long length() {
                return 0;
            }
        }

        record Bytes(byte[] bytes) implements Body {
            @Override
            public long length() {
                return bytes.length;
            }
        }

        /// What a client asks about without wanting it.
        record Announced(long length) implements Body {}

        /// Part of a blob, read while it is sent. It was opened when it was found, so that it can be read to
        /// its end though its file may be removed meanwhile.
        ///
        /// @param reader closed with it
        record Stream(InputStream source, long length, Repositories.Hold reader) implements Body {
            @Override
            public void close() throws IOException {
                try (reader) {
                    source.close();
                }
            }
        }
    }

    static Answer of(int status, Map<String, String> headers) {
        return new Answer(status, headers, new Body.None());
    }

    static Answer json(int status, JsonNode tree) {
        return bytes(status, JSON, write(tree));
    }

    static Answer bytes(int status, String contentType, byte[] bytes) {
        return new Answer(status, Map.of("Content-Type", contentType), new Body.Bytes(bytes));
    }

    static Answer error(int status, ErrorCode code, String message) {
        ObjectNode tree = MAPPER.createObjectNode();
        tree.putArray("errors").addObject().put("code", code.name()).put("message", message);
        return json(status, tree);
    }

    /// This answer with more headers.
    Answer with(Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.putAll(more);
        return new Answer(status, all, body);
    }

    static byte[] write(JsonNode tree) {
        try {
            return MAPPER.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always writable", e);
        }
    }
}
