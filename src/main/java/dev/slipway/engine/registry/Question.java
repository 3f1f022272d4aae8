package dev.slipway.engine.registry;

import java.util.LinkedHashMap;
import java.util.Map;

/// One request about a repository, before it is known to which endpoint and with which credentials it goes.
///
/// @param path below `/v2/` and the mirror's prefix
/// @param body empty for none
/// @param words what is asked for, for messages
record Question(String method, String path, Map<String, String> headers, String body, String words) {
    Question {
        headers = Map.copyOf(headers);
    }

    static Question read(String path, String words) {
        return new Question("GET", path, Map.of(), "", words);
    }

    static Question head(String path, String words) {
        return new Question("HEAD", path, Map.of(), "", words);
    }

    static Question post(String words, String form) {
        return new Question("POST", "", Map.of("Content-Type", "application/x-www-form-urlencoded"), form, words);
    }

    Question accepting(String types) {
        return with("Accept", types);
    }

    /// Only bytes `first` to `last`, both included. Some registries refuse a range that has no end.
    Question range(long first, long last) {
        return with("Range", "bytes=" + first + "-" + last);
    }

    private Question with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Question(method, path, more, body, words);
    }
}
