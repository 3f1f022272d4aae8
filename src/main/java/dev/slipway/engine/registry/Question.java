package dev.slipway.engine.registry;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/// One request about a repository, before it is known to which endpoint and with which credentials it goes.
///
/// @param path below `/v2/` and the mirror's prefix
/// @param body what is sent along
/// @param words what is asked for, for messages
record Question(String method, String path, Map<String, String> headers, Body body, String words) {
    Question {
        headers = Map.copyOf(headers);
    }

    /// What a request carries. It may be sent again, so it is opened anew each time.
    ///
    /// @param lengthBytes exactly
    record Body(long lengthBytes, Supplier<InputStream> source) {
        static final Body NONE = new Body(0, InputStream::nullInputStream);

        static Body of(byte[] bytes) {
            return new Body(bytes.length, () -> new ByteArrayInputStream(bytes));
        }

        boolean isEmpty() {
            return lengthBytes == 0;
        }
    }

    static Question read(String path, String words) {
        return new Question("GET", path, Map.of(), Body.NONE, words);
    }

    static Question head(String path, String words) {
        return new Question("HEAD", path, Map.of(), Body.NONE, words);
    }

    static Question post(String words, String form) {
        return new Question(
                "POST",
                "",
                Map.of("Content-Type", "application/x-www-form-urlencoded"),
                Body.of(form.getBytes(StandardCharsets.UTF_8)),
                words);
    }

    /// Asks to change something.
    static Question write(String method, String path, String words) {
        return new Question(method, path, Map.of(), Body.NONE, words);
    }

    Question carrying(String contentType, Body given) {
        Question typed = with("Content-Type", contentType);
        return new Question(method, path, typed.headers(), given, words);
    }

    /// Bytes `first` to `last` of an upload, both included.
    Question chunk(long first, long last) {
        return with("Content-Range", first + "-" + last);
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
