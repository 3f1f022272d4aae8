package dev.slipway;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// An engine that is a daemon, containerd or dockerd, with a root, a state directory and a socket of its own. It sees
/// a `/run` of its own and makes neither bridge nor packet rules, so nothing of it stays on the host. Where it is not
/// installed or does not start, it says why.
final class DaemonPeer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final String name;
    private final Commands commands;
    private final Path home;
    private final Path log;
    private final Process process;
    private Optional<String> why = Optional.empty();

    private DaemonPeer(String name, Path home, Commands commands) throws IOException {
        this.name = name;
        this.commands = commands;
        this.home = home;
        this.log = home.resolve("log");
        this.process = new ProcessBuilder(
                        "unshare", "-m", "sh", "-c", "mount -t tmpfs none /run && exec " + commands.daemon())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /// @param daemon runs in the foreground
    /// @param up succeeds as soon as the daemon answers
    /// @param pull is followed by the name of an image
    /// @param remove is followed by the name of an image; ends when content and layers are gone
    private record Commands(String daemon, String up, String pull, String remove) {}

    static DaemonPeer containerd(Path parent) throws IOException {
        Path home = Files.createTempDirectory(parent, "ctr");
        Path socket = home.resolve("sock");
        Path config = Files.writeString(home.resolve("config.toml"), """
                version = 2
                root = "%1$s/root"
                state = "%1$s/state"
                disabled_plugins = ["io.containerd.grpc.v1.cri"]
                [grpc]
                  address = "%2$s"
                """.formatted(home, socket));
        String ctr = "ctr --address " + socket;
        return started(new DaemonPeer(
                "containerd",
                home,
                new Commands(
                        "containerd --config " + config,
                        ctr + " version",
                        ctr + " images pull --plain-http ",
                        ctr + " images remove --sync ")));
    }

    /// @param containerd runs its containers, of which there are none
    static DaemonPeer dockerd(Path parent, DaemonPeer containerd) throws IOException {
        Path home = Files.createTempDirectory(parent, "dck");
        Path config = Files.writeString(home.resolve("daemon.json"), "{}");
        String socket = "unix://" + home.resolve("sock");
        String docker = "docker --host " + socket;
        return started(new DaemonPeer(
                "dockerd",
                home,
                new Commands(
                        "dockerd --config-file %s --data-root %s/root --exec-root %s/exec --pidfile %s/pid --host %s"
                                        .formatted(config, home, home, home, socket)
                                + " --bridge=none --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false"
                                + " --containerd " + containerd.home.resolve("sock"),
                        docker + " version",
                        docker + " pull -q ",
                        docker + " image rm -f ")));
    }

    private static DaemonPeer started(DaemonPeer peer) throws IOException {
        peer.why = peer.awaitStart();
        return peer;
    }

    String name() {
        return name;
    }

    /// Why it cannot have an image of this name, after it has tried; empty where it can, and has it no more.
    Optional<String> refuses(String image) {
        if (why.isPresent()) {
            return why;
        }
        Ran pulled = run(commands.pull() + image);
        run(commands.remove() + image);
        return pulled.code() == 0 ? Optional.empty() : Optional.of(lastLine(pulled.err()));
    }

    void pull(String image) {
        run(commands.pull() + image).orFail();
    }

    void remove(String image) {
        run(commands.remove() + image).orFail();
    }

    @Override
    public void close() throws InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        children.forEach(ProcessHandle::destroyForcibly);
    }

    private Optional<String> awaitStart() throws IOException {
        Instant deadline = Instant.now().plus(START_LIMIT);
        while (run(commands.up()).code() != 0) {
            if (!process.isAlive()) {
                return Optional.of("it ended at once: " + lastLine(Files.readString(log)));
            }
            if (Instant.now().isAfter(deadline)) {
                return Optional.of(
                        "no answer within " + START_LIMIT.toSeconds() + " s: " + lastLine(Files.readString(log)));
            }
            LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
        }
        return Optional.empty();
    }

    private static Ran run(String line) {
        return Ran.run(new ProcessBuilder("sh", "-c", line), "");
    }

    private static String lastLine(String text) {
        return text.strip().lines().reduce("it said nothing", (_, last) -> last);
    }
}
