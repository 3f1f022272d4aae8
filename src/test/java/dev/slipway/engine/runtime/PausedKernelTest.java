package dev.slipway.engine.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.engine.id.PodUid;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/// What a container had before it was paused it has when it goes on: memory, sockets, timers.
class PausedKernelTest {
    private static final PodUid POD = new PodUid("pod");
    private static final ContainerName WEB = new ContainerName(POD, "web");
    private static final String GATEWAY = "10.99.0.1";
    private static final int USR1 = 10;
    private static final int KILL = 9;
    private static final Duration REST = Duration.ofMillis(200);
    private static final Duration TIMER = Duration.ofSeconds(2);
    /// More than the buffers on the way take.
    private static final long STREAM_BYTES = 24L << 20;

    private final AtomicLong sent = new AtomicLong();
    private RuntimeLab lab;

    @BeforeEach
    void open() throws Exception {
        lab = RuntimeLab.open();
        lab.sandbox(Requests.sandbox(POD));
    }

    @AfterEach
    void close() throws IOException {
        lab.close();
    }

    @Test
    @DisplayName("S33 a paused container keeps its memory, its connections and its timers")
    void a_paused_container_keeps_its_memory_its_connections_and_its_timers() throws Exception {
        InetAddress gateway = InetAddress.getByName(GATEWAY);
        try (ServerSocket peer = lab.onHost(() -> new ServerSocket(0, 1, gateway))) {
            String script = "mark=$(dd if=/dev/urandom bs=1k count=64 2>/dev/null | md5sum); echo before $mark; "
                    + "nc %s %d | (dd bs=1 count=1 2>/dev/null; (sleep %d; echo timer) & md5sum; wait); "
                    + "echo after $mark";
            lab.started(RuntimeLab.shell(
                    WEB, 0, script.formatted(gateway.getHostAddress(), peer.getLocalPort(), TIMER.toSeconds())));
            FutureTask<String> stream = new FutureTask<>(() -> send(peer));
            Thread.ofPlatform().daemon().start(stream);
            RuntimeLab.await(() -> sent.get() > 0);

            lab.runtime().pause(WEB);
            long paused = System.nanoTime();

            awaitStall();
            RuntimeLab.await(() -> System.nanoTime() - paused > TIMER.toNanos());
            assertFalse(lab.hasLogged(WEB, 0, "timer"), "it runs");
            assertFalse(stream.isDone(), "nothing held the peer up");
            lab.runtime().resume(WEB);

            assertEquals(0, exited().exitCode());
            String log = lab.log(WEB, 0);
            assertTrue(log.contains(stream.get(20, TimeUnit.SECONDS)), log);
            assertTrue(log.contains("timer"), log);
            assertEquals(mark(log, "before "), mark(log, "after "));
        }
    }

    @Test
    void a_signal_waits_until_it_goes_on_but_to_be_killed_it_need_not() throws Exception {
        lab.started(RuntimeLab.shell(WEB, 0, "trap 'echo heard' USR1; echo idle; while true; do sleep 0.05; done"));
        lab.awaitLog(WEB, 0, "idle");
        lab.runtime().pause(WEB);

        lab.runtime().signal(WEB, USR1);
        LockSupport.parkNanos(REST.toNanos());
        assertFalse(lab.hasLogged(WEB, 0, "heard"), "it runs");
        lab.runtime().resume(WEB);
        lab.awaitLog(WEB, 0, "heard");
        lab.runtime().pause(WEB);
        lab.runtime().signal(WEB, KILL);

        assertEquals(KILL, exited().signal());
    }

    /// Sends as much as it can until all is sent.
    ///
    /// @return digest of what came after the first byte
    private String send(ServerSocket peer) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("MD5");
        Random random = new Random(7);
        byte[] chunk = new byte[1 << 16];
        try (Socket connection = peer.accept();
                DigestOutputStream out = new DigestOutputStream(connection.getOutputStream(), digest)) {
            connection.getOutputStream().write('\n');
            while (sent.get() < STREAM_BYTES) {
                random.nextBytes(chunk);
                out.write(chunk);
                sent.addAndGet(chunk.length);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private void awaitStall() {
        RuntimeLab.await(() -> {
            long before = sent.get();
            LockSupport.parkNanos(REST.toNanos());
            return sent.get() == before;
        });
    }

    private ContainerState.Exited exited() {
        return assertInstanceOf(
                ContainerState.Exited.class, lab.awaitEnd(WEB, 0).state());
    }

    private static String mark(String log, String word) {
        return log.lines()
                .filter(line -> line.startsWith(word))
                .findFirst()
                .orElseThrow()
                .substring(word.length());
    }
}
