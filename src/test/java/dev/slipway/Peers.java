package dev.slipway;

import dev.slipway.ContainerTool.Deed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/// podman, crun, skopeo and umoci, with stores of their own below one folder, and a registry on loopback that serves
/// the images of the benchmark.
final class Peers implements AutoCloseable {
    private static final int PORT = 5057;

    private static final String IDLE = "/bin/busybox sh -c \"trap 'exit 0' TERM; /bin/busybox sleep 1000 & wait\"";

    private final Path home;
    private final Path memory;
    private final PeerShell shell;
    private int copies;

    private Peers(Path home, Path memory, PeerShell shell) {
        this.home = home;
        this.memory = memory;
        this.shell = shell;
    }

    /// Starts the registry; needs docker-registry, skopeo, umoci, podman with plugins for its network,
    /// iptables, crun and busybox.
    ///
    /// @param parent of the peers' stores
    /// @param memory for what they keep in memory
    static Peers prepare(Path parent, Path memory) throws IOException {
        Path home = Files.createTempDirectory(parent, "peers");
        Peers peers = new Peers(home, memory, PeerShell.open(home));
        peers.script("bench-prepare");
        return peers;
    }

    /// Makes the images that are pulled and pushed.
    void makeImages() throws IOException {
        script("bench-images");
    }

    private void script(String name) throws IOException {
        shell.run(Files.readString(Path.of("src/test/scripts/" + name))
                .replace("@home@", home.toString())
                .replace("@memory@", memory.toString())
                .replace("@netns@p", netns() + "p")
                .replace("@port@", Integer.toString(PORT)));
    }

    String home() {
        return home.toString();
    }

    /// What starts containers that live on without whoever started them: crun, podman, and runc where it is.
    List<ContainerTool> tools() {
        List<ContainerTool> tools = new ArrayList<>(List.of(runtime("crun")));
        if (Stream.of("/usr/bin/runc", "/usr/sbin/runc").anyMatch(path -> Files.exists(Path.of(path)))) {
            tools.add(runtime("runc"));
        }
        Map<Deed, String> podman = new EnumMap<>(Deed.class);
        podman.put(Deed.START, "run -d --network none --name @ %s/bench/toolbox:1 %s".formatted(registry(), IDLE));
        podman.put(Deed.EXEC, "exec @ /bin/busybox true");
        podman.put(Deed.PAUSE, "pause @");
        podman.put(Deed.RESUME, "unpause @");
        podman.put(Deed.STOP, "stop @");
        podman.put(Deed.DELETE, "rm @");
        podman.replaceAll((deed, words) -> "exec " + podman() + words);
        tools.add(new Command("podman (no network)", podman));
        return tools;
    }

    /// A runtime of the OCI's on the bundle `idle`. It has no word for stopping: a process has ended when the
    /// kernel shows it as a zombie, or no more.
    private Command runtime(String name) {
        String state = "%s --root %s/%s ".formatted(name, memory, name);
        Map<Deed, String> lines = new EnumMap<>(Deed.class);
        lines.put(Deed.START, "exec " + state + "run -d --pid-file %1$s/@.pid -b %1$s/idle @".formatted(home));
        lines.put(Deed.EXEC, "exec " + state + "exec @ /bin/busybox true");
        lines.put(Deed.PAUSE, "exec " + state + "pause @");
        lines.put(Deed.RESUME, "exec " + state + "resume @");
        lines.put(Deed.STOP, state + "kill @ TERM\n" + """
                stat=/proc/$(cat %s/@.pid)/stat
                while read -r line <$stat && case $line in *") Z "*) false ;; esac; do :; done
                true""".formatted(home));
        lines.put(Deed.DELETE, "exec " + state + "delete @");
        return new Command(name + " (ready bundle, no overlay, no address)", lines);
    }

    /// Shell lines in which the container is `@`.
    private final class Command implements ContainerTool {
        private final String title;
        private final Map<Deed, String> lines;

        Command(String title, Map<Deed, String> lines) {
            this.title = title;
            this.lines = lines;
        }

        @Override
        public String title() {
            return title;
        }

        @Override
        public void perform(Deed deed, String container) {
            shell.run(Objects.requireNonNull(lines.get(deed)).replace("@", container));
        }
    }

    String registry() {
        return "127.0.0.1:" + PORT;
    }

    void crunRun(Path marks) {
        shell.run(
                "cd %s/bundle && sed 's|@marks@|%s|' config.json.in > config.json && exec crun --root %s/crun run bench"
                        .formatted(home, marks, memory));
    }

    /// Takes down what the run before has left, before anything is measured.
    void isolatedCrunClear() {
        shell.run("""
                cd %s/isolated
                umount rootfs 2>&- || true
                ip netns del %2$s 2>&- || true
                rm -rf upper work && mkdir upper work""".formatted(home, netns()));
    }

