package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Looking into what runs, with the real kubectl and with the command: what it uses, its processes, its files, and a
/// container beside it.
@ExtendWith(SharedEngine.class)
@Timeout(120)
class LookInsideIT {
    /// Bound in what it takes, for the sake of the tests beside these.
    private static final String BUSY = "echo ready; while true; do :; done";

    private static Sample pod;
    private static Sample box;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start(EngineProcess engine) {
        pod = Sample.pod("looked", BUSY)
                .with("  resources: {limits: {cpu: 200m, memory: 64Mi}}")
                .in(engine);
        box = Sample.container("lookedbox", BUSY)
                .with("resources: {limits: {cpu: 200m}}")
                .in(engine);
        pod.wrote(engine, "ready");
        box.wrote(engine, "ready");
        pod.running(engine);
        box.running(engine);
    }

    @AfterAll
    static void end(EngineProcess engine) {
        pod.delete(engine);
        box.delete(engine);
    }

    @Test
    @DisplayName("S34 kubectl debug adds a container that sees the processes of another")
    void a_debug_container_sees_the_processes_of_its_target(EngineProcess engine) {
        EngineProcess.Ran ran = debug(engine, "looked", "-c", "beside", "--target=main");

        engine.awaitField(
                pod.object(),
                ".status.ephemeralContainerStatuses[?(@.name==\"beside\")].state.terminated.exitCode",
                "3");
        String seen = engine.kubectl("logs", "looked", "-c", "beside").orFail().out();
        assertTrue(seen.contains("while true"), seen + ran.text());
        assertEquals("0", engine.field(pod.object(), ".status.containerStatuses[0].restartCount"));
        assertEquals("Running", engine.field(pod.object(), ".status.phase"));
        EngineProcess.Ran again = debug(engine, "looked", "-c", "beside");
        assertTrue(again.err().contains("\"beside\" may not be removed or changed"), again.text());
    }

    @Test
    void a_debug_container_without_a_target_sees_itself_alone(EngineProcess engine) {
        debug(engine, "lookedbox", "-c", "apart").orFail();

        engine.awaitField(
                "pod/lookedbox",
                ".status.ephemeralContainerStatuses[?(@.name==\"apart\")].state.terminated.exitCode",
                "3");
        String seen =
                engine.kubectl("logs", "lookedbox", "-c", "apart").orFail().out();
        assertTrue(!seen.contains("while true"), seen);
    }

    @Test
    @DisplayName("S34 kubectl debug -it talks to a container beside the others")
    void a_debug_container_has_a_terminal(EngineProcess engine) throws IOException {
        Files.writeString(folder.resolve("typed"), "/bin/busybox tty\nexit 0\n");

        EngineProcess.Ran ran = engine.shell(
                folder,
                "script -qec 'kubectl debug lookedbox -it --image=toolbox --image-pull-policy=Never -c talk"
                        + " --target=main -- /bin/busybox sh' /dev/null <typed");

        assertTrue(ran.out().contains("/dev/"), ran.text());
    }

    @Test
    @DisplayName("S34 kubectl debug --copy-to runs a copy of a pod with another command")
    void a_copy_of_a_pod_is_debugged(EngineProcess engine) {
        engine.kubectl(
                        "debug",
                        "looked",
                        "--copy-to=looked-copy",
                        "--container=main",
                        "--",
                        "/bin/busybox",
                        "sh",
                        "-c",
                        "echo copied; /bin/busybox sleep 60")
                .orFail();

        engine.await(
                "the copy to speak",
                () -> engine.kubectl("logs", "looked-copy", "-c", "main").out().contains("copied"));
        engine.kubectl("delete", "pod/looked-copy", "--timeout=20s").orFail();
    }

    @Test
    void ephemeral_containers_come_by_their_subresource_alone(EngineProcess engine) {
        EngineProcess.Ran ran = engine.kubectl(
                "patch",
                "pod/looked",
                "--type=merge",
                "-p",
                "{\"spec\":{\"ephemeralContainers\":[{\"name\":\"sneaked\",\"image\":\"toolbox\"}]}}");

        assertEquals(1, ran.code());
        assertTrue(ran.err().contains("spec.ephemeralContainers: Forbidden"), ran.text());
    }

