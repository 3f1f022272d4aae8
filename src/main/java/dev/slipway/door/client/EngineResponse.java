package dev.slipway.door.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// An answer whose headers have arrived; closing it closes the connection.
///
/// @param warnings texts of the `Warning:` headers
public record EngineResponse(int status, List<String> warnings, InputStream body, Closeable connection)
        implements Closeable {
    private static final int LONGEST_LINE = 64 * 1024;

    /// Reads status line and headers from `in`.
    static EngineResponse read(InputStream in, Closeable connection) throws IOException {
        String[] statusLine = line(in).split(" ", 3);
        if (statusLine.length < 2 || !statusLine[0].startsWith("HTTP/1.")) {
            throw new IOException("the engine's socket does not speak HTTP");
        }
        Map<String, String> headers = new TreeMap<>();
        List<String> warnings = new ArrayList<>();
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            int colon = header.indexOf(':');
            String name = header.substring(0, Math.max(colon, 0)).toLowerCase(Locale.ROOT);
            String value = header.substring(colon + 1).trim();
            headers.put(name, value);
            if (name.equals("warning")) {
                warnings.add(warningText(value));
            }
        }
        return new EngineResponse(Integer.parseInt(statusLine[1]), warnings, body(in, headers), connection);
    }

    /// This answer when it is a success; otherwise its `Status` as an exception. Prints warnings as kubectl does.
    public EngineResponse orRefused() throws IOException {
        warnings.forEach(text -> System.err.println("Warning: " + text));
        if (status < 400) {
            return this;
        }
        byte[] bytes = body.readNBytes(1 << 20);
        close();
        throw new ServerRefusedException(status, reason(bytes));
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    private static String reason(byte[] bytes) {
        try {
            JsonNode failure = ObjectCodec.readObject(bytes);
            return "%s: %s"
                    .formatted(
                            failure.path("reason").asText("Failure"),
                            failure.path("message").asText());
        } catch (IOException e) {
            return new String(bytes, StandardCharsets.UTF_8).trim();
        }
    }

    /// The quoted text of `299 - "text"`.
    private static String warningText(String value) {
        int open = value.indexOf('"');
        int close = value.lastIndexOf('"');
        return open >= 0 && close > open
                ? value.substring(open + 1, close).replace("\\\"", "\"").replace("\\\\", "\\")
                : value;
    }

    private static InputStream body(InputStream in, Map<String, String> headers) {
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            return new ChunkedBody(in);
        }
        String length = headers.get("content-length");
        return length == null ? in : new FixedBody(in, Long.parseLong(length));
    }

    static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int octet = in.read(); octet != '\n'; octet = in.read()) {
            if (octet < 0) {
                throw new EOFException("the engine closed the connection");
            }
            if (octet != '\r') {
                line.append((char) octet);
            }
            if (line.length() > LONGEST_LINE) {
                throw new IOException("the engine sent a line of more than " + LONGEST_LINE + " bytes");
            }
        }
        return line.toString();
    }
}
