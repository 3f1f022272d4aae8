package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Exec, attach and cp with the real kubectl, and that none of them leaves anything.
@ExtendWith(SharedEngine.class)
@Timeout(120)
class SessionsIT {
    private static final String TOOLS = "/bin/busybox mkdir -p /tmp; /bin/busybox --install -s /bin; echo ready; ";
    private static final int MANY = 6;

    private static Sample box;

    @TempDir
    private Path folder;

    @BeforeAll
    static void start(EngineProcess engine) {
        box = Sample.pod("sessions", TOOLS + "while true; do sleep 0.2; done").in(engine);
        box.wrote(engine, "ready");
    }

    @AfterAll
    static void end(EngineProcess engine) {
        box.delete(engine);
    }

    @Test
    @DisplayName("S34 exec gives output, errors and the exit code of a command in a container")
    void exec_gives_output_errors_and_exit_code(EngineProcess engine) {
        EngineProcess.Ran ran =
                engine.kubectl("exec", "sessions", "--", "sh", "-c", "echo out $FROM_IMAGE; echo bad >&2; exit 7");

        assertEquals("out yes\n", ran.out());
        assertTrue(ran.err().startsWith("bad\n"), ran.text());
        assertEquals(7, ran.code(), ran.text());
    }

    @Test
    @DisplayName("S34 exec passes stdin on, with its end")
    void exec_passes_stdin_on_with_its_end(EngineProcess engine) {
        EngineProcess.Ran ran =
                engine.kubectlWith("one\ntwo\n", "exec", "-i", "sessions", "--", "sh", "-c", "cat; echo end");

        assertEquals("one\ntwo\nend\n", ran.orFail().out());
    }

    @Test
    void the_exit_code_is_told_whether_the_input_was_read_or_not(EngineProcess engine) {
        for (int i = 0; i < 3; i++) {
            EngineProcess.Ran ran =
                    engine.shell(folder, "head -c 3000000 /dev/zero | kubectl exec -i sessions -- sh -c 'exit 5'");

            assertEquals(5, ran.code(), ran.text());
        }
    }

    @Test
    @DisplayName("S34 exec with a terminal has its size and its exit code")
    void exec_with_a_terminal(EngineProcess engine) throws IOException {
        Files.writeString(
                folder.resolve("typed"),
                "until stty size | /bin/busybox grep 99 || [ $((i+=1)) -gt 500 ]; do /bin/busybox usleep 10000; done\ntty\nexit 3\n");

        EngineProcess.Ran ran = engine.shell(
                folder, "script -qec 'stty rows 33 cols 99; kubectl exec -it sessions -- sh' /dev/null <typed");

        assertTrue(ran.out().contains("33 99"), ran.text());
        assertTrue(ran.out().contains("/dev/pts/"), ran.text());
        assertEquals(3, ran.code(), ran.text());
    }

    @Test
    void what_cannot_be_executed_says_why(EngineProcess engine) {
        assertFails(engine, "execute nosuch: no such file or directory (ENOENT)", "sessions", "--", "nosuch");
        assertFails(engine, "container other is not valid for pod sessions", "-c", "other", "sessions", "--", "sh");
        assertFails(engine, "pods \"nobody\" not found", "nobody", "--", "sh");
    }

    @Test
    void what_does_not_run_is_not_entered(EngineProcess engine) {
        Sample paused = Sample.container("sessions-paused", "while true; do /bin/busybox sleep 0.1; done")
                .in(engine)
                .running(engine);
        engine.slipway("pause", "sessions-paused").orFail();
        engine.awaitField(paused.object(), ".status.phase", "Paused");

        assertFails(engine, "it is paused, resume it first", "sessions-paused", "--", "/bin/busybox", "true");

        engine.slipway("stop", "sessions-paused").orFail();
        engine.awaitField(paused.object(), ".status.phase", "Stopped");
        assertFails(engine, "container not found", "sessions-paused", "--", "/bin/busybox", "true");
        paused.delete(engine);
    }

    @Test
    @DisplayName("S34 cp copies files both ways and says when it cannot")
    void cp_copies_both_ways(EngineProcess engine) throws IOException {
        byte[] content = new byte[700_000];
        new Random(7).nextBytes(content);
        Files.write(folder.resolve("there"), content);

        engine.shell(folder, "kubectl cp there sessions:/tmp/copy").orFail();
        engine.shell(folder, "kubectl cp sessions:/tmp/copy back").orFail();
        EngineProcess.Ran nowhere = engine.shell(folder, "kubectl cp there sessions:/nosuch/copy");

        assertArrayEquals(content, Files.readAllBytes(folder.resolve("back")));
        assertEquals(1, nowhere.code(), nowhere.text());
        assertTrue(nowhere.err().contains("/nosuch"), nowhere.text());
    }

