package dev.slipway;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// podman, crun, skopeo and umoci, with stores of their own below one folder, and a registry on loopback that serves
/// the images of the benchmark.
final class Peers implements AutoCloseable {
    private static final int PORT = 5057;

    private final Path home;
    private int copies;

    private Peers(Path home) {
        this.home = home;
    }

    /// Makes the images and starts the registry; needs docker-registry, skopeo, umoci, podman, crun and busybox.
    ///
    /// @param parent of the peers' stores
    static Peers prepare(Path parent) throws IOException {
        Peers peers = new Peers(Files.createTempDirectory(parent, "peers"));
        peers.shell(Files.readString(Path.of("src/test/scripts/bench-prepare"))
                .replace("@home@", peers.home.toString())
                .replace("@port@", Integer.toString(PORT)));
        return peers;
    }

    String registry() {
        return "127.0.0.1:" + PORT;
    }

    void crunRun(Path marks) {
        shell("cd %s/bundle && sed 's|@marks@|%s|' config.json.in > config.json && exec crun --root %s/crun run bench"
                .formatted(home, marks, home));
    }

    void podmanRun(Path marks, String network) {
        podman(
                "run",
                "--rm",
                "--network",
                network,
                "-v",
                marks + ":/marks",
                registry() + "/bench/toolbox:1",
                "/bin/busybox",
                "touch",
                "/marks/started");
    }

    void podmanPull(String image) {
        podman("pull", "-q", "--tls-verify=false", registry() + "/" + image);
        podman("rmi", "-f", registry() + "/" + image);
    }

    void skopeoAndUmoci(String image) {
        String copy = home + "/copy" + copies++;
        shell(
                "skopeo copy -q --preserve-digests --src-tls-verify=false docker://%s/%s oci:%s:x && umoci unpack --image %s:x %s.tree > /dev/null"
                        .formatted(registry(), image, copy, copy, copy));
    }

    /// Sends an image of the benchmark, which lies in a layout, to another registry.
    void skopeoPush(String image, String registry) {
        shell("skopeo copy -q --preserve-digests --dest-tls-verify=false oci:%s/oci:%s docker://%s/pushed/skopeo:1"
                .formatted(home, image, registry));
    }

    /// What plain tools do for a pull: `bytes` over loopback; those and their `digest`; those and `inflate`; or all
    /// of it and the `files`, which is the least that this machine can need.
    void plainTools(String image, String part) {
        String copy = home + "/copy" + copies++;
        shell("exec bash %s %s %s %s %s"
                .formatted(Path.of("src/test/scripts/bench-limit").toAbsolutePath(), registry(), image, part, copy));
    }

    @Override
    public void close() {
        shell("kill $(cat %s/registry.pid); rm -rf --one-file-system %s".formatted(home, home));
    }

    private void podman(String... arguments) {
        List<String> words =
                new ArrayList<>(List.of("exec", "podman", "--root", home + "/podman", "--runroot", home + "/run"));
        words.addAll(List.of("--storage-driver", "overlay", "--cgroup-manager", "cgroupfs"));
        words.addAll(List.of(arguments));
        shell(String.join(" ", words));
    }

    private void shell(String line) {
        ProcessBuilder builder = new ProcessBuilder("unshare", "-m", "sh", "-c", PodmanHost.HIDE_UNIFIED + line);
        builder.environment().put("CONTAINERS_CONF", home + "/containers.conf");
        Ran.run(builder, "").orFail();
    }
}
