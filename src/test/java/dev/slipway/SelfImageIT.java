package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.EngineProcess.Ran;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The image that Slipway builds of itself, run by Slipway.
class SelfImageIT {
    private static final String CONTAINERS = """
            apiVersion: slipway.dev/v1alpha1
            kind: Container
            metadata: {name: version}
            spec:
              imageFrom: {kind: Image, name: slipway}
              args: [--version]
              restartPolicy: Never
            ---
            apiVersion: slipway.dev/v1alpha1
            kind: Container
            metadata: {name: engine}
            spec:
              imageFrom: {kind: Image, name: slipway}
              userNamespace: {mode: Host}
              securityContext: {privileged: true}
              args: [serve, --listen, "0.0.0.0:7443"]
              readinessProbe: {tcpSocket: {port: 7443}, periodSeconds: 1}
            """;
    /// What the engine inside is asked to build and to run: it has a shell at hand.
    private static final String INNER = """
            apiVersion: slipway.dev/v1alpha1
            kind: Image
            metadata: {name: box}
            spec:
              source:
                build:
                  from: scratch
                  steps:
                  - copyFromHost: {paths: [/bin/busybox], libraries: true}
                  - run: [/bin/busybox, sh, -c, "echo built inside > /built"]
            ---
            apiVersion: slipway.dev/v1alpha1
            kind: Container
            metadata: {name: inner}
            spec:
              imageFrom: {kind: Image, name: box}
              command: [/bin/busybox, sh, -c, "/bin/busybox cat /built; /bin/busybox sleep 600"]
            """;

    @Test
    void an_engine_runs_in_a_container_of_its_own_image_and_runs_containers_there(@TempDir Path folder)
            throws Exception {
        Path layout = folder.resolve("layout");
        String jdk = System.getProperty("java.home");
        String installed = EngineProcess.SLIPWAY.getParent().getParent().toString();
        Ran.run(new ProcessBuilder("src/main/scripts/self-image", installed, jdk, layout.toString()), "")
                .orFail();
        assertTrue(Files.exists(layout.resolve("index.json")));

        try (EngineProcess engine = EngineProcess.start()) {
            engine.slipway("image", "load", "slipway", "-f", layout.toString()).orFail();
            engine.apply(CONTAINERS);

            engine.kubectl("wait", "--for=condition=Ready", "container/engine", "--timeout=60s")
                    .orFail();

            engine.awaitField("container/version", ".status.phase", "Exited");
            assertEquals(
                    engine.slipway("--version").out(),
                    engine.slipway("logs", "version").out());
            String address = engine.field("container/engine", ".status.podIPs[0].ip");
            assertTrue(engine.shell(folder, "curl -sk -o answer -w '%{http_code}' https://" + address + ":7443/version")
                    .out()
                    .matches("200|401"));
            engine.kubectlWith(INNER, "exec", "-i", "engine", "--", "/opt/slipway/bin/slipway", "apply", "-f", "-")
                    .orFail();
            engine.await(
                    "the container in the container to write",
                    () -> inside(engine, "logs", "inner").out().equals("built inside\n"));
            inside(engine, "delete", "container/inner").orFail();
        }
    }

    private static Ran inside(EngineProcess engine, String... words) {
        String[] all = new String[words.length + 4];
        System.arraycopy(new String[] {"exec", "engine", "--", "/opt/slipway/bin/slipway"}, 0, all, 0, 4);
        System.arraycopy(words, 0, all, 4, words.length);
        return engine.kubectl(all);
    }
}
