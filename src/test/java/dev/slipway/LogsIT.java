package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What `kubectl logs` asks for, of containers that write, have written, and were started again.
@ExtendWith(SharedEngine.class)
class LogsIT {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{1,9}(Z|[+-]\\d\\d:\\d\\d)";
    private static final String CHATTY = """
            apiVersion: v1
            kind: Pod
            metadata: {name: %1$s, labels: {app: %1$s}}
            spec:
              terminationGracePeriodSeconds: 1
              initContainers:
              - {name: first, image: toolbox, imagePullPolicy: Never, command: [/bin/busybox, echo, prepared]}
              containers:
              - name: main
                image: toolbox
                imagePullPolicy: Never
                command:
                - /bin/busybox
                - sh
                - -c
                - |
                  for i in 1 2 3 4 5; do echo line $i; done
                  until [ -e /go ]; do /bin/busybox sleep 0.1; done
                  echo later; exec /bin/busybox sleep 600
              - {name: beside, image: toolbox, imagePullPolicy: Never,
                 command: [/bin/busybox, sh, -c, "echo to the other stream >&2; exec /bin/busybox sleep 600"]}
            """;

    @Test
    void as_much_is_shown_as_was_asked_for(EngineProcess engine) {
        Sample sample = chatty(engine, "chatty");
        String all = "line 1\nline 2\nline 3\nline 4\nline 5\n";

        assertEquals(all, logs(engine, "chatty", "-c", "main"));
        assertEquals("line 4\nline 5\n", logs(engine, "chatty", "-c", "main", "--tail=2"));
        assertEquals(all, logs(engine, "chatty", "-c", "main", "--tail=50"));
        assertEquals("", logs(engine, "chatty", "-c", "main", "--tail=0"));
        assertEquals("line 1\nlin", logs(engine, "chatty", "-c", "main", "--limit-bytes=10"));
        assertEquals("line 4\nl", logs(engine, "chatty", "-c", "main", "--tail=2", "--limit-bytes=8"));
        assertEquals(all, logs(engine, "chatty", "-c", "main", "--since=1h"));
        assertEquals("to the other stream\n", logs(engine, "chatty", "-c", "beside"));
        List<String> timed =
                logs(engine, "chatty", "-c", "main", "--timestamps").lines().toList();
        assertEquals(5, timed.size());
        for (int i = 0; i < 5; i++) {
            assertTrue(timed.get(i).matches(TIME + " line " + (i + 1)), timed.get(i));
        }
        sample.delete(engine);
    }

    @Test
    void only_what_came_since_is_shown(EngineProcess engine) {
        Sample sample = chatty(engine, "since");
        engine.await("silence of a second", () -> logs(engine, "since", "-c", "main", "--since=1s")
                .isEmpty());

        engine.kubectl("exec", "since", "-c", "main", "--", "/bin/busybox", "touch", "/go")
                .orFail();
        engine.await("another line", () -> logs(engine, "since", "-c", "main").endsWith("later\n"));

        String later = logs(engine, "since", "-c", "main", "--tail=1", "--timestamps");
        String moment = later.substring(0, later.indexOf(' '));
        assertEquals("later\n", logs(engine, "since", "-c", "main", "--since-time=" + moment));
        assertEquals("", logs(engine, "since", "-c", "main", "--since-time=2099-01-01T00:00:00Z"));
        assertEquals(
                6,
                logs(engine, "since", "-c", "main", "--since-time=2001-01-01T00:00:00+02:00")
                        .lines()
                        .count());
        sample.delete(engine);
    }

    @Test
    void all_containers_are_shown_with_who_wrote_what(EngineProcess engine) {
        Sample sample = chatty(engine, "all");

        List<String> ofPod = Stream.of(logs(engine, "all", "--all-containers", "--prefix", "--tail=1")
                        .split("\n"))
                .sorted()
                .toList();
        List<String> ofLabel = Stream.of(logs(engine, "-l", "app=all", "--all-containers", "--prefix", "--tail=1")
                        .split("\n"))
                .sorted()
                .toList();

        assertEquals(
                List.of("[pod/all/beside] to the other stream", "[pod/all/first] prepared", "[pod/all/main] line 5"),
                ofPod);
        assertEquals(ofPod, ofLabel);
        sample.delete(engine);
    }

    @Test
    void who_follows_hears_on_until_the_container_ends(EngineProcess engine) throws Exception {
        Sample sample = chatty(engine, "followed");
        Process follower = engine.background("kubectl", "logs", "-f", "followed", "-c", "main", "--tail=1");
        try {
            assertEquals("line 5\n", read(follower, 7));
            engine.kubectl("exec", "followed", "-c", "main", "--", "/bin/busybox", "touch", "/go")
                    .orFail();
            assertEquals("later\n", read(follower, 6));

            sample.delete(engine);

            assertTrue(follower.waitFor(20, TimeUnit.SECONDS), "it ends with the container");
            assertEquals("", new String(follower.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
            assertEquals(0, follower.exitValue());
        } finally {
            follower.destroyForcibly();
        }
    }

    @Test
    void the_run_before_has_a_log_of_its_own(EngineProcess engine) {
        String script = "if [ -e /d/second ]; then echo second; exec /bin/busybox sleep 600; fi;"
                + " echo first > /d/second; echo first; exit 3";
        Sample sample = Sample.pod("again", script)
                .with("  volumeMounts: [{name: d, mountPath: /d}]")
                .with("volumes: [{name: d, emptyDir: {}}]");
        engine.apply(sample.yaml());
        engine.await("the second run", () -> sample.logs(engine).equals("second\n"));

        assertEquals("first\n", logs(engine, "again", "--previous"));
        assertEquals("second\n", logs(engine, "again"));
        Ran never = engine.kubectl("logs", chatty(engine, "never").object(), "-c", "main", "--previous");
        assertTrue(
                never.err().contains("previous terminated container \"main\" in pod \"never\" not found"),
                never.text());
        sample.delete(engine);
        engine.kubectl("delete", "pod/never", "--timeout=20s").orFail();
    }

    private static Sample chatty(EngineProcess engine, String name) {
        engine.apply(CHATTY.formatted(name));
        engine.await(
                "lines of " + name,
                () -> engine.kubectl("logs", name, "-c", "main").out().endsWith("line 5\n")
                        && !engine.kubectl("logs", name, "-c", "beside").out().isEmpty());
        return Sample.pod(name, "");
    }

    private static String logs(EngineProcess engine, String... arguments) {
        String[] words = Stream.concat(Stream.of("logs"), Stream.of(arguments)).toArray(String[]::new);
        return engine.kubectl(words).orFail().out();
    }

    private static String read(Process process, int length) throws IOException {
        return new String(process.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }
}