    /// As [#crunRun], with all that an engine does for a container. Needs [#isolatedCrunClear] before.
    void isolatedCrunRun(Path marks) {
        shell.run("""
                cd %1$s/isolated
                mount -t overlay overlay -o lowerdir=../bundle/rootfs,upperdir=upper,workdir=work rootfs
                ip -batch - <<'TXT'
                netns add %3$s
                link add %3$s type veth peer name eth0 netns %3$s
                link set %3$s up
                TXT
                ip -n %3$s -batch - <<'TXT'
                link set lo up
                link set eth0 up
                address add 198.18.0.2/24 dev eth0
                route add default via 198.18.0.1
                TXT
                sed 's|@marks@|%2$s|;s|@netns@|%3$s|' config.json.in >config.json
                exec crun --root %4$s/crun run isolated""".formatted(home, marks, netns(), memory));
    }

    /// Also the name of the interface, which goes with it.
    private String netns() {
        return "b" + Integer.toUnsignedString(home.hashCode(), Character.MAX_RADIX);
    }

    void podmanRunWithoutNetwork(Path marks) {
        shell.run("exec " + podman() + run(marks, "none"));
    }

    /// With the network that podman gives by default: bridge, address, rules of iptables. All of it, and podman, are
    /// in a network namespace of their own.
    void podmanRun(Path marks) {
        shell.run("exec nsenter --net=/run/netns/%sp %s %s".formatted(netns(), podman(), run(marks, "bench")));
    }

    private String run(Path marks, String network) {
        return "run --rm --network %s -v %s:/marks %s/bench/toolbox:1 /bin/busybox touch /marks/started"
                .formatted(network, marks, registry());
    }

    void podmanPull(String image) {
        podman("pull", "-q", "--tls-verify=false", registry() + "/" + image);
    }

    void podmanRemove(String image) {
        podman("rmi", "-f", registry() + "/" + image);
    }

    void podmanSave(String image, Path archive) {
        podman("save", "-q", "--format", "oci-archive", "-o", archive.toString(), registry() + "/" + image);
    }

    void podmanLoad(Path archive) {
        podman("load", "-q", "-i", archive.toString());
    }

    /// Builds the Dockerfile of a directory with buildah, which remembers steps.
    void build(Path context) {
        shell.run(buildah() + "bud --layers --isolation chroot -t bench/built " + context);
    }

    void removeBuilds() {
        shell.run(buildah() + "rmi -a -f");
    }

    private String buildah() {
        return "exec buildah --root %1$s/buildah --runroot %1$s/buildah-run --storage-driver overlay ".formatted(home);
    }

    void skopeoAndUmoci(String image) {
        String copy = home + "/copy" + copies++;
        shell.run(
                "skopeo copy -q --preserve-digests --src-tls-verify=false docker://%s/%s oci:%s:x && umoci unpack --image %s:x %s.tree > /dev/null"
                        .formatted(registry(), image, copy, copy, copy));
    }

    /// Sends an image of the benchmark, which lies in a layout, to another registry.
    void skopeoPush(String image, String registry) {
        shell.run("skopeo copy -q --preserve-digests --dest-tls-verify=false oci:%s/oci:%s docker://%s/pushed/skopeo:1"
                .formatted(home, image, registry));
    }

    /// What plain tools do for a pull: `bytes` over loopback; those and their `digest`; those and `inflate`; or all
    /// of it and the `files`, which is the least that this machine can need.
    void plainTools(String image, String part) {
        String copy = home + "/copy" + copies++;
        shell.run("exec bash %s %s %s %s %s"
                .formatted(Path.of("src/test/scripts/bench-limit").toAbsolutePath(), registry(), image, part, copy));
    }

    /// Removes what [#skopeoAndUmoci] and [#plainTools] have left.
    void removeCopies() {
        shell.run("rm -rf %s/copy*".formatted(home));
    }

    @Override
    public void close() throws IOException {
        try (shell) {
            shell.run("exec " + podman() + "rm -fa -t 0");
            shell.run("for one in $(crun --root %1$s/crun list -q); do crun --root %1$s/crun delete -f $one; done"
                    .formatted(memory));
            isolatedCrunClear();
            shell.run("ip netns del %sp".formatted(netns()));
            shell.run("kill $(cat %s/registry.pid); rm -rf --one-file-system %s %s".formatted(home, home, memory));
        }
    }

    private void podman(String... arguments) {
        shell.run("exec " + podman() + String.join(" ", arguments));
    }

    private String podman() {
        return "podman --root %s/podman --runroot %s/podman --storage-driver overlay --cgroup-manager cgroupfs "
                .formatted(home, memory);
    }
}
