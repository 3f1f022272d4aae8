package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Probes, hooks and dependencies, as `kubectl` shows them.
@ExtendWith(SharedEngine.class)
class ProbesIT {
    private static final String SERVE = "mkdir -p /www; touch /www/live; /bin/busybox httpd -p 8080 -h /www; "
            + "while true; do /bin/busybox usleep 50000; done";

    @Test
    void a_pod_is_ready_when_it_answers_and_restarted_when_it_is_ill(EngineProcess engine) throws IOException {
        Sample.pod("probed", SERVE)
                .with("  ports: [{name: http, containerPort: 8080}]")
                .with("  startupProbe: {tcpSocket: {port: http}, periodSeconds: 1, failureThreshold: 60}")
                .with("  readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 1, failureThreshold: 1}")
                .with("  livenessProbe: {httpGet: {path: /live, port: 8080}, periodSeconds: 1, failureThreshold: 2}")
                .in(engine);
        engine.awaitField("pod/probed", ".status.containerStatuses[0].started", "true");
        assertEquals("false", engine.field("pod/probed", ".status.containerStatuses[0].ready"));

        Path root = Path.of("/proc/%d/root/www".formatted(pid(engine)));
        Files.createFile(root.resolve("ready"));
        engine.kubectl("wait", "--for=condition=Ready", "pod/probed", "--timeout=20s")
                .orFail();
        Files.delete(root.resolve("live"));

        engine.awaitField("pod/probed", ".status.containerStatuses[0].restartCount", "1");
        engine.awaitField("pod/probed", ".status.containerStatuses[0].started", "true");
        assertEquals("false", engine.field("pod/probed", ".status.containerStatuses[0].ready"));
        engine.await("the events", () -> {
            String told = engine.kubectl("describe", "pod/probed").out();
            return told.contains("Readiness probe failed: HTTP probe failed with statuscode: 404")
                    && told.contains("Liveness probe failed: HTTP probe failed with statuscode: 404")
                    && told.contains("Container main failed liveness probe, will be restarted");
        });
        engine.kubectl("delete", "pod/probed", "--timeout=20s").orFail();
    }

    @Test
    void a_container_waits_for_another_and_both_say_how_they_are(EngineProcess engine) throws IOException {
        Sample web = Sample.container("front", "echo begun; while true; do /bin/busybox usleep 50000; done")
                .with("dependsOn: [{name: back}]")
                .in(engine);
        engine.awaitField(
                web.object(),
                condition("DependenciesReady", "message"),
                "waits for Container back, which does not exist");
        Sample db = Sample.container(
                        "back", "/bin/busybox httpd -p 8080; while true; do /bin/busybox usleep 50000; done")
                .with("readinessProbe: {exec: {command: [/bin/busybox, test, -e, /ready]}, periodSeconds: 1}")
                .in(engine)
                .running(engine);
        engine.awaitField(
                web.object(), condition("DependenciesReady", "message"), "waits for Container back to be Ready");
        assertEquals("False", engine.field(db.object(), condition("Healthy", "status")));
        assertEquals("Pending", engine.field(web.object(), ".status.phase"));

        db.touch(engine, "/ready");

        engine.kubectl("wait", "--for=condition=Ready", "container/front", "--timeout=20s")
                .orFail();
        assertEquals("True", engine.field(db.object(), condition("Healthy", "status")));
        assertEquals("True", engine.field(web.object(), condition("DependenciesReady", "status")));
        web.wrote(engine, "begun");
        web.delete(engine);
        db.delete(engine);
    }

    @Test
    void a_container_follows_the_health_check_of_its_image_unless_it_shall_not(EngineProcess engine) {
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: checked}
                spec:
                  source:
                    build:
                      imageName: toolbox
                      steps:
                      - config:
                          healthcheck: {test: [CMD, /bin/busybox, test, -e, /well], interval: 1s, retries: 1}
                """);
        Sample followed = checked("followed").in(engine).running(engine);
        Sample ignored =
                checked("ignored").with("imageHealthcheck: Ignore").in(engine).running(engine);
        engine.awaitField(ignored.object(), condition("Ready", "status"), "True");
        engine.awaitField(
                followed.object(), condition("Healthy", "message"), "the health check of its image does not succeed");
        assertEquals("False", engine.field(followed.object(), condition("Ready", "status")));

        followed.touch(engine, "/well");

        engine.kubectl("wait", "--for=condition=Ready", followed.object(), "--timeout=20s")
                .orFail();
        engine.kubectl("exec", "followed", "--", "/bin/busybox", "rm", "/well").orFail();
        engine.awaitField(followed.object(), condition("Ready", "status"), "False");
        assertEquals("0", engine.field(followed.object(), ".status.restartCount"));
        assertEquals("Running", engine.field(followed.object(), ".status.phase"));
        assertEquals("", engine.field(ignored.object(), condition("Healthy", "status")));
        followed.delete(engine);
        ignored.delete(engine);
        engine.kubectl("delete", "image/checked").orFail();
    }

    private static Sample checked(String name) {
        return Sample.container(name, "while true; do /bin/busybox usleep 50000; done", "checked");
    }

    private static String condition(String type, String field) {
        return ".status.conditions[?(@.type==\"%s\")].%s".formatted(type, field);
    }

    /// Of the one shell that serves.
    private static long pid(EngineProcess engine) throws IOException {
        for (ProcessHandle each : ProcessHandle.allProcesses().toList()) {
            Path command = Path.of("/proc/%d/cmdline".formatted(each.pid()));
            try {
                String words = Files.readString(command);
                if (words.contains("touch /www/live") && words.startsWith("/bin/busybox\0sh")) {
                    return each.pid();
                }
            } catch (IOException e) {
                // It has ended since it was listed.
                continue;
            }
        }
        throw new AssertionError("nobody serves: " + engine.diary());
    }
}
