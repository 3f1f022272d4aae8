package dev.slipway.actor.image;

import static dev.slipway.engine.registry.HostileRegistry.cut;
import static dev.slipway.engine.registry.HostileRegistry.send;
import static dev.slipway.engine.registry.HostileRegistry.status;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.actor.image.BadPulls.BadPull;
import dev.slipway.actor.image.BadPulls.Trap;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.registry.HostileRegistry.Trick;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// How no registry should answer for an image that is good: with something else, with nothing, or without end.
final class BadAnswers {
    private static final int ALWAYS = Integer.MAX_VALUE;
    /// Link-local, as that from which clouds give away credentials, but nobody's: RFC 3927 keeps it free.
    private static final String ON_LINK = "http://169.254.0.1/latest/meta-data";

    private final List<BadPull> all = new ArrayList<>();

    private BadAnswers() {}

    static List<BadPull> all() {
        BadAnswers bad = new BadAnswers();
        bad.addBlobs();
        bad.addManifests();
        bad.addIndexes();
        bad.addAnswers();
        bad.addRedirects();
        bad.addSilence();
        return bad.all;
    }

    private void add(String name, Trap trap, String why) {
        all.add(new BadPull(name, trap, why));
    }

    /// A good image whose layer the registry answers for so.
    private void layer(String name, Answer answer, String why) {
        add(
                name,
                (registry, image) -> {
                    image.serve(registry);
                    String layer = Digest.sha256(image.layer()).hex();
                    registry.play(layer, ALWAYS, exchange -> answer.of(exchange, image.layer()));
                },
                why);
    }

    private interface Answer {
        boolean of(HttpExchange exchange, byte[] bytes) throws IOException;
    }

    /// A good image for whose manifest the registry answers so.
    private void manifest(String name, Trick answer, String why) {
        add(
                name,
                (registry, image) -> {
                    image.serve(registry);
                    registry.play("/manifests/", ALWAYS, answer);
                },
                why);
    }

    private void addBlobs() {
        layer(
                "a layer of other bytes",
                (exchange, bytes) -> send(exchange, changed(bytes)),
                "has another digest|cannot be unpacked");
        layer(
                "a layer shorter than its size",
                (exchange, bytes) -> send(exchange, new byte[3]),
                "has 3 bytes instead of");
        layer(
                "a layer longer than its size",
                (exchange, bytes) -> send(exchange, new byte[70_000]),
                "has 70000 bytes instead of");
        layer(
                "a layer that breaks off, again and again",
                (exchange, bytes) -> cut(exchange, 200, bytes.length, Arrays.copyOf(bytes, 20)),
                "stopped at 20 of|bytes received: 20");
        layer(
                "a layer that begins elsewhere than was asked for",
                (exchange, bytes) -> exchange.getRequestHeaders().containsKey("Range")
                        ? send(exchange, new byte[1])
                        : cut(exchange, 200, bytes.length, Arrays.copyOf(bytes, 20)),
                "stopped at 20 of|bytes received: 20|has 1 bytes instead of");
        add(
                "a config of other bytes",
                (registry, image) -> {
                    image.serve(registry);
                    String config = Digest.sha256(image.config()).hex();
                    registry.play(config, ALWAYS, exchange -> send(exchange, changed(image.config())));
                },
                "has another digest");
        add(
                "a config that is not there",
                (registry, image) -> {
                    image.serve(registry);
                    String config = Digest.sha256(image.config()).hex();
                    registry.play(config, ALWAYS, exchange -> status(exchange, 404));
                },
                "fetch blob .* not found");
    }

    private static byte[] changed(byte[] bytes) {
        byte[] other = bytes.clone();
        other[other.length / 2] ^= 1;
        return other;
    }

    private void addManifests() {
        manifest("a manifest without end", BadAnswers::endless, "more than the 65536 bytes");
        manifest("a page for people", exchange -> send(exchange, "<html>".getBytes(UTF_8)), "manifest is not JSON");
        manifest("an empty manifest", exchange -> send(exchange, new byte[0]), "is not an object|is not JSON");
        add(
                "a manifest of another digest than is told",
                (registry, image) -> {
                    image.serve(registry);
                    byte[] bytes = image.manifest();
                    registry.play("/manifests/", ALWAYS, exchange -> {
                        exchange.getResponseHeaders()
                                .set(
                                        "Docker-Content-Digest",
                                        Digest.sha256(new byte[1]).value());
                        return send(exchange, bytes);
                    });
                },
                "the manifest's digest is .*, not ");
    }

