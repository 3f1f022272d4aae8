package dev.slipway.door.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpProgressTest {
    private static final Path DIRECTORY = Path.of("/srv/shop");

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);

    @Test
    void a_directory_converges_step_by_step() throws InterruptedException {
        ScriptedFeed feed = new ScriptedFeed()
                .with(sync("images hello, containers hello", ""))
                .then(
                        seconds(1),
                        image("Ready=False Reconciling=True", "{phase: Pulling, bytesDone: 1, bytesTotal: 400}"))
                .then(
                        seconds(1),
                        image("Ready=False Reconciling=True", "{phase: Pulling, bytesDone: 99, bytesTotal: 400}"))
                .then(
                        seconds(1),
                        image("Ready=False Reconciling=True", "{phase: Pulling, bytesDone: 300, bytesTotal: 400}"))
                .then(seconds(1), image("Ready=True Reconciling=False", ""))
                .then(seconds(1), container("Pending", "Ready=False Reconciling=True", ""))
                .then(seconds(1), container("Running", "Ready=True Reconciling=False", "pid: 77"));

        UpProgress.Outcome outcome = up(feed, Terminal.plain(out)).run();

        assertEquals(UpProgress.Outcome.CONVERGED, outcome);
        assertEquals("""
                   0.0 s  Image hello: Missing
                   0.0 s  Container hello: Missing
                   1.0 s  Image hello: Pulling, 0% of 400 B
                   3.0 s  Image hello: Pulling, 75% of 400 B
                   4.0 s  Image hello: Ready
                   5.0 s  Container hello: Pending, BecauseReady: about Ready
                   6.0 s  Container hello: Running

                KIND        NAME    STATE     DETAIL
                Image       hello   Ready     2.0 KiB in 1 layer
                Container   hello   Running   pid 77

                As declared: 2 objects, after 6.5 s.

                reach  http://127.0.0.1:8080/   (Container hello)
                logs   slipway logs hello
                look   kubectl --kubeconfig /var/lib/slipway/kubeconfig get containers,pods
                """, text());
    }

    @Test
    void nothing_is_converged_before_the_directory_has_been_read() throws InterruptedException {
        ScriptedFeed feed = new ScriptedFeed().then(seconds(3), sync("", "")).then(seconds(9), "interrupt");

        UpProgress.Outcome outcome = up(feed, Terminal.plain(out)).run();

        assertEquals(UpProgress.Outcome.CONVERGED, outcome);
        assertTrue(text().contains("/srv/shop declares nothing"), text());
    }

    @Test
    void a_state_that_does_not_last_is_not_believed() throws InterruptedException {
        ScriptedFeed feed = new ScriptedFeed()
                .with(sync("containers hello", ""))
                .with(container("Running", "Ready=True Reconciling=False", "pid: 1"))
                .then(Duration.ofMillis(100), container("CrashLoop", "Ready=False Reconciling=True", ""))
                .then(seconds(5), container("Running", "Ready=True Reconciling=False", "pid: 2"));

        UpProgress.Outcome outcome = up(feed, Terminal.plain(out)).run();

        assertEquals(UpProgress.Outcome.CONVERGED, outcome);
        assertTrue(feed.isAtEnd());
        assertTrue(text().contains("pid 2"), text());
    }

    @Test
    void what_cannot_converge_ends_with_its_name_its_reason_and_its_message() throws InterruptedException {
        ScriptedFeed feed = new ScriptedFeed()
                .with(sync("containers hello, volumes data", ""))
                .with(container("Exited", "Ready=False Reconciling=False Stalled=True", ""))
                .then(seconds(4), volume("Ready=True Reconciling=False"));

        UpProgress.Outcome outcome = up(feed, Terminal.plain(out)).run();

        assertEquals(UpProgress.Outcome.STALLED, outcome);
        assertTrue(feed.isAtEnd(), "waits for what is still moving");
        assertTrue(text().contains("""
                Not as declared, and only a change of a manifest can help:
                  Container hello: Exited, BecauseStalled: about Stalled
                """), text());
        assertTrue(text().contains("why    slipway describe container hello"), text());
    }

    @Test
    void a_bad_file_is_named_with_its_line() throws InterruptedException {
        ScriptedFeed feed = new ScriptedFeed()
                .with(sync(
                        "",
                        "{file: web.yaml, line: 12, reason: ManifestInvalid, message: 'unknown field \"imagee\"'}"));

        UpProgress.Outcome outcome = up(feed, Terminal.plain(out)).run();

        assertEquals(UpProgress.Outcome.STALLED, outcome);
        assertTrue(text().contains("File web.yaml:12: ManifestInvalid, unknown field \"imagee\""), text());
    }

    @Test
    void the_limit_ends_it_and_names_what_is_missing() throws InterruptedException {
        ScriptedFeed feed = new ScriptedFeed()
                .with(sync("containers hello", ""))
                .with(container("Pending", "Ready=False Reconciling=True", ""));

        UpProgress.Outcome outcome = up(feed, Terminal.plain(out)).run();

        assertEquals(UpProgress.Outcome.LATE, outcome);
        assertTrue(text().contains("""
                Not as declared after 5 min 0 s:
                  Container hello: Pending, BecauseReady: about Ready
                """), text());
    }

    @Test
    void a_deployment_that_is_stuck_tells_why_by_one_of_its_pods() throws InterruptedException {
        ScriptedFeed feed = new ScriptedFeed().with(sync("deployments web", "")).with("""
                        apiVersion: apps/v1
                        kind: Deployment
                        metadata: {name: web, namespace: default, uid: d}
                        spec: {replicas: 1}
                        status: {replicas: 1, updatedReplicas: 1}
                        ---
                        apiVersion: apps/v1
                        kind: ReplicaSet
                        metadata: {name: web-1, namespace: default, uid: s, ownerReferences: [{controller: true, uid: d}]}
                        ---
                        apiVersion: v1
                        kind: Pod
                        metadata: {name: web-1-a, namespace: default, ownerReferences: [{controller: true, uid: s}]}
                        status:
                          conditions: [{type: Ready, status: "False"}]
                          containerStatuses: [{state: {waiting: {reason: ErrImagePull, message: no such image}}}]
                        """);

        assertEquals(UpProgress.Outcome.LATE, up(feed, Terminal.plain(out)).run());
        assertTrue(
                text().contains("1 of 1 pods are of this version, 0 are available; "
                        + "pod web-1-a: ErrImagePull: no such image"),
                text());
    }

    @Test
    void an_image_that_only_a_pod_names_is_shown_and_does_not_count() throws InterruptedException {
        ScriptedFeed feed = new ScriptedFeed()
                .with(sync("containers hello", ""))
                .with(container("Running", "Ready=True Reconciling=False", ""))
                .with(image("Ready=False Reconciling=True", "{phase: Pulling}"));

        assertEquals(UpProgress.Outcome.CONVERGED, up(feed, Terminal.plain(out)).run());
        assertTrue(text().contains("Image hello: Pulling"), text());
        assertTrue(text().contains("As declared: 1 object,"), text());
    }

    @Test
    void control_characters_of_strangers_do_not_reach_the_terminal() throws InterruptedException {
        ScriptedFeed feed = new ScriptedFeed()
                .with(sync("", "{file: a.yaml, reason: X, message: \"red \\e[31m\\nnext \\u009b line\"}"));

        UpProgress.Outcome outcome = up(feed, Terminal.plain(out)).run();

        assertEquals(UpProgress.Outcome.STALLED, outcome);
        assertTrue(text().contains("red ?[31m; next ? line"), text());
        assertFalse(text().contains("\033"), text());
    }

    @Test
    void a_terminal_is_drawn_in_place_within_its_width_and_height() throws InterruptedException {
        StringBuilder inventory = new StringBuilder("containers hello");
        for (int i = 0; i < 20; i++) {
            inventory.append(", configmaps c").append(i);
        }
        ScriptedFeed feed =
                new ScriptedFeed().with(sync(inventory.toString(), "")).then(seconds(1), "interrupt");
        Terminal narrow = new Terminal(out, () -> new Terminal.Size(40, 10), true, false);

        assertThrows(InterruptedException.class, () -> up(feed, narrow).run());

        List<String> drawing = List.of(text().split("\033\\[J", 2)[0]
                .replace("\r", "")
                .replace("\033[K", "")
                .split("\n"));
        assertEquals("/srv/shop: 0 of 21 as declared, 0.0 s", drawing.getFirst());
        assertEquals(9, drawing.size());
        assertEquals("  ... and 14 more", drawing.getLast());
        drawing.forEach(line -> assertTrue(line.length() < 40, line));
        assertTrue(text().contains("\033[9A"), "goes back to its first line");
        assertTrue(text().endsWith("\r\033[9A\033[J"), "takes its drawing away");
    }

    @Test
    void what_changes_later_is_told_in_lines() throws InterruptedException {
        ScriptedFeed feed = new ScriptedFeed()
                .with(sync("containers hello", ""))
                .with(container("Running", "Ready=True Reconciling=False", ""));
        UpProgress up = up(feed, Terminal.plain(out));
        up.run();
        printed.reset();
        feed.then(seconds(10), container("Stopped", "Ready=False Reconciling=False", ""))
                .then(seconds(10), sync("", ""))
                .then(seconds(1), "interrupt");

        assertThrows(InterruptedException.class, up::follow);

        assertEquals("""
                    10 s  Container hello: Stopped
                    20 s  Container hello: gone
                """, text());
    }

    @Test
    void who_leaves_is_told_that_containers_stay() {
        up(new ScriptedFeed(), Terminal.plain(out)).farewell();

        assertTrue(text().contains("Containers keep running."), text());
    }

    private UpProgress up(ScriptedFeed feed, Terminal terminal) {
        UpRequest request = new UpRequest(
                DIRECTORY, UpRequest.USUAL_LIMIT, Path.of("/run/slipway"), Path.of("/var/lib/slipway/kubeconfig"));
        return new UpProgress(request, feed, terminal, feed);
    }

    private String text() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }

    /// @param inventory `plural name, ...`
    /// @param error one entry of `status.errors`
    private static String sync(String inventory, String error) {
        StringBuilder entries = new StringBuilder();
        for (String entry : inventory.isEmpty() ? new String[0] : inventory.split(", ")) {
            String[] words = entry.split(" ");
            String group =
                    switch (words[0]) {
                        case "configmaps" -> "";
                        case "deployments" -> "apps";
                        default -> "slipway.dev";
                    };
            boolean isNamespaced = !words[0].equals("images");
            entries.append("{group: '%s', resource: %s, namespace: '%s', name: %s},"
                    .formatted(group, words[0], isNamespaced ? "default" : "", words[1]));
        }
        boolean isFine = error.isEmpty();
        return """
                apiVersion: slipway.dev/v1alpha1
                kind: Sync
                metadata: {name: shop-1, namespace: default, generation: 1}
                spec: {source: {directory: {path: /srv/shop}}}
                status:
                  observedGeneration: 1
                  inventory: [%s]
                  errors: [%s]
                  conditions: [%s]
                """.formatted(
                        entries, error, conditions(isFine ? "Ready=True Stalled=False" : "Ready=False Stalled=True"));
    }

    private static String image(String conditions, String progress) {
        return """
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: hello, generation: 1, creationTimestamp: "2026-01-01T12:00:00Z"}
                spec: {source: {pull: {reference: example.com/hello}}}
                status:
                  observedGeneration: 1
                  conditions: [%s]
                  progress: %s
                  layers: [{digest: x}]
                  sizes: {unpacked: 2048}
                """.formatted(conditions(conditions), progress);
    }

    private static String container(String phase, String conditions, String facts) {
        return """
                apiVersion: slipway.dev/v1alpha1
                kind: Container
                metadata: {name: hello, namespace: default, generation: 1}
                spec: {image: hello, ports: [{containerPort: 8080, hostPort: 8080}]}
                status:
                  observedGeneration: 1
                  phase: %s
                  conditions: [%s]
                  %s
                """.formatted(phase, conditions(conditions), facts);
    }

    private static String volume(String conditions) {
        return """
                apiVersion: slipway.dev/v1alpha1
                kind: Volume
                metadata: {name: data, namespace: default, generation: 1}
                spec: {type: Managed}
                status: {observedGeneration: 1, conditions: [%s], path: /var/lib/slipway/volumes/data}
                """.formatted(conditions(conditions));
    }

    /// @param words `Type=Status ...`
    private static String conditions(String words) {
        StringBuilder conditions = new StringBuilder();
        for (String word : words.split(" ")) {
            String[] sides = word.split("=");
            conditions.append("{type: %1$s, status: '%2$s', reason: Because%1$s, message: about %1$s},"
                    .formatted(sides[0], sides[1]));
        }
        return conditions.toString();
    }
}