    @Test
    @DisplayName("S34 kubectl top and slipway stats tell what containers and the host use")
    void usage_is_told(EngineProcess engine) {
        engine.await("the busy pod to use its share", () -> {
            String top = engine.kubectl("top", "pod", "looked", "--no-headers")
                    .orFail()
                    .out();
            return top.matches("(?s)looked\\s+[1-9]\\d*m\\s+\\d+Mi\\s*");
        });
        String nodes = engine.kubectl("top", "node", "--no-headers").orFail().out();
        String stats =
                engine.slipway("stats", "--no-stream", "pod/looked").orFail().out();
        EngineProcess.Ran nobody = engine.slipway("stats", "--no-stream", "looked", "nobody");

        assertTrue(nodes.matches("(?s)\\S+\\s+\\d+m\\s+\\d+%\\s+\\d+Mi\\s+\\d+%\\s*"), nodes);
        assertTrue(stats.startsWith("NAME"), stats);
        assertTrue(stats.contains("looked   main"), stats);
        assertTrue(stats.contains("64.0Mi"), stats);
        assertEquals(1, nobody.code(), nobody.text());
        assertEquals("slipway: no Container or Pod \"nobody\" in namespace default\n", nobody.err());
    }

    @Test
    @DisplayName("S34 slipway top shows the processes of a container")
    void processes_are_told(EngineProcess engine) {
        String top = engine.slipway("top", "lookedbox").orFail().out();

        assertTrue(top.startsWith("PID"), top);
        assertTrue(top.contains("while true"), top);
        assertTrue(top.lines().skip(1).anyMatch(line -> line.matches(box.pid(engine) + " +1 +0 .*")), top);
    }

    @Test
    void a_command_gets_variables_a_user_and_a_directory_as_with_docker(EngineProcess engine) {
        String show = "/bin/busybox id -u; /bin/busybox id -g; echo $PWD $A";

        EngineProcess.Ran own = engine.slipway(
                "exec",
                "-e",
                "A=b c",
                "-u",
                "12:34",
                "-w",
                "/tmp",
                "lookedbox",
                "--",
                "/bin/busybox",
                "sh",
                "-c",
                show);
        EngineProcess.Ran relative = engine.slipway("exec", "-w", "tmp", "lookedbox", "--", "/bin/busybox", "id");
        EngineProcess.Ran unknown = engine.slipway("exec", "-u", "ghost", "lookedbox", "--", "/bin/busybox", "id");

        assertEquals("12\n34\n/tmp b c\n", own.orFail().out());
        assertEquals(2, relative.code(), relative.text());
        assertTrue(unknown.err().contains("unable to find user ghost"), unknown.text());
    }

