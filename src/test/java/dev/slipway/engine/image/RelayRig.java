package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.oci.Descriptor;
import dev.slipway.engine.oci.DiffId;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.ImageIndex;
import dev.slipway.engine.oci.ManifestCodec;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.oci.Repository;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/// A host that has one platform of an index, the registry that it came from, and one that it is pushed to.
final class RelayRig implements AutoCloseable {
    static final Platform OTHER = new Platform("linux", "s390x", "");
    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    final ImagesRig host;
    final HostileRegistry source;
    final HostileRegistry target = new HostileRegistry();

    /// What the target has, by digest and by tag.
    final Map<String, byte[]> pushed = new ConcurrentHashMap<>();

    /// By what names it was given manifests, as they came.
    final List<String> manifests = new CopyOnWriteArrayList<>();
    LocalImage image;
    TestImage other;
    Digest index;
    boolean sure = true;
    private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
    private final AtomicInteger begun = new AtomicInteger();

    RelayRig(Path root) throws IOException {
        host = new ImagesRig(root);
        source = host.registry;
        target.play(this::take);
        serve(TestImage.gzip("for another platform"));
    }

    /// @param layer of the image for the other platform
    void serve(byte[] layer) throws IOException {
        other = TestImage.of(OTHER, List.of(new DiffId(Digest.sha256(layer))), List.of(layer));
        Descriptor own = TestImage.of("base", "web").serve(source, "");
        pullIndexOf(List.of(on(Platform.host(), own), on(OTHER, other.serve(source, ""))));
    }

    /// What the host has of an image is of this index alone from now on.
    void pullIndexOf(List<Descriptor> manifests) throws IOException {
        byte[] bytes = ManifestCodec.write(new ImageIndex(MediaType.OCI_INDEX, manifests, Map.of()));
        index = source.manifest("v1", MediaType.OCI_INDEX, bytes).digest();
        for (LocalImage before : host.images.list()) {
            if (before.names().contains(host.reference("web", "v1"))) {
                host.images.remove(before.digest());
            }
        }
        image = host.pulled("web", "v1");
        assertEquals(Set.of(index), image.indexes());
    }

    /// The same image out of another index.
    Digest pullAnotherIndex(String tag) {
        ImageIndex single =
                new ImageIndex(MediaType.OCI_INDEX, List.of(on(Platform.host(), image.descriptor())), Map.of("a", "b"));
        Digest digest = source.manifest(tag, MediaType.OCI_INDEX, ManifestCodec.write(single))
                .digest();
        image = host.pulled("web", tag);
        return digest;
    }

    static Descriptor on(Platform platform, Descriptor manifest) {
        return new Descriptor(manifest.mediaType(), manifest.digest(), manifest.sizeBytes(), platform, Map.of());
    }

    Digest otherManifest() {
        return Digest.sha256(ManifestCodec.write(other.manifest()));
    }

    /// Takes what is pushed, as a registry does: no manifest before what it names.
    private boolean take(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String last = path.substring(path.lastIndexOf('/') + 1);
        byte[] body = exchange.getRequestBody().readAllBytes();
        switch (exchange.getRequestMethod()) {
            case "POST" -> {
                String upload = "/upload/" + begun.incrementAndGet();
                uploads.put(upload, new ByteArrayOutputStream());
                exchange.getResponseHeaders().set("Location", upload);
                return HostileRegistry.status(exchange, 202);
            }
            case "PATCH" -> {
                uploads.get(path).write(body);
                exchange.getResponseHeaders().set("Location", path);
                return HostileRegistry.status(exchange, 202);
            }
            case "PUT" -> {
                if (uploads.containsKey(path)) {
                    uploads.get(path).write(body);
                    byte[] whole = uploads.get(path).toByteArray();
                    pushed.put(Digest.sha256(whole).value(), whole);
                } else if (namesWhatIsNotThere(body)) {
                    return HostileRegistry.status(exchange, 400);
                } else {
                    pushed.put(last, body);
                    manifests.add(last);
                }
                return HostileRegistry.status(exchange, 201);
            }
            default -> {
                if (!pushed.containsKey(last)) {
                    return HostileRegistry.status(exchange, 404);
                }
                String digest = Digest.sha256(pushed.get(last)).value();
                exchange.getResponseHeaders().set("Docker-Content-Digest", digest);
                return HostileRegistry.status(exchange, 200);
            }
        }
    }

    private boolean namesWhatIsNotThere(byte[] manifest) {
        return DIGEST.matcher(new String(manifest, StandardCharsets.UTF_8))
                .results()
                .anyMatch(digest -> !pushed.containsKey(digest.group()));
    }

    ImagePusher pusher(Executor threads) {
        return new ImagePusher(host.sources(), host.client, threads);
    }

    /// Where the image came from.
    Optional<Repository> origin() {
        return Optional.of(new Repository(source.host(), "web"));
    }

    ImagePusher.Order order(Optional<Digest> of, Optional<Repository> origin) {
        return new ImagePusher.Order(
                image,
                new ImagePusher.Origin(of, origin, sure),
                new Reference(new Repository(target.host(), "copy"), "stable", null),
                Keyring.EMPTY);
    }

    static PushOutcome.Pushed pushed(PushOutcome outcome) {
        return assertInstanceOf(PushOutcome.Pushed.class, outcome, outcome::toString);
    }

    @Override
    public void close() {
        target.close();
        host.close();
    }
}