    private static boolean endless(HttpExchange exchange) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        byte[] spaces = " ".repeat(1 << 16).getBytes(UTF_8);
        try (OutputStream body = exchange.getResponseBody()) {
            while (true) {
                body.write(spaces);
            }
        }
    }

    private void addIndexes() {
        String here = Platform.host().architecture();
        add(
                "an index without this machine",
                (registry, image) -> ForgedImage.serveIndex(registry, image.serve(registry), "s390x"),
                "linux/s390x");
        add(
                "an index that points at itself",
                (registry, image) -> {
                    Descriptor entry = new Descriptor(MediaType.OCI_INDEX, Digest.sha256(image.layer()), 300);
                    byte[] index = ForgedImage.index(entry, here);
                    registry.play("/manifests/", ALWAYS, exchange -> {
                        exchange.getResponseHeaders().set("Content-Type", MediaType.OCI_INDEX.value());
                        return send(exchange, index);
                    });
                },
                "the manifest's digest is");
        add(
                "indexes inside one another without end",
                (registry, image) -> {
                    Descriptor inner = image.serve(registry);
                    for (int i = 0; i < 6; i++) {
                        inner = ForgedImage.serveIndex(registry, inner, here);
                    }
                },
                "more than 3 indexes inside one another");
        add(
                "an index with a wrong size of its image",
                (registry, image) -> {
                    Descriptor right = image.serve(registry);
                    Descriptor wrong = new Descriptor(right.mediaType(), right.digest(), right.sizeBytes() + 1);
                    ForgedImage.serveIndex(registry, wrong, here);
                },
                "has another size than its index says");
        add(
                "an index with a wrong type of its image",
                (registry, image) -> {
                    Descriptor right = image.serve(registry);
                    Descriptor wrong = new Descriptor(MediaType.OCI_INDEX, right.digest(), right.sizeBytes());
                    ForgedImage.serveIndex(registry, wrong, here);
                },
                "has another type than its index says");
    }

    private void addAnswers() {
        manifest("a registry that fails", exchange -> status(exchange, 500), "the server answers 500");
        manifest("a registry that answers nonsense", exchange -> status(exchange, 418), "the server answers 418");
        manifest(
                "a registry that says things to a terminal",
                exchange -> {
                    byte[] body = "{\"errors\":[{\"code\":\"\\u001b[2J\",\"message\":\"%s\"}]}"
                            .formatted("x".repeat(9000))
                            .getBytes(UTF_8);
                    exchange.sendResponseHeaders(403, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                    return true;
                },
                "access denied");
        manifest(
                "a registry that wants to be left alone",
                exchange -> {
                    exchange.getResponseHeaders().set("Retry-After", "3600");
                    return status(exchange, 429);
                },
                "too many requests");
        manifest(
                "a registry that hangs up",
                exchange -> {
                    throw new IOException("hung up on purpose");
                },
                "pull .* from http");
        add(
                "a registry that challenges without end",
                (registry, image) -> {
                    image.serve(registry);
                    registry.play(exchange -> exchange.getRequestURI().getPath().equals("/token")
                            ? send(exchange, "{\"token\":\"t\"}".getBytes(UTF_8))
                            : challenge(exchange, "http://" + registry.host() + "/token"));
                },
                "access denied");
        manifest(
                "a registry that sends for tokens to a file",
                exchange -> challenge(exchange, "file:///etc/shadow"),
                "token realm .* is not an? (address|http or https)");
        manifest(
                "a registry that sends for tokens to an address of this link",
                exchange -> challenge(exchange, ON_LINK),
                "token realm .* belongs to another host");
    }

    private static boolean challenge(HttpExchange exchange, String realm) throws IOException {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"%s\",service=\"x\"".formatted(realm));
        return status(exchange, 401);
    }

    private void addRedirects() {
        manifest("a circle of redirects", exchange -> redirect(exchange, "/v2/x/manifests/bad"), "too many redirects");
        manifest("a redirect to a file", exchange -> redirect(exchange, "file:///etc/shadow"), "redirect to file");
        manifest("a redirect to nowhere", exchange -> redirect(exchange, "http://[bad"), "redirect to a bad address");
        manifest(
                "a redirect to an address of this link",
                exchange -> redirect(exchange, ON_LINK),
                "redirect to 169.254.0.1, which is nearer to this host");
        layer(
                "a layer that is a redirect to a file",
                (exchange, bytes) -> redirect(exchange, "file:///etc/shadow"),
                "redirect to file is not followed");
    }

    private static boolean redirect(HttpExchange exchange, String target) throws IOException {
        exchange.getResponseHeaders().set("Location", target);
        return status(exchange, 307);
    }

    private void addSilence() {
        manifest("a registry that never answers", BadAnswers::silent, "timed out");
        layer(
                "a layer that stops in its middle",
                (exchange, bytes) -> {
                    exchange.sendResponseHeaders(200, bytes.length);
                    exchange.getResponseBody().write(bytes, 0, 20);
                    exchange.getResponseBody().flush();
                    return silent(exchange);
                },
                "fewer than 1024 bytes|timed out");
        layer(
                "a layer that drips",
                (exchange, bytes) -> {
                    exchange.sendResponseHeaders(200, bytes.length);
                    for (byte one : bytes) {
                        exchange.getResponseBody().write(one);
                        exchange.getResponseBody().flush();
                        pause(100);
                    }
                    return true;
                },
                "fewer than 1024 bytes|timed out");
    }

    /// Until the registry is closed.
    private static boolean silent(HttpExchange exchange) throws IOException {
        pause(TimeUnit.MINUTES.toMillis(1));
        return status(exchange, 500);
    }

    private static void pause(long millis) throws IOException {
        try {
            boolean opened = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
            if (opened) {
                throw new IllegalStateException("nobody opens it");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
