package dev.slipway.actor.probe;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLSocket;

/// One request and its response, over a connection of its own. Of the body only the beginning is read.
///
/// @spec https://www.rfc-editor.org/rfc/rfc9112 HTTP/1.1
final class HttpExchange {
    private static final int LONGEST_HEAD_BYTES = 64 * 1024;
    private static final int LONGEST_BODY_BYTES = 10 * 1024;

    private final Socket socket;
    private final InputStream in;
    private final Deadline deadline;
    private int headBytes;

    private HttpExchange(Socket socket, Deadline deadline) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.deadline = deadline;
    }

    /// @param headers by their names in small letters
    record Response(int status, Map<String, String> headers, String body) {
        Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name));
        }
    }

    /// @throws IOException with the words for people
    static Response get(HttpPlace place, List<Check.Header> headers, Deadline deadline) throws IOException {
        byte[] request = request(place, headers);
        try (Socket socket = new Socket()) {
            try {
                socket.connect(GoText.resolved(place.host(), place.port()), deadline.left());
            } catch (IOException e) {
                throw new IOException(GoText.dial(place.host(), place.port(), e), e);
            }
            return exchange(place, socket, request, deadline);
        }
    }

    private static Response exchange(HttpPlace place, Socket socket, byte[] request, Deadline deadline)
            throws IOException {
        try {
            deadline.limit(socket);
            if (!place.tls()) {
                return new HttpExchange(socket, deadline).exchange(request);
            }
            try (SSLSocket secure = Insecure.over(socket, place.host(), place.port())) {
                secure.startHandshake();
                return new HttpExchange(secure, deadline).exchange(request);
            }
        } catch (IOException e) {
            throw new IOException(GoText.exchange(e), e);
        }
    }

    private static byte[] request(HttpPlace place, List<Check.Header> headers) throws IOException {
        StringBuilder text = new StringBuilder("GET " + place.target() + " HTTP/1.1\r\n");
        for (Check.Header header : headers) {
            if (header.value().chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7f)) {
                throw new IOException("net/http: invalid header field value for " + GoText.quoted(header.name()));
            }
            text.append(header.name()).append(": ").append(header.value()).append("\r\n");
        }
        return text.append("Connection: close\r\n\r\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private Response exchange(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        int status = status(line());
        Map<String, String> headers = headers();
        // What comes before the answer proper.
        while (status >= 100 && status < 200) {
            status = status(line());
            headers = headers();
        }
        return new Response(status, headers, new String(body(status, headers), StandardCharsets.UTF_8));
    }

    private static int status(String line) throws IOException {
        String[] words = line.split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.") || !words[1].matches("[0-9]{3}")) {
            throw new IOException(
                    "net/http: HTTP/1.x transport connection broken: malformed HTTP response " + GoText.quoted(line));
        }
        return Integer.parseInt(words[1]);
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            if (colon > 0) {
                headers.put(
                        line.substring(0, colon).strip().toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
        }
        return headers;
    }

    private byte[] body(int status, Map<String, String> headers) throws IOException {
        if (status == 204 || status == 304) {
            return new byte[0];
        }
        if (headers.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            return chunks();
        }
        String length = headers.getOrDefault("content-length", "");
        return read(length.matches("[0-9]{1,9}") ? Integer.parseInt(length) : LONGEST_BODY_BYTES);
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (body.size() < LONGEST_BODY_BYTES) {
            String size = line().split(";", 2)[0].strip();
            if (!size.matches("[0-9a-fA-F]{1,7}")) {
                throw new IOException("invalid byte in chunk length");
            }
            int length = Integer.parseInt(size, 16);
            if (length == 0) {
                break;
            }
            body.writeBytes(read(Math.min(length, LONGEST_BODY_BYTES - body.size())));
            line();
        }
        return body.toByteArray();
    }

    /// So many bytes, or what there is, and no more than anybody wants to see.
    private byte[] read(int most) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] buffer = new byte[1024];
        int left = Math.min(most, LONGEST_BODY_BYTES);
        while (left > 0) {
            deadline.limit(socket);
            int n = in.read(buffer, 0, Math.min(left, buffer.length));
            if (n < 0) {
                break;
            }
            bytes.write(buffer, 0, n);
            left -= n;
        }
        return bytes.toByteArray();
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        deadline.limit(socket);
        for (int each = in.read(); each != '\n'; each = in.read()) {
            if (each < 0) {
                throw new EOFException("end of response");
            }
            if (++headBytes > LONGEST_HEAD_BYTES) {
                throw new IOException("net/http: server response headers exceeded 65536 bytes; aborted");
            }
            line.write(each);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
