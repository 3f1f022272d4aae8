package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.linux.NetworkNamespace;
import dev.slipway.engine.network.NetworkAttachment;
import dev.slipway.engine.runtime.ContainerRequest.Security;
import dev.slipway.engine.shim.Command;
import dev.slipway.engine.shim.ExecResult;
import dev.slipway.engine.shim.Execution;
import dev.slipway.engine.shim.Streams;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// Further processes in containers, clients of their streams, connections to their ports: what they find, and that none
/// of them is left whichever end breaks first.
class SessionsKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final int MANY = 8;

    private RuntimeLab lab;

    @BeforeEach
    void open() throws IOException, InterruptedException {
        lab = RuntimeLab.open();
        lab.sandbox(Requests.sandbox(POD));
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    void where_a_container_has_handed_its_controllers_down_it_is_beside_the_first_process() throws Exception {
        String script = """
                cd /sys/fs/cgroup; test -e cgroup.kill || cd unified
                mkdir inner; echo $$ >inner/cgroup.procs
                for each in $(cat cgroup.controllers); do echo +$each >cgroup.subtree_control; done
                echo done; exec sleep 60""";
        Attempt attempt = lab.started(Requests.withSecurity(RuntimeLab.shell(WEB, 0, script), Requests.privileged()));
        int first =
                assertInstanceOf(ContainerState.Running.class, attempt.state()).pid();
        RuntimeLab.await(() -> log().contains("done"));

        try (Execution execution = running(lab.runtime().exec(WEB, shell("echo here; exec sleep 60")))) {
            firstLines(execution, 1);

            // Version 2 has no controllers beside version 1, and then takes processes anywhere.
            boolean handsDown = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
            String expected = unified(first);
            assertTrue(expected.endsWith("/inner"), expected);
            assertEquals(handsDown ? expected : expected.replace("/inner", ""), unified(execution.pid()));
        }
    }

    private String log() {
        try {
            return lab.log(WEB, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String unified(int pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")).stream()
                .filter(line -> line.startsWith("0::"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void it_is_as_the_first_process_is() throws Exception {
        Security security = new Security(
                Optional.of(1000L),
                Optional.of(1001L),
                true,
                List.of(7L),
                false,
                false,
                false,
                List.of("NET_RAW"),
                List.of("ALL"),
                Security.Seccomp.RUNTIME_DEFAULT,
                false,
                false);
        ContainerRequest plain = Requests.withSecurity(RuntimeLab.idle(WEB, 0), security);
        Attempt attempt = lab.started(Requests.withResources(plain, limited()));
        int first =
                assertInstanceOf(ContainerState.Running.class, attempt.state()).pid();
        String script = "id; echo $FROM $HOSTNAME; pwd; umask; exec sleep 60";

        try (Execution execution = running(lab.runtime().exec(WEB, shell(script)))) {
            String said = firstLines(execution, 4);

            assertTrue(said.startsWith("uid=1000(web) gid=1001 groups=7"), said);
            assertTrue(said.endsWith("\nimage web\n/\n0022\n"), said);
            for (String line : List.of("CapBnd", "CapEff", "NoNewPrivs", "Seccomp", "Groups")) {
                assertEquals(status(first, line), status(execution.pid(), line));
            }
            assertEquals(cgroups(first), cgroups(execution.pid()));
            for (String kind : List.of("mnt", "pid", "uts", "ipc", "net", "cgroup")) {
                assertEquals(namespace(first, kind), namespace(execution.pid(), kind));
            }
        }
    }

    @Test
    void an_engine_that_comes_later_knows_how_to_start_it() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));
        lab.restart();

        try (Execution execution = running(lab.runtime().exec(WEB, shell("echo $FROM; exit 7")))) {
            assertEquals("image\n", text(execution));
            assertEquals(OptionalInt.of(7), execution.await(LIMIT));
        }
    }

    @Test
    void a_limit_that_came_later_holds_for_it_too() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));
        Attempt attempt = lab.attempt(WEB, 0);
        lab.runtime().update(WEB, limited());

        try (Execution execution = running(lab.runtime().exec(WEB, shell("sleep 60")))) {
            int first = assertInstanceOf(ContainerState.Running.class, attempt.state())
                    .pid();
            assertEquals(cgroups(first), cgroups(execution.pid()));
        }
    }

    @Test
    void what_does_not_run_is_not_entered() throws Exception {
        assertInstanceOf(ExecResult.NotRunning.class, lab.runtime().exec(WEB, shell("true")));
        lab.started(RuntimeLab.idle(WEB, 0));
        lab.runtime().pause(WEB);

        assertEquals(new ExecResult.NotRunning("it is paused"), lab.runtime().exec(WEB, shell("true")));

        lab.runtime().resume(WEB);
        try (Execution execution = running(lab.runtime().exec(WEB, shell("exit 3")))) {
            assertEquals(OptionalInt.of(3), execution.await(LIMIT));
        }
        lab.runtime().stop(WEB, 9, Duration.ZERO);
        lab.awaitEnd(WEB, 0);
        assertEquals(
                new ExecResult.NotRunning("it is not running"), lab.runtime().exec(WEB, shell("true")));
        assertThrows(IOException.class, () -> lab.runtime().attach(WEB, new Streams(false, true, true)));
    }

    @Test
    @DisplayName("CVE-2025-64329: sessions leave nothing when their clients vanish")
    void sessions_leave_nothing_when_their_clients_vanish() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));
        running(lab.runtime().exec(WEB, shell("true"))).close();
        RuntimeLab.await(() -> shims().count() == 1);
        // Networks that are made ready for the next pods are held by descriptors.
        lab.chores().await();
        long before = entries(Path.of("/proc/self/fd"));

        List<Execution> sessions = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            sessions.add(running(lab.runtime().exec(WEB, new Command(List.of("sleep", "60"), true, i % 2 == 0))));
            sessions.add(lab.runtime().attach(WEB, new Streams(false, true, true)));
        }
        for (Execution session : sessions) {
            session.close();
        }

        RuntimeLab.await(() -> shims().count() == 1);
        RuntimeLab.await(() -> entries(Path.of("/proc/self/fd")) <= before);
        RuntimeLab.await(() -> entries(lab.run().resolve("execs")) == 0);
    }

    @Test
    void sessions_leave_nothing_when_the_container_dies() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));
        List<Execution> sessions = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            sessions.add(running(lab.runtime().exec(WEB, shell("sleep 60"))));
        }

        lab.runtime().stop(WEB, 9, Duration.ZERO);

        for (Execution session : sessions) {
            assertEquals(OptionalInt.of(137), session.await(LIMIT));
            assertEquals("", text(session));
            session.close();
        }
        RuntimeLab.await(() -> shims().count() == 0);
        RuntimeLab.await(() -> entries(lab.run().resolve("execs")) == 0);
    }

    @Test
    void sessions_leave_nothing_when_the_engine_ends() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));
        List<Execution> sessions = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            sessions.add(running(lab.runtime().exec(WEB, shell("trap '' HUP TERM; sleep 60 & wait"))));
        }

        lab.restart();

        for (Execution session : sessions) {
            assertEquals(OptionalInt.of(137), session.await(LIMIT));
        }
        RuntimeLab.await(() -> shims().count() == 1);
        RuntimeLab.await(() -> entries(lab.run().resolve("execs")) == 0);
        assertTrue(lab.attempt(WEB, 0).state().isAlive());
    }

    @Test
    void a_port_is_reached_inside_the_pod_only() throws Exception {
        lab.started(RuntimeLab.idle(WEB, 0));
        NetworkAttachment.Own network = assertInstanceOf(
                NetworkAttachment.Own.class, lab.networks().find(POD).orElseThrow());
        try (NetworkNamespace namespace = NetworkNamespace.open(network.netns());
                ServerSocketChannel four = listener(namespace, StandardProtocolFamily.INET, "127.0.0.1", 8080);
                ServerSocketChannel six = listener(namespace, StandardProtocolFamily.INET6, "::1", 8081)) {
            assertEquals("hello", exchanged(four, 8080));
            assertEquals("hello", exchanged(six, 8081));
        }

        IOException refused =
                assertThrows(IOException.class, () -> lab.runtime().connect(POD, 8080));

        assertEquals(
                "connect to 127.0.0.1:8080: connection refused; connect to [::1]:8080: connection refused",
                refused.getMessage());
    }

    @Test
    void it_may_be_another_user_elsewhere_with_variables_of_its_own() throws Exception {
        String users = """
                mkdir -p /etc /srv; cd /etc
                echo 'root:x:0:0::/root:/bin/sh' >passwd; echo 'app:x:10:20::/home/app:/bin/sh' >>passwd
                echo 'app:x:20:' >group; echo 'audio:x:30:app' >>group
                echo ready; exec sleep 60""";
        lab.started(RuntimeLab.shell(WEB, 0, users));
        RuntimeLab.await(() -> log().contains("ready"));
        String show = "id -u; id -g; id -G; pwd; echo $HOME $A $B";

        assertEquals("10\n20\n20 30\n/srv\n/home/app one\n", said(show, List.of("A=one"), "app", "/srv"));
        assertEquals("10\n30\n30\n/\n/home/app\n", said(show, List.of(), "app:audio", ""));
        assertEquals("5\n6\n6\n/\n/own x=y\n", said(show, List.of("HOME=/own", "B=x=y"), "5:6", ""));
        assertEquals("0\n0\n0\n/\n/root\n", said(show, List.of(), "", ""));
        assertTrue(said("grep CapEff /proc/self/status", List.of(), "app", "").contains("0000000000000000"));
        IOException unknown = assertThrows(IOException.class, () -> said(show, List.of(), "nobody", ""));
        assertTrue(unknown.getMessage().contains("unable to find user nobody"), unknown.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Command.Own(List.of("A"), "", ""));
        assertThrows(IllegalArgumentException.class, () -> new Command.Own(List.of(), "", "srv"));
    }

    @Test
    void a_file_of_users_that_is_none_is_refused_and_leads_nowhere() throws Exception {
        lab.started(
                RuntimeLab.shell(
                        WEB,
                        0,
                        "mkdir -p /etc; rm -f /etc/passwd /etc/group; mkfifo /etc/passwd; ln -s ../../../../../etc/group /etc/group; echo ready; sleep 60"));
        RuntimeLab.await(() -> log().contains("ready"));

        IOException fifo = assertThrows(IOException.class, () -> said("id -u", List.of(), "root", ""));
        assertTrue(fifo.getMessage().contains("not a regular file"), fifo.getMessage());
    }

    private String said(String script, List<String> env, String user, String workingDir)
            throws IOException, InterruptedException {
        Command command =
                new Command(List.of("sh", "-c", script), false, false, new Command.Own(env, user, workingDir));
        try (Execution execution = running(lab.runtime().exec(WEB, command))) {
            return text(execution);
        }
    }

    private String exchanged(ServerSocketChannel listener, int port) throws IOException {
        try (SocketChannel client = lab.runtime().connect(POD, port);
                SocketChannel server = listener.accept()) {
            server.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
            ByteBuffer answer = ByteBuffer.allocate(5);
            client.read(answer);
            return new String(answer.array(), StandardCharsets.UTF_8);
        }
    }

    private static ServerSocketChannel listener(
            NetworkNamespace namespace, StandardProtocolFamily family, String address, int port) throws IOException {
        return namespace.inside(() ->
                ServerSocketChannel.open(family).bind(new InetSocketAddress(InetAddress.getByName(address), port)));
    }

    private static Command shell(String script) {
        return new Command(List.of("sh", "-c", script), false, false);
    }

    private static Execution running(ExecResult result) {
        return assertInstanceOf(ExecResult.Running.class, result, result::toString)
                .execution();
    }

    private static String text(Execution execution) throws IOException {
        return new String(execution.stdout().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static String firstLines(Execution execution, int count) throws IOException {
        StringBuilder text = new StringBuilder();
        var stdout = execution.stdout();
        while (text.chars().filter(each -> each == '\n').count() < count) {
            text.append((char) stdout.read());
        }
        return text.toString();
    }

    private static String status(int pid, String line) throws IOException {
        return Files.readAllLines(Path.of("/proc/%d/status".formatted(pid))).stream()
                .filter(each -> each.startsWith(line))
                .findFirst()
                .orElseThrow();
    }

    private static Resources limited() {
        return new Resources(
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.empty(),
                OptionalLong.of(64 << 20),
                OptionalLong.of(50),
                0);
    }

    private static String cgroups(int pid) throws IOException {
        return Files.readString(Path.of("/proc/%d/cgroup".formatted(pid)));
    }

    private static Path namespace(int pid, String kind) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc/%d/ns/%s".formatted(pid, kind)));
    }

    private Stream<ProcessHandle> shims() {
        String shim = lab.run().resolve("bin/shim-").toString();
        return ProcessHandle.allProcesses()
                .filter(process -> commandLine(process.pid()).startsWith(shim));
    }

    private static String commandLine(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/cmdline"));
        } catch (IOException e) {
            // It ended a moment ago.
            return "";
        }
    }

    private static long entries(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
