package dev.slipway.engine.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/// A registry on loopback that answers as it is told to, also as no registry should. Without instructions it serves
/// what
/// was put into it.
public final class HostileRegistry implements AutoCloseable {
    /// Answers instead of the registry; returns false to let the registry answer.
    public interface Trick {
        boolean play(HttpExchange exchange) throws IOException;
    }

    /// One request as it came.
    public record Seen(String method, String path, String query, Map<String, List<String>> headers) {
        public String header(String name) {
            return headers.getOrDefault(name, List.of("")).getFirst();
        }
    }

    private record Document(MediaType type, byte[] bytes) {}

    private final String address;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Document> manifests = new ConcurrentHashMap<>();
    private final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
    private final List<Trick> tricks = new CopyOnWriteArrayList<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    public HostileRegistry() throws IOException {
        this("127.0.0.1");
    }

    /// @param address literal that it listens on, an IPv6 one in brackets
    public HostileRegistry(String address) throws IOException {
        this.address = address;
        server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral(address), 0), 50);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /// `127.0.0.1:port`.
    public String host() {
        return address + ":" + server.getAddress().getPort();
    }

    public Descriptor blob(MediaType type, byte[] bytes) {
        blobs.put(Digest.sha256(bytes).value(), bytes);
        return Descriptor.of(type, bytes);
    }

    /// Serves a document under its digest and, if it is not empty, under `tag`, in every repository.
    public Descriptor manifest(String tag, MediaType type, byte[] bytes) {
        manifests.put(Digest.sha256(bytes).value(), new Document(type, bytes));
        if (!tag.isEmpty()) {
            manifests.put(tag, new Document(type, bytes));
        }
        return Descriptor.of(type, bytes);
    }

    /// Adds a trick; the latest is asked first.
    public void play(Trick trick) {
        tricks.addFirst(trick);
    }

    /// Adds a trick for paths that contain `part`, for its first `times` requests.
    public void play(String part, int times, Trick trick) {
        int[] left = {times};
        play(exchange -> {
            boolean mine = exchange.getRequestURI().getPath().contains(part);
            synchronized (left) {
                if (!mine || left[0] == 0) {
                    return false;
                }
                left[0]--;
            }
            return trick.play(exchange);
        });
    }

    /// Requests whose path contains `part`.
    public List<Seen> seen(String part) {
        return seen.stream().filter(request -> request.path().contains(part)).toList();
    }

    public List<Seen> seen(Predicate<Seen> which) {
        return seen.stream().filter(which).toList();
    }

    /// Answers with a status and nothing else.
    public static boolean status(HttpExchange exchange, int status) throws IOException {
        drain(exchange);
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
        return true;
    }

    /// Answers 200 with `bytes`.
    public static boolean send(HttpExchange exchange, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes);
        }
        return true;
    }

    /// A connection that is closed with something unread may take the answer from the client.
    private static void drain(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().transferTo(OutputStream.nullOutputStream());
    }

    /// Announces `announced` bytes, sends only `bytes`, and breaks the connection. Fewer than some ten thousand
    /// bytes may be lost on the client, together with the head of the answer.
    public static boolean cut(HttpExchange exchange, int status, long announced, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(status, announced);
        exchange.getResponseBody().write(bytes);
        exchange.getResponseBody().flush();
        throw new IOException("cut on purpose");
    }

    /// Answers with what is asked for of `whole`, and breaks the connection after a few bytes of that.
    public static boolean cutRange(HttpExchange exchange, byte[] whole, int bytes) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        int first = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=|-.*", ""));
        exchange.getResponseHeaders()
                .set("Content-Range", "bytes " + first + "-" + (whole.length - 1) + "/" + whole.length);
        byte[] part = Arrays.copyOfRange(whole, first, Math.min(whole.length, first + bytes));
        return cut(exchange, range == null ? 200 : 206, whole.length - first, part);
    }

    public byte[] manifestOf(Digest digest) {
        return manifests.get(digest.value()).bytes();
    }

    public byte[] bytesOf(Descriptor descriptor) {
        return blobs.get(descriptor.digest().value());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String query = exchange.getRequestURI().getRawQuery();
        seen.add(new Seen(
                exchange.getRequestMethod(),
                path,
                query == null ? "" : query,
                Map.copyOf(exchange.getRequestHeaders())));
        for (Trick trick : tricks) {
            if (trick.play(exchange)) {
                return;
            }
        }
        String last = path.substring(path.lastIndexOf('/') + 1);
        if (path.contains("/manifests/") && manifests.containsKey(last)) {
            sendManifest(exchange, manifests.get(last));
        } else if (path.contains("/blobs/") && blobs.containsKey(last)) {
            sendBlob(exchange, blobs.get(last));
        } else {
            status(exchange, 404);
        }
    }

    private static void sendManifest(HttpExchange exchange, Document document) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", document.type().value());
        exchange.getResponseHeaders()
                .set("Docker-Content-Digest", Digest.sha256(document.bytes()).value());
        if (exchange.getRequestMethod().equals("HEAD")) {
            status(exchange, 200);
        } else {
            send(exchange, document.bytes());
        }
    }

    private static void sendBlob(HttpExchange exchange, byte[] bytes) throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            send(exchange, bytes);
            return;
        }
        String[] ends = range.replace("bytes=", "").split("-", 2);
        int first = Integer.parseInt(ends[0]);
        int last = Integer.parseInt(ends[1]);
        exchange.getResponseHeaders().set("Content-Range", "bytes " + first + "-" + last + "/" + bytes.length);
        exchange.sendResponseHeaders(206, last - first + 1L);
        try (OutputStream body = exchange.getResponseBody()) {
            body.write(bytes, first, last - first + 1);
        }
    }
}
