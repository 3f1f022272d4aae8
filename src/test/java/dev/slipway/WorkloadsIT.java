package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Deployments as people drive them with kubectl, on a whole engine.
@ExtendWith(SharedEngine.class)
class WorkloadsIT {
    private static final String OBJECT = "deployment/rolled";

    @Test
    @DisplayName("S09 kubectl scales a workload up and down, rolls it to another version and back")
    void kubectl_scales_and_rolls(EngineProcess engine) {
        engine.apply(deployment("rolled", 1));
        engine.kubectl("rollout", "status", OBJECT, "--timeout=20s").orFail();
        List<String> first = pods(engine, "rolled");

        engine.kubectl("scale", OBJECT, "--replicas=4").orFail();
        engine.awaitField(OBJECT, ".status.readyReplicas", "4");
        assertTrue(pods(engine, "rolled").containsAll(first), "the first pod goes on");
        engine.kubectl("set", "env", OBJECT, "VERSION=2").orFail();
        engine.kubectl("rollout", "status", OBJECT, "--timeout=30s").orFail();
        awaitVersion(engine, "2");
        engine.kubectl("rollout", "undo", OBJECT).orFail();
        engine.kubectl("rollout", "status", OBJECT, "--timeout=30s").orFail();
        awaitVersion(engine, "1");
        engine.kubectl("rollout", "restart", OBJECT).orFail();
        engine.kubectl("rollout", "status", OBJECT, "--timeout=30s").orFail();
        String history = engine.kubectl("rollout", "history", OBJECT).orFail().out();
        assertTrue(history.lines().anyMatch(line -> line.startsWith("4 ")), history);

        engine.kubectl("scale", OBJECT, "--replicas=0", "--current-replicas=4").orFail();
        engine.await("no pod", () -> pods(engine, "rolled").isEmpty());
        assertEquals(0, engine.kubectl("delete", OBJECT).code());
        engine.await("no set", () -> engine.kubectl("get", "replicasets", "-l", "app=rolled", "-o", "name")
                .out()
                .isEmpty());
    }

    @Test
    @DisplayName("S09 a pod of a workload that dies or is deleted is replaced")
    void a_lost_pod_is_replaced(EngineProcess engine) {
        engine.apply(deployment("kept", 2));
        engine.kubectl("wait", "--for=condition=Available", "deployment/kept", "--timeout=20s")
                .orFail();
        List<String> before = pods(engine, "kept");

        engine.kubectl("delete", before.getFirst(), "--wait=true", "--timeout=20s")
                .orFail();

        engine.awaitField("deployment/kept", ".status.readyReplicas", "2");
        List<String> after = pods(engine, "kept");
        assertTrue(after.contains(before.get(1)), after + " after " + before);
        for (String name : List.of("deployment/kept", "deploy/kept", before.get(1))) {
            engine.slipway("exec", name, "--", "/bin/busybox", "true").orFail();
            engine.slipway("logs", name).orFail();
        }
        engine.kubectl("delete", "deployment/kept", "--cascade=foreground", "--wait=true", "--timeout=20s")
                .orFail();
        assertEquals(List.of(), pods(engine, "kept"));
    }

    @Test
    void a_tag_that_moves_rolls_a_workload_and_undo_and_a_bad_image_lead_back(EngineProcess engine) {
        engine.apply(image("one")
                + image("two")
                + image("bad")
                + tag("one", "5m")
                + deployment("moved", 1).replace("image: toolbox", "image: example/moved:1"));
        engine.await("the first", () -> runs(engine, "one"));

        engine.apply(tag("two", "5m"));
        engine.await("the second", () -> runs(engine, "two"));
        engine.awaitField("tag/moved", ".status.history[0].result", "Succeeded");
        engine.kubectl("rollout", "undo", "deployment/moved").orFail();
        engine.await("the first again", () -> runs(engine, "one"));
        engine.apply(tag("bad", "4s"));
        engine.awaitField("tag/moved", ".status.quarantined[0].digest", digest(engine, "bad"));

        engine.await("the second again", () -> runs(engine, "two"));
        assertEquals("example/moved:1", engine.field("deployment/moved", ".spec.template.spec.containers[0].image"));
        engine.kubectl("delete", "deployment/moved", "tag/moved").orFail();
        engine.kubectl("delete", "image/moved-one", "image/moved-two", "image/moved-bad")
                .orFail();
    }