    @Test
    @DisplayName("S34 attach reaches the container's own process, for several clients at once")
    void attach_reaches_the_container_s_own_process(EngineProcess engine) throws Exception {
        Sample sample = Sample.container("sessions-attach", "echo ready; while read line; do echo got $line; done")
                .with("stdin: true")
                .in(engine)
                .running(engine);
        sample.wrote(engine, "ready");
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                clients.add(Client.of(engine, "kubectl", "attach", "sessions-attach"));
            }
            Client typist = Client.of(engine, "kubectl", "attach", "-i", "sessions-attach");
            clients.add(typist);
            engine.await("all to hear it", () -> {
                typist.type("hello\n");
                return clients.stream().allMatch(client -> client.hears("got hello"));
            });
        } finally {
            clients.forEach(client -> client.process().destroyForcibly());
        }
        assertTrue(sample.logs(engine).contains("got hello"));
        engine.awaitField(sample.object(), ".status.phase", "Running");
        sample.delete(engine);
    }

    @Test
    @DisplayName("S34 run -i talks to a pod, and ends with its exit code")
    void run_talks_to_a_pod_and_ends_with_its_exit_code(EngineProcess engine) {
        EngineProcess.Ran ran = engine.kubectlWith(
                "hello\n",
                "run",
                "sessions-run",
                "--image=toolbox",
                "--image-pull-policy=Never",
                "--restart=Never",
                "--rm",
                "-i",
                "--command",
                "--",
                "/bin/busybox",
                "sh",
                "-c",
                "read x; echo got $x; exit 4");

        assertTrue(ran.out().contains("got hello"), ran.text());
        assertEquals(4, ran.code(), ran.text());
    }

    @Test
    @DisplayName("S34 slipway exec runs a command, with stdin and with a terminal")
    void slipway_exec_runs_a_command(EngineProcess engine) throws IOException {
        Files.writeString(
                folder.resolve("typed"),
                "until stty size | /bin/busybox grep 99 || [ $((i+=1)) -gt 500 ]; do /bin/busybox usleep 10000; done\nexit 3\n");

        EngineProcess.Ran plain =
                engine.slipway("exec", "sessions", "--", "sh", "-c", "echo out; echo bad >&2; exit 6");
        EngineProcess.Ran piped =
                engine.shell(folder, "printf 'one two' | slipway exec -i sessions -- sh -c 'cat; exit 4'");
        EngineProcess.Ran terminal = engine.shell(
                folder, "script -qec 'stty rows 33 cols 99; slipway exec -it sessions -- sh' /dev/null <typed");
        EngineProcess.Ran nobody = engine.slipway("exec", "nobody", "--", "sh");

        assertEquals("out\n", plain.out());
        assertEquals("bad\n", plain.err());
        assertEquals(6, plain.code(), plain.text());
        assertEquals("one two", piped.out());
        assertEquals(4, piped.code(), piped.text());
        assertTrue(terminal.out().contains("33 99"), terminal.text());
        assertEquals(3, terminal.code(), terminal.text());
        assertEquals("slipway: NotFound: pods \"nobody\" not found\n", nobody.err());
        assertEquals(1, nobody.code());
    }

    @Test
    void a_reader_that_has_enough_ends_the_command(EngineProcess engine) {
        EngineProcess.Ran ran = engine.shell(folder, "slipway exec sessions -- yes | head -n 1");

        assertEquals("y\n", ran.out());
        assertEquals("", ran.err());
    }

    @Test
    void without_a_terminal_a_command_runs_without_one(EngineProcess engine) {
        EngineProcess.Ran ran = engine.shell(folder, "echo 'echo -n hi; exit 5' | slipway exec -it sessions sh");

        assertEquals("hi", ran.out());
        assertEquals("Going on without -t: standard input is not a terminal\n", ran.err());
        assertEquals(5, ran.code(), ran.text());
    }

    @Test
    void options_of_a_command_need_no_dashes_in_front(EngineProcess engine) {
        assertEquals(
                "hi\n",
                engine.slipway("exec", "sessions", "sh", "-c", "echo hi")
                        .orFail()
                        .out());
    }

    @Test
    void who_is_attached_detaches_by_keys(EngineProcess engine) throws IOException {
        Sample sample = Sample.container("sessions-detach", "echo ready; read x")
                .with("stdin: true")
                .with("tty: true")
                .in(engine)
                .running(engine);
        Files.writeString(folder.resolve("typed"), "ab");

        EngineProcess.Ran ran = engine.shell(
                folder, "script -qec 'slipway attach -it --detach-keys=a,b sessions-detach' /dev/null <typed");

        assertTrue(ran.orFail().out().contains("detached"), ran.text());
        engine.awaitField(sample.object(), ".status.phase", "Running");
        sample.delete(engine);
    }

    /// Whoever starts the tests in the background has them ignore interrupts.
    @Test
    void who_attaches_a_terminal_to_a_process_without_one_can_leave(EngineProcess engine) throws IOException {
        Sample sample = Sample.container("sessions-plain", "echo ready; while read x; do echo got $x; done")
                .with("stdin: true")
                .in(engine)
                .running(engine);
        sample.wrote(engine, "ready");
        Files.writeString(folder.resolve("typed"), "hello\n");

        EngineProcess.Ran ran = engine.shell(
                folder,
                "(cat typed; until slipway logs sessions-plain | grep -q hello; do :; done; printf '\\003')"
                        + " | env --default-signal=INT script -qec 'slipway attach -it sessions-plain' /dev/null");

        assertTrue(ran.out().contains("got hello"), ran.text());
        assertEquals(130, ran.code(), ran.text());
        engine.awaitField(sample.object(), ".status.phase", "Running");
        sample.delete(engine);
    }

    @Test
    void closed_standard_input_is_empty(EngineProcess engine) {
        EngineProcess.Ran ran = engine.shell(folder, "slipway exec -i sessions -- sh -c 'cat; echo end' <&-");

        assertEquals("end\n", ran.orFail().out());
    }

    @Test
    void clients_that_vanish_leave_nothing(EngineProcess engine) throws Exception {
        // The first crowd leaves what the engine keeps for crowds, like threads that wait a while for more to do.
        crowd(engine);
        engine.await(
                "the first sessions to end", () -> EngineHoldings.of(engine).execs() == 0);
        EngineHoldings before = EngineHoldings.settled(engine);

        crowd(engine);

        engine.await("nothing to be left but " + before, () -> EngineHoldings.of(engine)
                .isAtMost(before));
    }

    private static void crowd(EngineProcess engine) throws Exception {
        long shims = EngineHoldings.settled(engine).shims();
        List<Process> clients = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            String command = i % 2 == 0 ? "echo begun; sleep 600" : "echo begun; trap '' HUP TERM; sleep 600";
            clients.add(engine.background("kubectl", "exec", "-i", "sessions", "--", "sh", "-c", command));
        }
        // This one's stdin is full, so that nothing is read from it any more.
        clients.add(engine.background("sh", "-c", "exec kubectl exec -i sessions -- sleep 601 </dev/zero"));
        engine.await("all to run", () -> EngineHoldings.of(engine).shims() == shims + MANY + 1);

        for (Process client : clients) {
            client.destroyForcibly().waitFor();
        }
    }

    @Test
    void a_container_that_dies_ends_its_sessions(EngineProcess engine) throws Exception {
        Sample sample = Sample.pod("sessions-dies", TOOLS + "while [ ! -e /end ]; do sleep 0.1; done")
                .with("restartPolicy: Never")
                .in(engine);
        sample.wrote(engine, "ready");
        EngineHoldings before = EngineHoldings.settled(engine);
        Process client =
                engine.background("kubectl", "exec", "sessions-dies", "--", "sh", "-c", "touch /end; sleep 600");

        String said = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(137, client.waitFor(), said);
        engine.await("its sessions to be gone", () -> EngineHoldings.of(engine).shims() == before.shims() - 1);
        engine.awaitField(sample.object(), ".status.phase", "Succeeded");
        assertFails(
                engine, "cannot exec into a container in a completed pod", "sessions-dies", "--", "sh", "-c", "true");
        sample.delete(engine);
    }

    private static void assertFails(EngineProcess engine, String words, String... arguments) {
        List<String> all = new ArrayList<>(List.of("exec"));
        all.addAll(List.of(arguments));

        EngineProcess.Ran ran = engine.kubectl(all.toArray(String[]::new));

        assertEquals(1, ran.code(), ran.text());
        assertTrue(ran.err().contains(words), ran.text());
    }

    /// A command that goes on, and what it has said.
    private record Client(Process process, StringBuffer said) {
        static Client of(EngineProcess engine, String... words) throws IOException {
            Client client = new Client(engine.background(words), new StringBuffer());
            Thread.startVirtualThread(client::listen);
            return client;
        }

        private void listen() {
            try (Reader reader = new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)) {
                for (int next = reader.read(); next >= 0; next = reader.read()) {
                    said.append((char) next);
                }
            } catch (IOException e) {
                said.append(e);
            }
        }

        void type(String text) {
            try {
                process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        boolean hears(String text) {
            return said.indexOf(text) >= 0;
        }
    }
}
