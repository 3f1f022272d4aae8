package dev.slipway.actor.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.desired.api.ApiException;
import dev.slipway.desired.meta.Condition;
import dev.slipway.desired.meta.Conditions;
import dev.slipway.desired.reconcile.Result;
import dev.slipway.engine.oci.RunParameters;
import dev.slipway.engine.runtime.ContainerRequest.VolumeMount;
import dev.slipway.engine.runtime.FakeRuntime.Behaviour;
import dev.slipway.engine.runtime.SandboxOutcome;
import dev.slipway.engine.runtime.StartOutcome;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How pods come to run, and go on running.
class PodControllerTest {
    private static final String ONE = "containers: [{name: main, image: a}]";

    @TempDir
    private Path folder = Path.of("");

    private PodRig rig;

    @BeforeEach
    void open() throws IOException, InterruptedException, ApiException {
        rig = new PodRig(folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void a_pod_runs_after_one_round_and_two_writes() throws Exception {
        long version = rig.pod(ONE).resourceVersion();

        Result result = rig.round();

        assertEquals(Result.SETTLED, result);
        assertEquals(List.of("recover", "retain", "ensureSandbox uid-2", "start uid-2/main 0"), rig.runtime.calls());
        assertEquals("Running", rig.status("/phase"));
        assertEquals("10.88.0.2", rig.status("/podIP"));
        assertEquals("host-a", rig.stored().spec().path("nodeName").asText());
        assertEquals(version + 2 + rig.events().size(), rig.stored().resourceVersion(), "bound, then its status");
    }

    @Test
    void the_events_are_kubernetes_own() throws Exception {
        rig.pod(ONE);

        rig.settle();

        assertEquals(
                List.of(
                        "Normal Scheduled: Successfully assigned default/web to host-a",
                        "Normal Created: Created container: main",
                        "Normal Started: Started container main"),
                rig.events());
    }

    @Test
    void a_pod_at_rest_writes_nothing() throws Exception {
        rig.pod(ONE);
        rig.settle();
        long version = rig.store.resourceVersion();

        rig.advance(Duration.ofHours(1));

        assertEquals(version, rig.store.resourceVersion());
    }

    @Test
    void the_image_of_one_container_holds_up_no_other() throws Exception {
        rig.images.answer("slow", new Answer.Pulling());
        rig.pod("containers: [{name: main, image: slow}, {name: side, image: a}]");

        rig.settle();

        assertTrue(rig.state("side").contains("running"), rig.state("side"));
        assertTrue(rig.state("main").contains("ContainerCreating"), rig.state("main"));
        assertEquals("Pending", rig.status("/phase"));
        rig.images.answer("slow", new Answer.Present(FakeImages.image("slow", RunParameters.EMPTY), true));
        rig.settle();
        assertEquals("Running", rig.status("/phase"));
    }

    @Test
    void an_image_that_cannot_be_had_is_told_and_tried_again() throws Exception {
        rig.images.answer("none", new Answer.Failed("ErrImagePull", "no such host", PodRig.BEGIN.plusSeconds(10)));
        rig.pod("containers: [{name: main, image: none}]");

        Result result = rig.settle();

        assertEquals(new Result.Again(Duration.ofSeconds(10)), result);
        assertEquals("ErrImagePull", rig.status("/containerStatuses/0/state/waiting/reason"));
        assertEquals("no such host", rig.status("/containerStatuses/0/state/waiting/message"));
    }

    @Test
    void a_container_that_fails_is_restarted_at_once_and_then_with_pauses_that_double() throws Exception {
        rig.pod(ONE);
        rig.settle();

        rig.exit("main", 3);
        assertEquals("1", rig.status("/containerStatuses/0/restartCount"));
        assertEquals("3", rig.status("/containerStatuses/0/lastState/terminated/exitCode"));
        assertEquals("Running", rig.status("/phase"));

        for (int seconds : new int[] {10, 20, 40, 80, 160, 300, 300}) {
            rig.exit("main", 3);
            assertEquals("CrashLoopBackOff", rig.status("/containerStatuses/0/state/waiting/reason"));
            assertEquals("Running", rig.status("/phase"));
            rig.advance(Duration.ofSeconds(seconds - 1));
            assertEquals("CrashLoopBackOff", rig.status("/containerStatuses/0/state/waiting/reason"), seconds + "s");
            rig.advance(Duration.ofSeconds(1));
            assertTrue(rig.state("main").contains("running"), rig.state("main"));
        }
        rig.assertEvent("Warning BackOff: Back-off restarting failed container main in pod web_default(uid-2)");

        rig.advance(Duration.ofMinutes(10));
        rig.exit("main", 3);
        assertTrue(rig.state("main").contains("running"), "a good run ends the streak");
    }

    @Test
    void old_runs_are_forgotten_when_the_status_tells_their_end() throws Exception {
        rig.pod(ONE);
        rig.settle();
        rig.exit("main", 1);
        rig.exit("main", 1);
        rig.advance(Duration.ofSeconds(10));

        assertEquals(
                List.of("remove uid-2/main 0", "remove uid-2/main 1"),
                rig.runtime.calls().stream()
                        .filter(call -> call.startsWith("remove "))
                        .toList());
        assertEquals("1", rig.status("/containerStatuses/0/lastState/terminated/exitCode"));
    }

    @Test
    void a_pod_that_may_end_says_how() throws Exception {
        rig.pod("restartPolicy: Never\n" + ONE);
        rig.settle();

        rig.exit("main", 9);

        assertEquals("Failed", rig.status("/phase"));
        assertEquals("9", rig.status("/containerStatuses/0/state/terminated/exitCode"));
        assertEquals("Error", rig.status("/containerStatuses/0/state/terminated/reason"));
        rig.restartEngine();
        rig.settle();
        assertEquals("Failed", rig.status("/phase"));
        assertEquals(1, rig.runtime.started().size());
    }

    @Test
    void only_what_failed_is_restarted_on_failure() throws Exception {
        rig.pod("restartPolicy: OnFailure\ncontainers: [{name: main, image: a}, {name: side, image: a}]");
        rig.settle();

        rig.exit("main", 0);
        rig.exit("side", 1);

        assertTrue(rig.state("main").contains("Completed"), rig.state("main"));
        assertTrue(rig.state("side").contains("running"), rig.state("side"));
        rig.exit("side", 0);
        assertEquals("Succeeded", rig.status("/phase"));
    }

    @Test
    void init_containers_run_in_order_and_a_failed_one_is_restarted() throws Exception {
        rig.pod("initContainers: [{name: one, image: a}, {name: two, image: a}]\n" + ONE);
        rig.settle();
        assertEquals("PodInitializing", rig.status("/containerStatuses/0/state/waiting/reason"));

        rig.exit("one", 1);
        rig.exit("one", 0);
        rig.exit("two", 0);

        assertEquals("Running", rig.status("/phase"));
        assertEquals(
                List.of("one 0", "one 1", "two 0", "main 0"),
                rig.runtime.started().stream()
                        .map(request -> request.container().name() + " " + request.attempt())
                        .toList());
    }

    @Test
    void a_failed_init_container_fails_a_pod_that_never_restarts() throws Exception {
        rig.pod("restartPolicy: Never\ninitContainers: [{name: one, image: a}]\n" + ONE);
        rig.settle();

        rig.exit("one", 2);

        assertEquals("Failed", rig.status("/phase"));
        assertEquals(1, rig.runtime.started().size());
    }

    @Test
    void another_image_restarts_that_container_alone() throws Exception {
        rig.pod("containers: [{name: main, image: a}, {name: side, image: a}]");
        rig.settle();

        rig.patch("{spec: {containers: [{name: main, image: b}, {name: side, image: a}]}}");
        rig.settle();

        assertEquals(
                List.of("main 0", "side 0", "main 1"),
                rig.runtime.started().stream()
                        .map(request -> request.container().name() + " " + request.attempt())
                        .toList());
        assertEquals("b", rig.status("/containerStatuses/0/image"));
        rig.assertEvent("Normal Killing: Container main definition changed, will be restarted");
    }

    @Test
    void a_container_goes_on_until_its_next_image_is_here() throws Exception {
        rig.pod("containers: [{name: main, image: a}]");
        rig.settle();
        rig.images.answer("b", new Answer.Failed("ErrImagePull", "no such host", Instant.EPOCH));

        rig.patch("{spec: {containers: [{name: main, image: b}]}}");
        rig.settle();

        assertEquals(1, rig.runtime.started().size());
        assertEquals("Running", rig.status("/phase"));
        assertEquals("a", rig.status("/containerStatuses/0/image"));
        Condition pending =
                Conditions.find(rig.stored().status(), "ImageChangePending").orElseThrow();
        assertEquals("ErrImagePull", pending.reason());
        assertEquals("container main goes on with the image that it has: no such host", pending.message());
        assertTrue(Conditions.isTrue(rig.stored().status(), "Ready"));

        rig.images.answer("b", new Answer.Present(FakeImages.image("b", RunParameters.EMPTY), true));
        rig.settle();
        assertEquals(2, rig.runtime.started().size());
        assertEquals("b", rig.status("/containerStatuses/0/image"));
        assertEquals(Optional.empty(), Conditions.find(rig.stored().status(), "ImageChangePending"));
    }

    @Test
    void a_start_that_is_refused_is_told_and_tried_again_with_pauses() throws Exception {
        rig.runtime.behave(request -> new Behaviour.IsRefused(new StartOutcome.Refused("exec /nothing: no such file")));
        rig.pod(ONE);

        Result result = rig.settle();

        assertEquals("CreateContainerError", rig.status("/containerStatuses/0/state/waiting/reason"));
        assertEquals(new Result.Again(Duration.ofSeconds(10)), result);
        rig.assertEvent("Warning Failed: Error: exec /nothing: no such file");
        rig.runtime.behave(request -> new Behaviour.Runs());
        rig.settle();
        assertEquals("CreateContainerError", rig.status("/containerStatuses/0/state/waiting/reason"), "not yet");
        rig.advance(Duration.ofSeconds(10));
        assertEquals("Running", rig.status("/phase"));
    }

    @Test
    void a_sandbox_that_cannot_be_made_is_told_and_tried_again() throws Exception {
        rig.runtime.behaveSandboxes(request -> new SandboxOutcome.Refused("port 80 is taken by pod other"));
        rig.pod(ONE);

        Result result = rig.settle();

        assertInstanceOf(Result.Waiting.class, result);
        assertEquals("ContainerCreating", rig.status("/containerStatuses/0/state/waiting/reason"));
        rig.assertEvent("Warning FailedCreatePodSandBox: Failed to create pod sandbox: port 80 is taken by pod other");
        assertEquals("port 80 is taken by pod other", rig.status("/containerStatuses/0/state/waiting/message"));
        assertEquals(
                "containers with unready status: [main]; main: ContainerCreating: port 80 is taken by pod other",
                Conditions.find(rig.stored().status(), "Ready").orElseThrow().message());
    }

    @Test
    void a_pod_of_another_node_is_left_alone() throws Exception {
        rig.pod("nodeName: elsewhere\n" + ONE);

        rig.settle();

        assertFalse(rig.runtime.calls().stream().anyMatch(call -> call.startsWith("start")));
    }

    @Test
    void a_sidecar_stays_beside_the_others_and_ends_after_them() throws Exception {
        rig.pod("""
                restartPolicy: Never
                initContainers:
                - {name: side, image: a, restartPolicy: Always}
                - {name: one, image: a}
                containers: [{name: main, image: a}]
                """);
        rig.settle();
        assertTrue(rig.state("side").contains("running"), rig.state("side"));
        assertTrue(rig.state("one").contains("running"), rig.state("one"));
        rig.exit("one", 0);
        assertEquals("Running", rig.status("/phase"));

        rig.exit("side", 1);
        assertTrue(rig.state("side").contains("running"), "it is restarted whatever the pod's policy says");
        rig.exit("main", 0);

        assertEquals("Succeeded", rig.status("/phase"));
        assertTrue(rig.state("side").contains("terminated"), rig.state("side"));
        assertTrue(rig.runtime.calls().contains("stop uid-2/side 15 PT30S"));
    }

    @Test
    void a_pod_that_is_too_old_fails() throws Exception {
        rig.pod("activeDeadlineSeconds: 60\n" + ONE);
        assertEquals(new Result.Again(Duration.ofSeconds(60)), rig.settle());

        rig.advance(Duration.ofSeconds(60));

        assertEquals("Failed", rig.status("/phase"));
        assertEquals("DeadlineExceeded", rig.status("/reason"));
        assertEquals(1, rig.runtime.started().size());
        assertEquals(Result.SETTLED, rig.settle());
    }

    @Test
    void a_container_leaves_a_message_about_its_end() throws Exception {
        rig.pod("restartPolicy: Never\n" + ONE);
        rig.settle();
        VolumeMount mount = rig.runtime.started().getLast().mounts().getLast();
        assertEquals("/dev/termination-log", mount.mountPath());
        Path file = folder.resolve("logs/uid-2").resolve(mount.subPath());
        assertEquals("rw-rw-rw-", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));

        Files.writeString(file, "no more fuel");
        rig.exit("main", 1);

        assertEquals("no more fuel", rig.status("/containerStatuses/0/state/terminated/message"));
    }

    @Test
    void the_end_of_the_log_may_be_the_message() throws Exception {
        rig.pod("restartPolicy: Never\n"
                + "containers: [{name: main, image: a, terminationMessagePolicy: FallbackToLogsOnError}]");
        rig.settle();
        Files.writeString(
                rig.runtime.log(rig.name("main"), 0),
                "2026-01-31T08:00:00.000000000Z stdout F starting\n2026-01-31T08:00:01.000000000Z stderr F no fuel\n");

        rig.exit("main", 1);

        assertEquals("starting\nno fuel\n", rig.status("/containerStatuses/0/state/terminated/message"));
    }

    @Test
    void the_messages_of_all_containers_share_twelve_kibibytes() throws Exception {
        StringBuilder containers = new StringBuilder("restartPolicy: Never\ncontainers:\n");
        for (int i = 0; i < 6; i++) {
            containers.append("- {name: c%d, image: a}\n".formatted(i));
        }
        rig.pod(containers.toString());
        rig.settle();
        for (int i = 0; i < 6; i++) {
            Path file = rig.runtime.log(rig.name("c" + i), 0).resolveSibling("0.log.message");
            Files.writeString(file, "ä".repeat(4000));
            rig.exit("c" + i, 1);
        }

        int bytes = 0;
        for (int i = 0; i < 6; i++) {
            String message = rig.status("/containerStatuses/%d/state/terminated/message".formatted(i));
            assertEquals("ä".repeat(1024), message);
            bytes += message.getBytes(StandardCharsets.UTF_8).length;
        }
        assertEquals(12 * 1024, bytes);
    }
}
