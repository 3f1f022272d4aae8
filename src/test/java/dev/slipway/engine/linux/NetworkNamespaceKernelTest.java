package dev.slipway.engine.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// Needs a JVM of its own: what is shown is how the first threads of one are born.
class NetworkNamespaceKernelTest {
    @Test
    void nobody_is_born_in_a_namespace_that_a_virtual_thread_has_entered() throws Exception {
        Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Djdk.virtualThreadScheduler.parallelism=2",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Guests.class.getName())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertEquals(0, process.waitFor(), said);
        assertEquals(Set.of().toString(), said.strip());
    }

    /// While one virtual thread waits for what is done inside, another keeps the only carrier busy: the end of the
    /// work then calls for a second carrier.
    static final class Guests {
        private Guests() {}

        public static void main(String[] none) throws Exception {
            CountDownLatch isInside = new CountDownLatch(1);
            CountDownLatch isBusy = new CountDownLatch(1);
            try (NetworkNamespace namespace = NetworkNamespace.create()) {
                Thread guest = Thread.startVirtualThread(() -> enter(namespace, isInside, isBusy));
                isInside.await();
                Thread busy = Thread.startVirtualThread(() -> {
                    isBusy.countDown();
                    while (guest.isAlive()) {
                        Thread.onSpinWait();
                    }
                });
                guest.join();
                busy.join();
                System.out.println(StrayThreads.find());
            }
        }

        private static void enter(NetworkNamespace namespace, CountDownLatch isInside, CountDownLatch isBusy) {
            try {
                namespace.inside(() -> {
                    isInside.countDown();
                    isBusy.await();
                    return "";
                });
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
