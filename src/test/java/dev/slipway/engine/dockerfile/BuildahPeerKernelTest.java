package dev.slipway.engine.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.slipway.PodmanHost;
import dev.slipway.engine.build.BuilderRig;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.layer.TreeListing;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.runtime.RuntimeLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same Dockerfile, built here and by buildah: the trees are the same, file by file, and so is what matters of the
/// config.
class BuildahPeerKernelTest {
    private static final String DOCKERFILE = """
            ARG GREETING=hello
            FROM scratch AS tools
            COPY busybox /bin/busybox
            RUN ["/bin/busybox", "--install", "-s", "/bin"]
            COPY etc /etc/

            FROM tools AS build
            ARG GREETING
            WORKDIR /src
            COPY --chown=web:web . .
            RUN echo "$GREETING, world" > out && mkdir sub && ln out sub/hard && ln -s ../out sub/soft \\
                # cleans up
                && rm notes.txt && chmod 2750 sub
            RUN rm -r old && mkdir old && echo new > old/new

            FROM tools
            ENV APP=/opt/app PATH=$PATH:/opt/app
            LABEL maintainer="ada lovelace"
            COPY --from=build /src /opt/app
            COPY --from=build --chmod=0755 /src/run.sh /src/keep/ $APP/bin/
            ADD release.bin run.sh /opt/release/
            USER web
            WORKDIR /work/own
            RUN echo mine >written
            USER root
            WORKDIR /work/here
            COPY --chown=web:web run.sh /work/here
            COPY --chown=web:web run.sh /made/for/web/
            RUN mkdir -p /data; echo "$PATH" > /data/path
            USER web
            WORKDIR /opt/app
            EXPOSE 80 53/udp
            VOLUME /data
            STOPSIGNAL SIGINT
            ENTRYPOINT ["/bin/busybox", "sh"]
            CMD ["-c", "cat out"]
            """;

    @TempDir
    private Path directory;

    /// For a peer that syncs every file that it copies.
    private Path inMemory = Path.of("");

    private RuntimeLab lab;
    private BuilderRig rig;

    @BeforeEach
    void open() throws Exception {
        inMemory = Files.createTempDirectory(Path.of("/dev/shm"), "peer");
        lab = RuntimeLab.open();
        rig = new BuilderRig(Files.createDirectory(directory.resolve("rig")), lab.runtime(), lab.snapshots());
        Path context = Files.createDirectory(directory.resolve("context"));
        Files.copy(Path.of("/bin/busybox"), context.resolve("busybox"));
        for (String each : List.of("etc", "old", "keep", "ignored")) {
            Files.createDirectory(context.resolve(each));
        }
        Files.writeString(context.resolve("etc/passwd"), "root:x:0:0::/:/bin/sh\nweb:x:1000:1001::/:/bin/sh\n");
        Files.writeString(context.resolve("etc/group"), "root:x:0:\nweb:x:1001:\n");
        Files.writeString(context.resolve("run.sh"), "#!/bin/sh\n");
        Files.writeString(context.resolve("notes.txt"), "notes");
        Files.writeString(context.resolve("old/old"), "old");
        Files.writeString(context.resolve("keep/this"), "this");
        Files.writeString(context.resolve("keep/that.tmp"), "that");
        Files.writeString(context.resolve("ignored/much"), "much");
        Files.writeString(context.resolve("ignored/little"), "little");
        Command.run("sh", "-c", """
                cd "$0"
                mkdir -m 750 dir && echo x >dir/file && ln dir/file dir/hard && ln -s dir/file soft && chmod 4711 dir/hard
                tar -cz --owner=7 --group=8 -f release.bin dir soft && rm -r dir soft
                """, context.toString());
        Files.writeString(
                context.resolve(".dockerignore"), "# not these\n**/*.tmp\nignored\n!ignored/little\nDockerfile\n");
        Files.writeString(context.resolve("Dockerfile"), DOCKERFILE);
    }

    @AfterEach
    void close() throws IOException {
        try {
            rig.close();
            TreeRemoval.remove(directory.resolve("peer"));
            TreeRemoval.remove(inMemory);
        } finally {
            lab.close();
        }
    }

    private Path context() {
        return directory.resolve("context");
    }

    /// Builds with buildah, and unpacks.
    private Path peer() throws IOException {
        Path peer = Files.createDirectory(directory.resolve("peer"));
        List<String> buildah = List.of(
                "buildah",
                "--root",
                peer.resolve("root").toString(),
                "--runroot",
                peer.resolve("run").toString(),
                "--storage-driver",
                "vfs");
        buildah(buildah, "bud", "--isolation", "chroot", "-t", "peer", context().toString());
        buildah(buildah, "push", "peer", "oci:" + peer.resolve("layout") + ":peer");
        Command.run(
                "umoci",
                "unpack",
                "--image",
                peer.resolve("layout") + ":peer",
                peer.resolve("bundle").toString());
        return peer;
    }

