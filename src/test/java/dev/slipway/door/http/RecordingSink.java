package dev.slipway.door.http;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Keeps what was sent, and lets a test wait for it.
public final class RecordingSink implements Sink {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Runnable> actions = new ArrayList<>();
    private boolean open = true;

    @Override
    public synchronized void write(byte[] sent) throws IOException {
        if (!open) {
            throw new IOException("the client has gone");
        }
        bytes.writeBytes(sent);
        notifyAll();
    }

    @Override
    public synchronized boolean isOpen() {
        return open;
    }

    @Override
    public synchronized void onClose(Runnable action) {
        actions.add(action);
    }

    public void leave() {
        List<Runnable> due;
        synchronized (this) {
            open = false;
            due = List.copyOf(actions);
        }
        due.forEach(Runnable::run);
    }

    public synchronized String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    public void await(String expected) throws InterruptedException {
        await(expected, expected::equals);
    }

    public synchronized void await(String what, Predicate<String> isThere) throws InterruptedException {
        Instant deadline = Instant.now().plus(LIMIT);
        while (!isThere.test(text())) {
            long left = Duration.between(Instant.now(), deadline).toMillis();
            assertTrue(left > 0, () -> "waited in vain for:\n" + what + "\nbut got:\n" + text());
            wait(left);
        }
    }
}
