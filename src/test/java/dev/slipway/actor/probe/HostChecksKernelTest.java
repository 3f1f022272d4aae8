package dev.slipway.actor.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.actor.probe.Checker.Target;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.runtime.ContainerName;
import dev.slipway.engine.runtime.Requests;
import dev.slipway.engine.runtime.RuntimeLab;
import dev.slipway.engine.runtime.SandboxOutcome;
import dev.slipway.engine.runtime.StartOutcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Checks by processes in a real container.
class HostChecksKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
    private RuntimeLab lab;
    private HostChecks checks;

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        checks = new HostChecks(lab.runtime(), "v1.35.0", readers);
        assertInstanceOf(SandboxOutcome.Ready.class, lab.runtime().ensureSandbox(Requests.sandbox(POD)));
        assertInstanceOf(
                StartOutcome.Started.class,
                lab.runtime().start(Requests.container(POD, "web", 0, RuntimeLab.image(), List.of("sleep", "600"))));
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
        readers.close();
    }

    @Test
    void a_command_is_judged_by_its_exit_code_and_its_words_are_kept() throws Exception {
        assertEquals(new Finding.Healthy(), ask("echo fine"));
        assertEquals(new Finding.Unhealthy("out\nerr\n"), ask("echo out; sleep 0.1; echo err >&2; exit 3"));
        assertEquals(
                new Finding.Unhealthy("command 'sh -c exit 3' exited with 3: , message: \"\""),
                checks.run(shell("exit 3"), target(), LIMIT));
    }

    @Test
    void a_command_that_takes_too_long_is_ended_and_unhealthy() throws Exception {
        Finding finding = checks.ask(shell("exec sleep 61"), target(), Duration.ofSeconds(1));

        assertEquals(new Finding.Unhealthy("command timed out: \"sh -c exec sleep 61\" timed out after 1s"), finding);
        RuntimeLab.await(() -> commands().noneMatch("sleep\00061\000"::equals));
    }

    @Test
    void a_long_answer_holds_up_nobody() throws Exception {
        Finding.Unhealthy finding = assertInstanceOf(
                Finding.Unhealthy.class, ask("dd if=/dev/zero bs=1000000 count=1 2>/dev/null; exit 1"));

        assertEquals(10 * 1024, finding.message().length());
    }

    @Test
    void what_cannot_be_asked_is_not_unhealthy() throws Exception {
        Finding finding = checks.ask(new Check.Exec(List.of("no-such-program")), target(), LIMIT);

        assertTrue(assertInstanceOf(Finding.Unknown.class, finding).message().contains("no-such-program"));
        lab.runtime().stop(WEB, 9, Duration.ZERO);
        RuntimeLab.await(() -> lab.runtime().find(POD).orElseThrow().attempts().stream()
                .noneMatch(attempt -> attempt.state().isAlive()));
        assertEquals(new Finding.Unknown(""), ask("true"));
    }

    @Test
    void a_pod_without_an_address_is_not_asked_at_the_hosts_loopback() throws Exception {
        Target lone = new Target(WEB, "");
        try (ServerSocket ofHost = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            int port = ofHost.getLocalPort();
            Finding outOfReach = new Finding.Unhealthy("the pod has no address to be asked by");

            assertEquals(outOfReach, checks.ask(new Check.TcpSocket("", port), lone, LIMIT));
            assertEquals(outOfReach, checks.ask(new Check.Grpc(port, ""), lone, LIMIT));
            Check.HttpGet get = new Check.HttpGet(false, "", port, "/", List.of());
            assertEquals(outOfReach, checks.ask(get, lone, LIMIT));
            assertEquals(outOfReach, checks.run(get, lone, LIMIT));
            assertEquals(
                    new Finding.Healthy(), checks.ask(new Check.TcpSocket("127.0.0.1", port), lone, LIMIT), "as said");
            assertEquals(new Finding.Healthy(), checks.ask(shell("true"), lone, LIMIT));
        }
    }

    private Finding ask(String script) throws InterruptedException {
        return checks.ask(shell(script), target(), LIMIT);
    }

    private static Check.Exec shell(String script) {
        return new Check.Exec(List.of("sh", "-c", script));
    }

    private static Target target() {
        return new Target(WEB, "");
    }

    private static Stream<String> commands() {
        return ProcessHandle.allProcesses().map(process -> {
            try {
                return Files.readString(Path.of("/proc/%d/cmdline".formatted(process.pid())));
            } catch (IOException e) {
                // It ended a moment ago.
                return "";
            }
        });
    }
}