    @Test
    void a_tag_that_moves_leaves_the_pods_of_a_bare_set_and_the_next_ones_follow_it(EngineProcess engine) {
        engine.apply(image("one")
                + image("two")
                + tag("one", "5m")
                + deployment("bare", 1)
                        .replace("kind: Deployment", "kind: ReplicaSet")
                        .replace("image: toolbox", "image: example/moved:1"));
        engine.awaitField("replicaset/bare", ".status.readyReplicas", "1");
        List<String> before = pods(engine, "bare");
        engine.awaitField("tag/moved", ".status.consumers[0].kind", "Pod");

        engine.apply(tag("two", "5m"));
        engine.awaitField("tag/moved", ".status.history[0].result", "Succeeded");
        engine.awaitField("tag/moved", ".status.digest", digest(engine, "two"));
        engine.kubectl("scale", "replicaset/bare", "--replicas=2").orFail();
        engine.awaitField("replicaset/bare", ".status.readyReplicas", "2");

        List<String> after = pods(engine, "bare");
        assertTrue(after.containsAll(before), after + " after " + before);
        for (String pod : after) {
            String version = before.contains(pod) ? "one" : "two";
            String runs = engine.field(pod, ".status.containerStatuses[0].imageID");
            assertTrue(runs.endsWith(digest(engine, version)), pod + " runs " + runs);
        }
        engine.kubectl("delete", "replicaset/bare", "tag/moved").orFail();
        engine.kubectl("delete", "image/moved-one", "image/moved-two").orFail();
    }

    /// Whether a pod is ready, made of a version, and the only one.
    private static boolean runs(EngineProcess engine, String version) {
        String images = engine.kubectl(
                        "get",
                        "pods",
                        "-l",
                        "app=moved",
                        "-o",
                        "jsonpath={range .items[*]}{.spec.containers[0].image} {.status.containerStatuses[0].ready}|{end}")
                .out();
        return images.equals("example/moved:1@%s true|".formatted(digest(engine, version)));
    }

    private static String digest(EngineProcess engine, String version) {
        return engine.field("image/moved-" + version, ".status.digest");
    }

    private static String image(String version) {
        return """
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: moved-%s}
                spec: {source: {build: {imageName: toolbox, steps: [{config: {workingDir: %s}}]}}}
                ---
                """.formatted(version, version.equals("bad") ? "/etc/passwd" : "/" + version);
    }

    private static String tag(String version, String deadline) {
        return """
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: moved}
                spec:
                  repository: example/moved
                  tag: "1"
                  target: {image: {name: moved-%s}}
                  rollout: {progressDeadline: %s}
                ---
                """.formatted(version, deadline);
    }

    private static List<String> pods(EngineProcess engine, String app) {
        return engine.kubectl("get", "pods", "-l", "app=" + app, "-o", "name")
                .orFail()
                .out()
                .lines()
                .toList();
    }

    /// Among its pods, of which kubectl takes one, are for a moment those that are just being ended.
    private static void awaitVersion(EngineProcess engine, String version) {
        engine.await("version " + version, () -> engine.kubectl(
                        "exec", OBJECT, "--", "/bin/busybox", "sh", "-c", "echo $VERSION")
                .out()
                .equals(version + "\n"));
    }

    private static String deployment(String name, int replicas) {
        return """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %s}
                spec:
                  replicas: %d
                  selector: {matchLabels: {app: %s}}
                  template:
                    metadata: {labels: {app: %s}}
                    spec:
                      terminationGracePeriodSeconds: 1
                      containers:
                      - name: main
                        image: toolbox
                        imagePullPolicy: Never
                        env: [{name: VERSION, value: "1"}]
                        command: [/bin/busybox, sh, -c, "trap 'exit 0' TERM; while true; do /bin/busybox usleep 20000; done"]
                """.formatted(name, replicas, name, name);
    }
}
