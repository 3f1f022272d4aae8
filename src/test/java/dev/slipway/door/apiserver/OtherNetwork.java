package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.engine.registry.Command;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A network namespace of its own, joined to the host's by one cable: as far away as another machine.
final class OtherNetwork implements AutoCloseable {
    private static final String PREFIX = "10.213.77.";

    private final String name = "slw" + ProcessHandle.current().pid();
    /// Not in /run/netns: the first namespace there leaves a mount on the host, whose mounts other tests compare.
    private final Path namespace;

    private OtherNetwork(Path namespace) {
        this.namespace = namespace;
    }

    static OtherNetwork join() throws IOException, InterruptedException {
        OtherNetwork network = new OtherNetwork(Files.createTempFile("slw", "netns"));
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
        String outside = outside();
        run("unshare", "--net=" + namespace, "true");
        run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", namespace.toString());
        run("ip", "addr", "add", hostAddress() + "/30", "dev", outside);
        run("ip", "link", "set", outside, "up");
        run(inside(List.of("ip", "addr", "add", PREFIX + "2/30", "dev", inside)));
        run(inside(List.of("ip", "link", "set", inside, "up")));
    }

    /// The host's end of the cable.
    private String outside() {
        return name + "a";
    }

    /// The host's address on the cable.
    String hostAddress() {
        return PREFIX + "1";
    }

    /// The words that run `command` in the other namespace.
    List<String> inside(List<String> command) {
        List<String> words = new ArrayList<>(List.of("nsenter", "--net=" + namespace));
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
        run(List.of(command));
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", command) + ": " + output);
    }

    /// The cable would go with the namespace, but in the kernel's own time: the next one has the same name.
    @Override
    public void close() throws IOException {
        Command.sh("ip link delete %s; ! mountpoint -q %s || umount %s".formatted(outside(), namespace, namespace));
        Files.delete(namespace);
    }
}
