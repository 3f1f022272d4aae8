package dev.slipway.engine.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/// A loopback port in front of a server: it takes connections and whatever is said, and passes nothing on until it is
/// opened.
public final class ShutPort implements AutoCloseable {
    private static final byte[] END = {};

    private final InetSocketAddress server;
    private final ServerSocket port = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch open = new CountDownLatch(1);
    private final AtomicInteger waiting = new AtomicInteger();

    /// @param server `127.0.0.1:port`
    public ShutPort(String server) throws IOException {
        int colon = server.lastIndexOf(':');
        this.server = new InetSocketAddress(server.substring(0, colon), Integer.parseInt(server.substring(colon + 1)));
        threads.submit(this::accept);
    }

    /// `127.0.0.1:port`.
    public String host() {
        return "127.0.0.1:" + port.getLocalPort();
    }

    /// How many clients have said something and are there.
    public int waiting() {
        return waiting.get();
    }

    public void open() {
        open.countDown();
    }

    @Override
    public void close() throws IOException {
        port.close();
        threads.shutdownNow();
    }

    private Void accept() throws IOException {
        while (true) {
            Socket client = port.accept();
            BlockingQueue<byte[]> said = new LinkedBlockingQueue<>();
            threads.submit(() -> hear(client, said));
            threads.submit(() -> pass(client, said));
        }
    }

    private Void hear(Socket client, BlockingQueue<byte[]> said) throws IOException {
        boolean isFirst = true;
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = client.getInputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                said.add(Arrays.copyOf(buffer, count));
                if (isFirst) {
                    isFirst = false;
                    waiting.incrementAndGet();
                }
            }
        } finally {
            said.add(END);
            if (!isFirst) {
                waiting.decrementAndGet();
            }
        }
        return null;
    }

    private Void pass(Socket client, BlockingQueue<byte[]> said) throws IOException, InterruptedException {
        open.await();
        try (Socket there = new Socket(server.getAddress(), server.getPort());
                OutputStream out = there.getOutputStream()) {
            threads.submit(() -> there.getInputStream().transferTo(client.getOutputStream()));
            for (byte[] part = said.take(); part != END; part = said.take()) {
                out.write(part);
                out.flush();
            }
        }
        return null;
    }
}
