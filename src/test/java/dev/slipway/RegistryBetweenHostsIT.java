package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Two hosts: one builds an image and pushes it, the other serves the registry that it is pushed to, and runs it.
class RegistryBetweenHostsIT {
    private EngineProcess builder;
    private EngineProcess edge;
    private String host;

    @BeforeEach
    void start() throws IOException {
        builder = EngineProcess.start();
        edge = EngineProcess.start();
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            host = "127.0.0.1:" + socket.getLocalPort();
        }
    }

    @AfterEach
    void close() throws IOException {
        try (EngineProcess one = builder;
                EngineProcess other = edge) {
            assertNotEquals(one.pid(), other.pid());
        }
    }

    @Test
    @DisplayName("S52 S53 S56 what one host pushes another serves and runs, and takes back when it does not get ready")
    void what_one_host_pushes_another_serves_and_runs_and_takes_back_when_it_does_not_get_ready() {
        edge.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: own}
                spec: {host: "%1$s", serve: {listen: "%1$s", allowPush: ["acme/*"]}}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: web}
                spec:
                  repository: %1$s/acme/web
                  target: {follow: {reference: "%1$s/acme/web", onPush: true, interval: 1h}}
                  rollout: {progressDeadline: 8s}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Container
                metadata: {name: web}
                spec: {image: "%1$s/acme/web", stop: {gracePeriodSeconds: 1}}
                """.formatted(host));
        edge.awaitField("registry/own", ".status.reachable", "true");
        builder.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: edge}
                spec: {host: "%s"}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: web}
                spec:
                  repository: acme/web
                  target: {image: {name: web}}
                  push: [{registry: edge}]
                """.formatted(host));

        String one = built("one", "/bin/busybox sleep 3600");
        edge.awaitField("container/web", ".status.image.digest", one);
        edge.awaitField("tag/web", ".status.history[0].result", "Succeeded");
        String two = built("two", "/bin/busybox sleep 3601");
        edge.awaitField("container/web", ".status.image.digest", two);
        edge.awaitField("tag/web", ".status.history[0].result", "Succeeded");
        String bad = built("bad", "/bin/busybox false");

        edge.awaitField("tag/web", ".status.quarantined[0].digest", bad);
        edge.awaitField("container/web", ".status.image.digest", two);
        edge.awaitField("container/web", ".status.conditions[?(@.type==\"Ready\")].status", "True");
        assertEquals("RolledBack", edge.field("tag/web", ".status.history[1].result"));
        assertEquals(two, edge.field("tag/web", ".status.digest"));
    }

    /// The digest of an image that the builder has built and pushed.
    private String built(String version, String command) {
        String before = builder.field("image/web", ".status.digest");
        builder.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: web}
                spec:
                  source:
                    build:
                      from: scratch
                      steps:
                        - copyFromHost: {paths: [/bin/busybox], libraries: true}
                        - copy: {to: /version, content: "%s"}
                        - config: {cmd: [/bin/busybox, sh, -c, "exec %s"]}
                """.formatted(version, command));
        builder.await(version + " to be built and pushed", () -> {
            String now = builder.field("tag/web", ".status.pushes[0].image");
            return !now.isEmpty() && !now.equals(before) && now.equals(builder.field("image/web", ".status.digest"));
        });
        return builder.field("image/web", ".status.digest");
    }
}