    @Test
    void logs_of_several_containers_are_told_apart(EngineProcess engine) {
        engine.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: twofold, labels: {app: twofold}}
                spec:
                  restartPolicy: Never
                  containers:
                  - {name: one, image: toolbox, imagePullPolicy: Never, command: [/bin/busybox, echo, first]}
                  - {name: two, image: toolbox, imagePullPolicy: Never, command: [/bin/busybox, echo, second]}
                """);
        engine.awaitField("pod/twofold", ".status.phase", "Succeeded");

        EngineProcess.Ran one = engine.slipway("logs", "twofold");
        String all = engine.slipway("logs", "-l", "app=twofold", "--all-containers", "--prefix")
                .orFail()
                .out();
        String followed = engine.slipway("logs", "-f", "twofold", "--all-containers")
                .orFail()
                .out();

        assertEquals("first\n", one.out());
        assertEquals("Defaulted container \"one\" out of: one, two\n", one.err());
        assertEquals("[pod/twofold/one] first\n[pod/twofold/two] second\n", all);
        assertEquals(List.of("first", "second"), followed.lines().sorted().toList());
        engine.kubectl("delete", "pod", "twofold").orFail();
    }

    @Test
    @DisplayName("S34 slipway cp copies files both ways without a tar in the container")
    void files_are_copied_both_ways(EngineProcess engine) throws IOException {
        byte[] content = new byte[3_000_000];
        new Random(11).nextBytes(content);
        Path tree = Files.createDirectories(folder.resolve("tree/deep"));
        Files.write(tree.resolve("file"), content);

        engine.shell(folder, "slipway cp tree lookedbox:/copy").orFail();
        engine.shell(folder, "slipway cp tree/deep/file lookedbox:/copy").orFail();
        engine.shell(folder, "slipway cp lookedbox:/copy/deep/file back").orFail();
        engine.shell(folder, "mkdir d; slipway cp lookedbox:/copy d").orFail();

        assertArrayEquals(content, Files.readAllBytes(folder.resolve("back")));
        assertArrayEquals(content, Files.readAllBytes(folder.resolve("d/copy/file")));
        assertArrayEquals(content, Files.readAllBytes(folder.resolve("d/copy/deep/file")));
        String owner = engine.kubectl(
                        "exec", "lookedbox", "--", "/bin/busybox", "stat", "-c", "%u:%g", "/copy/deep/file")
                .orFail()
                .out();
        assertEquals("0:0\n", owner);
    }

    @Test
    @DisplayName("S34 slipway cp copies from and to a container that is stopped")
    void files_are_copied_while_a_container_is_stopped(EngineProcess engine) throws IOException {
        Sample rested = Sample.container("rested", "echo one >/written; while true; do /bin/busybox sleep 1; done")
                .with("volumes: [{name: data, emptyDir: {}}]")
                .with("volumeMounts: [{name: data, mountPath: /data}]")
                .in(engine)
                .running(engine);
        engine.slipway("stop", "rested").orFail();
        Files.writeString(folder.resolve("new"), "two\n");

        engine.shell(folder, "slipway cp rested:/written out && slipway cp new rested:/added")
                .orFail();
        EngineProcess.Ran hidden = engine.shell(folder, "slipway cp new rested:/data/new");
        engine.slipway("start", "rested").orFail();
        rested.running(engine);

        assertEquals("one\n", Files.readString(folder.resolve("out")));
        assertTrue(hidden.err().contains("a volume is mounted at /data, and only while"), hidden.text());
        assertEquals(
                "two\n",
                engine.slipway("exec", "rested", "--", "/bin/busybox", "cat", "/added")
                        .orFail()
                        .out());
        rested.delete(engine);
    }

    @Test
    void what_cannot_be_copied_says_why(EngineProcess engine) {
        EngineProcess.Ran missing = engine.shell(folder, "slipway cp lookedbox:/nothing .");
        EngineProcess.Ran nowhere = engine.shell(folder, "touch x; slipway cp x lookedbox:/no/where/x");
        EngineProcess.Ran nobody = engine.shell(folder, "slipway cp nobody:/etc .");

        assertEquals(1, missing.code());
        assertTrue(missing.err().contains("/nothing: no such file or directory in the container"), missing.text());
        assertEquals(1, nowhere.code());
        assertTrue(nowhere.err().contains("no such file or directory in the container"), nowhere.text());
        assertTrue(nobody.err().contains("pods \"nobody\" not found"), nobody.text());
    }

    @Test
    @DisplayName("S34 slipway wait returns when an object is as awaited, and says when it is not in time")
    void waiting_ends(EngineProcess engine) {
        engine.slipway("wait", "ctr/lookedbox", "--for=phase=Running").orFail();
        engine.slipway("wait", "pod/looked", "--timeout", "20").orFail();
        EngineProcess.Ran late = engine.slipway("wait", "pod/looked", "--for=phase=Failed", "--timeout", "1");
        EngineProcess.Ran wrong = engine.slipway("wait", "pod/looked", "--for=luck");

        assertEquals(1, late.code(), late.text());
        assertTrue(late.err().contains("pod/looked is not Failed after 1s"), late.text());
        assertEquals(2, wrong.code(), wrong.text());
        engine.kubectl("wait", "--for=condition=Ready", "ctr/lookedbox", "--timeout=20s")
                .orFail();
    }

    private static EngineProcess.Ran debug(EngineProcess engine, String name, String... more) {
        String[] first = {"debug", name, "--profile=general", "--image=toolbox", "--image-pull-policy=Never"};
        String[] last = {"--", "/bin/busybox", "sh", "-c", "/bin/busybox ps; exit 3"};
        String[] all = new String[first.length + more.length + last.length];
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        System.arraycopy(last, 0, all, first.length + more.length, last.length);
        return engine.kubectl(all);
    }
}
