package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A network namespace of its own, joined to the host's by one cable: as far away as another machine.
final class OtherNetwork implements AutoCloseable {
    private static final String PREFIX = "10.213.77.";

    private final String name = "slw" + ProcessHandle.current().pid();

    static OtherNetwork join() throws IOException, InterruptedException {
        OtherNetwork network = new OtherNetwork();
        try {
            network.setUp();
        } catch (IOException | InterruptedException | AssertionError e) {
            network.close();
            throw e;
        }
        return network;
    }

    private void setUp() throws IOException, InterruptedException {
        String inside = name + "b";
        String outside = name + "a";
        run("ip", "netns", "add", name);
        run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name);
        run("ip", "addr", "add", hostAddress() + "/30", "dev", outside);
        run("ip", "link", "set", outside, "up");
        run("ip", "-n", name, "addr", "add", PREFIX + "2/30", "dev", inside);
        run("ip", "-n", name, "link", "set", inside, "up");
    }

    /// The host's address on the cable.
    String hostAddress() {
        return PREFIX + "1";
    }

    /// The words that run `command` in the other namespace.
    List<String> inside(List<String> command) {
        List<String> words = new ArrayList<>(List.of("ip", "netns", "exec", name));
        words.addAll(command);
        return words;
    }

    /// What a command in the other namespace prints.
    String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(inside(List.of(command)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", command) + ": " + output);
    }

    /// The cable goes with the namespace.
    @Override
    public void close() throws IOException {
        new ProcessBuilder("ip", "netns", "del", name).start().onExit().join();
    }
}