    private static void buildah(List<String> common, String... words) {
        List<String> all = new ArrayList<>(common);
        all.addAll(List.of(words));
        Command.run(all.toArray(String[]::new));
    }

    private static String listing(Path tree) {
        return Command.run(
                "sh",
                "-c",
                "cd \"$0\" && find . -mindepth 1 ! -path './proc*' ! -path './sys*' ! -path './dev*' ! -path './run*'"
                        + " ! -path ./etc/hosts ! -path ./etc/hostname ! -path ./etc/resolv.conf -printf '%P %y %m %U %G %n %l' "
                        + "\\( -type f -printf ' %s' -o -true \\) -printf '\\n'"
                        + " | sed 's/ d \\([0-9]*\\) \\([0-9]*\\) \\([0-9]*\\) [0-9]*/ d \\1 \\2 \\3/' | LC_ALL=C sort",
                tree.toString());
    }

    @Test
    @DisplayName("S24 S26 a Dockerfile makes the same tree and config here as with buildah")
    void a_dockerfile_makes_the_same_image_as_with_buildah() throws Exception {
        rig.built(
                "same",
                Dockerfile.stages(
                        DOCKERFILE,
                        new Dockerfile.Options(Map.of(), "", context().toString())));

        Path peer = peer();

        assertEquals(listing(peer.resolve("bundle/rootfs")), listing(rig.unpacked("same")));
        assertEquals(
                "hello, world\n", Files.readString(rig.unpackedBefore("same").resolve("opt/app/out")));
        JsonNode theirs =
                config(Command.run("skopeo", "inspect", "--config", "oci:" + peer.resolve("layout") + ":peer"));
        JsonNode ours = config(rig.inspected("same"));
        for (String field :
                List.of("Env", "User", "WorkingDir", "ExposedPorts", "Volumes", "StopSignal", "Entrypoint", "Cmd")) {
            assertEquals(theirs.get(field), ours.get(field), field);
        }
        assertEquals("ada lovelace", ours.at("/Labels/maintainer").asText());
    }

    @Test
    @DisplayName("S24 S52 what is built here, others unpack and mount to the same tree, and run")
    void what_is_built_here_is_the_same_image_for_others() throws Exception {
        LocalImage image = rig.built(
                        "same",
                        Dockerfile.stages(
                                DOCKERFILE,
                                new Dockerfile.Options(Map.of(), "", context().toString())))
                .image();
        String layout = "oci:" + rig.copied("same");
        Map<String, String> ours = mounted(image);

        assertEquals(ours, withoutRoot(TreeListing.of(rig.unpacked("same"))));
        String theirs = podman("pull -q " + layout);
        assertEquals(ours, withoutRoot(TreeListing.of(Path.of(podman("image mount " + theirs)))));
        assertEquals("hello, world", podman("run --rm --network none --log-driver none " + theirs));
        String buildah = "buildah --root %1$s/root --runroot %1$s/run --storage-driver vfs ".formatted(inMemory);
        Command.sh(buildah + "from --name ours " + layout);
        assertEquals("hello, world", Command.sh(buildah + "run --isolation chroot ours /bin/busybox cat out"));
    }

    /// The layers, stacked by overlayfs as for a container.
    private Map<String, String> mounted(LocalImage image) throws IOException {
        Path merged = Files.createDirectory(directory.resolve("merged"));
        String lowers = rig.snapshots().lowers(image.layers()).stream()
                .map(Path::toString)
                .collect(Collectors.joining(":"));
        Command.run("mount", "-t", "overlay", "overlay", "-o", "ro,lowerdir=" + lowers, merged.toString());
        try {
            return withoutRoot(TreeListing.of(merged));
        } finally {
            Command.run("umount", merged.toString());
        }
    }

    private static Map<String, String> withoutRoot(Map<String, String> files) {
        Map<String, String> rest = new TreeMap<>(files);
        rest.remove(".");
        return rest;
    }

    /// Without mounts of its own: its driver copies.
    private String podman(String words) throws IOException {
        Path peer = inMemory;
        Path conf = PodmanHost.configure(peer);
        return Command.run(
                        "unshare", "-m", "sh", "-c", PodmanHost.HIDE_UNIFIED + """
                        export CONTAINERS_CONF=%s
                        exec podman --root %s/root --runroot %s/run --storage-driver vfs --cgroup-manager cgroupfs %s
                        """.formatted(conf, peer, peer, words))
                .strip();
    }

    private static JsonNode config(String document) throws IOException {
        return JsonMapper.builder().build().readTree(document).get("config");
    }
}
