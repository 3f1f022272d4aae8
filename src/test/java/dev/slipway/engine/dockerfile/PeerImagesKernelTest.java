package dev.slipway.engine.dockerfile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.PodmanHost;
import dev.slipway.engine.build.BuilderRig;
import dev.slipway.engine.id.PodUid;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.linux.TreeRemoval;
import dev.slipway.engine.oci.Healthcheck;
import dev.slipway.engine.oci.MediaType;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.runtime.Requests;
import dev.slipway.engine.runtime.RuntimeLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What buildah builds and podman commits comes through Debian's registry, and runs here as it does with podman.
class PeerImagesKernelTest {
    private static final String BASE = """
            FROM scratch
            COPY busybox /bin/busybox
            RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && /bin/busybox sh /bin/files"]
            """;

    /// Deletes files and directories of the layers below, and puts a directory in the place of one.
    private static final String DOCKERFILE = """
            FROM base
            RUN rm -r /gone /removed /replaced && mkdir /replaced && echo new >/replaced/new && ln -s /replaced /srv/link
            ENV GREETING="hello world" PATH=/bin
            WORKDIR /srv
            USER web
            VOLUME /data
            STOPSIGNAL SIGINT
            EXPOSE 80
            HEALTHCHECK --interval=7s --retries=2 CMD true
            ENTRYPOINT ["/bin/sh", "-c", "%s"]
            CMD ["arg zero", "one two"]
            """;

    /// All that a process sees of its image.
    private static final String REPORT =
            "id; pwd; env | sort; cd /; ls -nR srv replaced data gone removed etc/passwd 2>&1; cat data/kept;"
                    + " echo $0 $@; touch srv/written; ls srv";

    private static final String FILES = """
            mkdir -p /etc /gone/deep /replaced /data /srv
            echo web:x:1000:1001::/srv:/bin/sh >/etc/passwd
            printf 'web:x:1001:\\nextra:x:2000:web\\n' >/etc/group
            echo old >/replaced/old; echo kept >/data/kept; touch /gone/deep/file /removed
            chown -R 1000:1001 /srv /data
            """;

    @TempDir
    private Path directory;

    /// For peers that sync every file that they copy.
    private Path peer = Path.of("");

    private RuntimeLab lab;
    private BuilderRig rig;

    @BeforeEach
    void open() throws Exception {
        peer = Files.createTempDirectory(Path.of("/dev/shm"), "peer");
        lab = RuntimeLab.open();
        rig = new BuilderRig(Files.createDirectory(directory.resolve("rig")), lab.runtime(), lab.snapshots());
        Path context = Files.createDirectory(directory.resolve("context"));
        Files.copy(Path.of("/bin/busybox"), context.resolve("busybox"));
        Files.writeString(context.resolve("files"), FILES);
    }

    @AfterEach
    void close() throws IOException {
        try {
            rig.close();
            TreeRemoval.remove(peer);
        } finally {
            lab.close();
        }
    }

    private void buildah(String words) {
        Command.run(
                "sh",
                "-c",
                "cd %s && exec buildah --root %s/root --runroot %s/run --storage-driver vfs %s"
                        .formatted(directory, peer, peer, words));
    }

    private String podman(String words) throws IOException {
        Path conf = PodmanHost.configure(peer);
        return Command.run(
                "unshare", "-m", "sh", "-c", PodmanHost.HIDE_UNIFIED + """
                export CONTAINERS_CONF=%s
                exec podman --root %s/root --runroot %s/run --storage-driver vfs --cgroup-manager cgroupfs %s
                """.formatted(conf, peer, peer, words));
    }

    private LocalImage pulled(String name) throws Exception {
        PullOutcome outcome = rig.images().pull(new PullRequest(Reference.parse(name)), PullProgress.SILENT);
        return assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString)
                .image();
    }

    /// What its own program says here.
    private String run(LocalImage image, String pod) throws Exception {
        PodUid uid = new PodUid(pod);
        lab.sandbox(Requests.sandbox(uid));
        String said = lab.output(Requests.container(uid, "main", 0, image, List.of()));
        lab.runtime().removePod(uid);
        return ofImage(said);
    }

    /// Without what each engine adds of its own.
    private static String ofImage(String said) {
        return said.lines()
                .map(String::strip)
                .filter(line -> !line.matches("(container|HOSTNAME|TERM|SHLVL|OLDPWD)=.*"))
                .collect(Collectors.joining("\n"));
    }

    @Test
    @DisplayName("S52 what buildah builds and podman commits, in both formats, is pulled and runs here as there")
    void what_others_build_runs_here_as_there() throws Exception {
        Files.writeString(directory.resolve("Base"), BASE.replace("COPY busybox /bin/busybox", "COPY . /bin/"));
        Files.writeString(directory.resolve("Top"), DOCKERFILE.formatted(REPORT));
        // What one registry has is not packed anew for it.
        try (DockerRegistry registry = new DockerRegistry(Files.createDirectory(directory.resolve("registry")), "");
                DockerRegistry other = new DockerRegistry(Files.createDirectory(directory.resolve("other")), "")) {
            String repository = registry.host() + "/acme/peer";
            buildah("bud -q --isolation chroot --layers -f Base -t base context");
            buildah("bud -q --isolation chroot --format docker -f Top -t peer context");
            buildah("push -q --tls-verify=false peer docker://" + repository + ":docker");
            buildah("push -q --tls-verify=false --format oci --compression-format zstd peer docker://%s/acme/peer:oci"
                    .formatted(other.host()));
            String there = ofImage(podman("run --name ran --network none --no-healthcheck localhost/peer"));
            podman("commit -q --format oci --change ENV=MORE=more ran committed");
            podman("push -q --tls-verify=false committed docker://" + repository + ":committed");

            LocalImage docker = pulled(repository + ":docker");
            LocalImage oci = pulled(other.host() + "/acme/peer:oci");
            LocalImage committed = pulled(repository + ":committed");

            assertEquals(there, run(docker, "docker"));
            assertEquals(there, run(oci, "oci"));
            List<String> again = run(committed, "committed").lines().toList();
            List<String> once =
                    there.lines().filter(line -> !line.startsWith("total")).toList();
            assertTrue(again.containsAll(once) && again.contains("MORE=more"), again::toString);
            assertEquals(
                    List.of(MediaType.DOCKER_LAYER_GZIP, MediaType.OCI_LAYER_ZSTD),
                    List.of(topmost(docker), topmost(oci)));
            assertEquals(
                    new Healthcheck(
                            List.of("CMD-SHELL", "true"),
                            Duration.ofSeconds(7),
                            Duration.ZERO,
                            Duration.ZERO,
                            Duration.ZERO,
                            2),
                    docker.config().parameters().healthcheck());
            assertEquals(Set.of("/data"), oci.config().parameters().volumes());
            assertEquals("SIGINT", committed.config().parameters().stopSignal());
        }
    }

    private static MediaType topmost(LocalImage image) {
        return image.manifest().layers().getLast().mediaType();
    }
}
