package dev.slipway.actor.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.desired.reconcile.Backoff;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a registry has refused is asked for again as soon as its Registry object says how, not when the back-off of an
/// hour is over.
class CorrectedRegistryKernelTest {
    private static final String BASIC = "Basic " + Base64.getEncoder().encodeToString("ada:engine".getBytes(UTF_8));

    @TempDir
    private Path directory = Path.of("");

    private HostileRegistry registry;
    private ImageRig rig;

    @BeforeEach
    void open() throws Exception {
        registry = new HostileRegistry();
        ImageRig.Options standard = ImageRig.Options.STANDARD;
        rig = new ImageRig(
                Files.createDirectory(directory.resolve("rig")),
                new ImageRig.Options(
                        standard.patience(),
                        new Backoff(Duration.ofHours(1), Duration.ofHours(1), () -> 0),
                        standard.limits()));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
        registry.close();
    }

    private static boolean refusedUnlessKnown(HttpExchange exchange) throws IOException {
        if (BASIC.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return false;
        }
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"here\"");
        return HostileRegistry.status(exchange, 401);
    }

    private void registryWith(String password) throws Exception {
        String logins =
                "{\"auths\":{\"%s\":{\"username\":\"ada\",\"password\":\"%s\"}}}".formatted(registry.host(), password);
        rig.apply("""
                apiVersion: v1
                kind: Secret
                metadata: {name: hub}
                type: kubernetes.io/dockerconfigjson
                data: {.dockerconfigjson: %s}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: hub}
                spec: {host: "%s", credentials: [{secretRef: {name: hub}}]}
                """.formatted(Base64.getEncoder().encodeToString(logins.getBytes(UTF_8)), registry.host()));
    }

    @Test
    @DisplayName("S61 whom a registry has refused is let in at once when its Registry object has the right password")
    void what_failed_is_tried_again_at_once_when_the_registry_object_is_corrected() throws Exception {
        Digest served = ServedImage.of(registry, "latest", "one").digest();
        registry.play(CorrectedRegistryKernelTest::refusedUnlessKnown);
        registryWith("wrong");
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: web}
                spec: {source: {pull: {reference: "%s/acme/web:latest"}}}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: web}
                spec:
                  repository: local/web
                  target: {follow: {reference: "%s/acme/web:latest", interval: 1h}}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: sent}
                spec:
                  repository: local/sent
                  target: {image: {name: made}}
                  push: [{registry: hub, repository: team/sent}]
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: made}
                spec: {source: {build: {from: scratch, steps: [{copy: {to: /a, content: b}}]}}}
                """.formatted(registry.host(), registry.host()));
        awaitDenied("images/web", "Ready");
        awaitDenied("tags/web", "Ready");
        awaitDenied("tags/sent", "Pushed");

        registryWith("engine");

        assertEquals(served, rig.ready("images/web"));
        rig.await("the Tag to follow", () -> rig.field("tags/web", "/status/digest")
                .equals(served.value()));
        rig.await("the push to be let in", () -> !rig.condition("tags/sent", "Pushed")
                .contains("access denied"));
    }

    @Test
    void what_failed_is_tried_again_at_once_when_the_registry_object_goes() throws Exception {
        Digest served = ServedImage.of(registry, "latest", "one").digest();
        AtomicBoolean isOpen = new AtomicBoolean();
        registry.play(exchange -> !isOpen.get() && refusedUnlessKnown(exchange));
        registryWith("wrong");
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: web}
                spec: {source: {pull: {reference: "%s/acme/web:latest"}}}
                """.formatted(registry.host()));
        awaitDenied("images/web", "Ready");

        isOpen.set(true);
        rig.delete("registries/hub");

        assertEquals(served, rig.ready("images/web"));
    }

    private void awaitDenied(String path, String condition) {
        rig.await(path + " to be refused", () -> rig.condition(path, condition).contains("access denied"));
    }
}
