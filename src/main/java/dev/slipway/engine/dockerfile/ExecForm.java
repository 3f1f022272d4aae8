package dev.slipway.engine.dockerfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The exec form of an instruction: a list in JSON. Pure.
final class ExecForm {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ExecForm() {}

    /// The list that a text is; empty if it is none, and then it is for a shell.
    static Optional<List<String>> list(String text) {
        if (!text.startsWith("[")) {
            return Optional.empty();
        }
        try {
            JsonNode list = MAPPER.readTree(text);
            List<String> texts = new ArrayList<>();
            for (JsonNode each : list) {
                if (!each.isTextual()) {
                    return Optional.empty();
                }
                texts.add(each.asText());
            }
            return list.isArray() ? Optional.of(texts) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }
}
