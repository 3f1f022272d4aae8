package dev.slipway.door.distribution;

import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// One request of a client, before it is known who asks.
///
/// @param path decoded
/// @param parameters of the query, decoded; the values of one name in their order
/// @param headers by name in lower case, the first value of each
/// @param address scheme and authority that the client used, for links to this server
/// @param body read at most once
record Request(
        String method,
        String path,
        Map<String, List<String>> parameters,
        Map<String, String> headers,
        String address,
        InputStream body) {
    boolean isHead() {
        return method.equals("HEAD");
    }

    /// Whether it asks to read.
    boolean isRead() {
        return method.equals("GET") || isHead();
    }

    Optional<String> parameter(String name) {
        return all(name).stream().findFirst();
    }

    /// Each value of a parameter.
    List<String> all(String name) {
        return parameters.getOrDefault(name, List.of());
    }

    /// Empty where there is none.
    String header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    /// How many bytes the body has; negative where nobody said.
    long contentLength() {
        String text = header("Content-Length");
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
    }
}
