package dev.slipway;

import java.io.IOException;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.List;

/// An engine and its peers on a disk of their own, with an image `toolbox`. What ends with the host they all keep in
/// memory, as they do for their users.
record BenchHost(FreshDisk disk, EngineProcess engine, Peers peers, HttpClient client) implements AutoCloseable {
    static BenchHost start() throws Exception {
        List<AutoCloseable> started = new ArrayList<>();
        try {
            FreshDisk disk = FreshDisk.toMeasure();
            started.addFirst(disk);
            EngineProcess engine = EngineProcess.startToMeasure(disk.directory(), disk.inMemory("slw"));
            started.addFirst(engine);
            engine.apply(SharedEngine.TOOLBOX);
            engine.awaitField("image/toolbox", ".status.conditions[?(@.type==\"Ready\")].status", "True");
            Peers peers = Peers.prepare(disk.directory(), disk.inMemory("peers"));
            started.addFirst(peers);
            return new BenchHost(disk, engine, peers, TlsClient.of(engine));
        } catch (Exception | AssertionError e) {
            for (AutoCloseable each : started) {
                each.close();
            }
            throw e;
        }
    }

    EngineTool ours() {
        return new EngineTool(engine, client);
    }

    /// Ours first.
    List<ContainerTool> tools() {
        List<ContainerTool> tools = new ArrayList<>(List.of(ours()));
        tools.addAll(peers.tools());
        return tools;
    }

    @Override
    public void close() throws IOException {
        client.close();
        try (disk;
                engine;
                peers) {}
    }
}
