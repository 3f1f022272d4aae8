package dev.slipway.door.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.engine.image.ImagePusher;
import dev.slipway.engine.image.LocalImage;
import dev.slipway.engine.image.PullOutcome;
import dev.slipway.engine.image.PullProgress;
import dev.slipway.engine.image.PullRequest;
import dev.slipway.engine.image.PushOutcome;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.Command;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.registry.ImageLayout;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.repository.Serving;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The registry with other people's clients: skopeo, podman, buildah, and Debian's registry at the other end.
class RegistryPeersIT {
    @TempDir
    Path root;

    private RegistryRig rig;
    private ImageLayout layout;

    @BeforeEach
    void open() throws Exception {
        rig = RegistryRig.open(Files.createDirectory(root.resolve("engine")));
        Path tree = Files.createDirectory(root.resolve("tree"));
        byte[] noise = new byte[3 << 20];
        new Random(7).nextBytes(noise);
        Files.write(tree.resolve("noise"), noise);
        layout = new ImageLayout(root.resolve("layout")).image("v1").layer("v1", tree);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    @DisplayName("S53 what skopeo pushes here it pulls from here again, byte by byte")
    void what_skopeo_pushes_here_it_pulls_from_here_again_byte_by_byte() throws Exception {
        layout.push("v1", rig.host + "/acme/web:v1", "--preserve-digests");
        copy("docker://" + rig.host + "/acme/web:v1", "dir:" + root.resolve("back"));

        byte[] manifest = Files.readAllBytes(root.resolve("back/manifest.json"));
        assertEquals(
                Digest.sha256(manifest).value(),
                Command.run(
                                "skopeo",
                                "inspect",
                                "--tls-verify=false",
                                "--format",
                                "{{.Digest}}",
                                "docker://" + rig.host + "/acme/web:v1")
                        .strip());
        for (var layer : new ObjectMapper().readTree(manifest).path("layers")) {
            Digest digest = new Digest(layer.path("digest").asText());
            assertArrayEquals(
                    rig.content.read(digest, 8 << 20), Files.readAllBytes(root.resolve("back/" + digest.hex())));
        }
        assertEquals(List.of(), rig.partials());
    }

    @Test
    void a_pushed_image_becomes_present_without_asking_any_registry() throws Exception {
        layout.push("v1", rig.host + "/acme/web:v1");
        Reference name = Reference.parse(rig.host + "/acme/web:v1");
        rig.served.use(Map.of());

        PullOutcome outcome = rig.images.pull(new PullRequest(name), PullProgress.SILENT);

        PullOutcome.Pulled pulled = assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString);
        assertEquals(0, pulled.fetchedBytes());
        assertEquals(
                rig.repositories.find(name).orElseThrow().digest(),
                pulled.image().digest());
    }

    @Test
    @DisplayName("S53 an image that this host has pulled is pulled from here by others")
    void an_image_that_this_host_has_pulled_is_pulled_from_here_by_others() throws Exception {
        try (DockerRegistry upstream = new DockerRegistry(Files.createDirectory(root.resolve("upstream")), "")) {
            layout.push("v1", upstream.host() + "/acme/tool:v1");
            Reference name = Reference.parse(upstream.host() + "/acme/tool:v1");
            assertInstanceOf(PullOutcome.Pulled.class, rig.images.pull(new PullRequest(name), PullProgress.SILENT));
            Digest digest = rig.images.find(name).orElseThrow().digest();
            rig.images.name(Reference.parse("acme/tool:v1"), digest);
        }

        copy("docker://" + rig.host + "/acme/tool:v1", "dir:" + root.resolve("back"));

        Digest served = Digest.sha256(Files.readAllBytes(root.resolve("back/manifest.json")));
        assertEquals(
                rig.images.find(Reference.parse("acme/tool:v1")).orElseThrow().digest(), served);
    }

    @Test
    void what_this_host_has_under_a_path_can_be_pushed_to_the_repository_of_that_path() throws Exception {
        layout.push("v1", rig.host + "/other/tool:v1");
        Reference pushed = Reference.parse(rig.host + "/other/tool:v1");
        assertInstanceOf(PullOutcome.Pulled.class, rig.images.pull(new PullRequest(pushed), PullProgress.SILENT));
        Digest digest = rig.images.find(pushed).orElseThrow().digest();
        rig.images.name(Reference.parse("acme/tool:v1"), digest);

        copy(
                "docker://" + rig.host + "/acme/tool:v1",
                "docker://" + rig.host + "/acme/tool:v2",
                "--dest-tls-verify=false");

        Reference copied = Reference.parse(rig.host + "/acme/tool:v2");
        assertEquals(digest, rig.repositories.find(copied).orElseThrow().digest());
    }

    @Test
    @DisplayName("S54 repositories and S55 tags are listed for skopeo")
    void repositories_and_tags_are_listed_for_skopeo() {
        layout.push("v1", rig.host + "/acme/web:v1");
        layout.push("v1", rig.host + "/acme/web:v2");

        String listed = Command.run("skopeo", "list-tags", "--tls-verify=false", "docker://" + rig.host + "/acme/web");

        assertTrue(listed.contains("\"v1\"") && listed.contains("\"v2\""), listed);
    }

    @Test
    void a_user_of_skopeo_shows_a_password_and_nobody_else_gets_in() throws Exception {
        Serving.User user = new Serving.User("acme", "secret", List.of("*"), List.of("acme/*"));
        rig.serve(Serving.Access.TOKEN, List.of(user), List.of("acme/*"), true);

        layout.push("v1", rig.host + "/acme/web:v1", "--dest-creds", "acme:secret");
        copy("docker://" + rig.host + "/acme/web:v1", "dir:" + root.resolve("back"), "--src-creds", "acme:secret");
        AssertionError refused = assertThrows(
                AssertionError.class,
                () -> copy("docker://" + rig.host + "/acme/web:v1", "dir:" + root.resolve("none")));
        Command.run(
                "skopeo",
                "delete",
                "--tls-verify=false",
                "--creds",
                "acme:secret",
                "docker://" + rig.host + "/acme/web:v1");

        assertTrue(String.valueOf(refused.getMessage()).contains("unauthorized"), refused::getMessage);
        rig.pass(Duration.ofMinutes(61));
        rig.expire();
        assertEquals(Set.of(), rig.content.list());
    }

    /// What one of them pulled from here it pushes here again, and this host has it then as it was.
    @ParameterizedTest
    @ValueSource(strings = {"podman", "buildah"})
    @DisplayName("S52 S53 podman and buildah pull what is served, push it again, and take it from Debian's registry")
    void podman_and_buildah_pull_what_is_served_and_push_it_again(String program) throws Exception {
        Path storage = Files.createTempDirectory(Path.of("/tmp"), "slwp");
        String[] peer = {program, "--root", storage + "/root", "--runroot", storage + "/run", "--storage-driver", "vfs"
        };
        try (DockerRegistry debian = new DockerRegistry(Files.createDirectory(root.resolve("debian")), "")) {
            layout.push("v1", rig.host + "/acme/web:v1");
            run(peer, "pull", "-q", "--tls-verify=false", rig.host + "/acme/web:v1");
            run(peer, "push", "-q", "--tls-verify=false", rig.host + "/acme/web:v1", rig.host + "/acme/back:v2");
            PullOutcome outcome =
                    rig.images.pull(new PullRequest(Reference.parse(rig.host + "/acme/back:v2")), PullProgress.SILENT);
            LocalImage image = assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString)
                    .image();
            PushOutcome pushed = new ImagePusher(
                            new ImagePusher.Sources(rig.images, rig.content, rig.repositories),
                            rig.client,
                            Runnable::run)
                    .push(image, Reference.parse(debian.host() + "/acme/web:v3"), Keyring.EMPTY);
            assertEquals(
                    image.digest(),
                    assertInstanceOf(PushOutcome.Pushed.class, pushed, pushed::toString)
                            .digest());
            run(peer, "pull", "-q", "--tls-verify=false", debian.host() + "/acme/web:v3");

            PullOutcome first =
                    rig.images.pull(new PullRequest(Reference.parse(rig.host + "/acme/web:v1")), PullProgress.SILENT);
            assertEquals(
                    assertInstanceOf(PullOutcome.Pulled.class, first, first::toString)
                            .image()
                            .layers(),
                    image.layers());
        } finally {
            run(peer, "rmi", "-a", "-f");
            Command.run("rm", "-rf", "--one-file-system", storage.toString());
        }
    }

    @Test
    void an_index_for_several_platforms_is_kept_whole() throws Exception {
        layout.config("v1", "--architecture", "amd64");
        layout.push("v1", rig.host + "/acme/web:amd64");
        layout.config("v1", "--architecture", "arm64");
        layout.push("v1", rig.host + "/acme/web:arm64");
        Path storage = root.resolve("storage");
        String[] buildah = {
            "buildah", "--root", storage.toString(), "--runroot", storage + "-run", "--storage-driver", "vfs"
        };
        run(buildah, "manifest", "create", "web");
        run(buildah, "manifest", "add", "--tls-verify=false", "web", "docker://" + rig.host + "/acme/web:amd64");
        run(buildah, "manifest", "add", "--tls-verify=false", "web", "docker://" + rig.host + "/acme/web:arm64");

        run(
                buildah,
                "manifest",
                "push",
                "--all",
                "--tls-verify=false",
                "web",
                "docker://" + rig.host + "/acme/web:all");

        String raw = Command.run(
                "skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + rig.host + "/acme/web:all");
        assertEquals(
                Digest.sha256(raw.getBytes(UTF_8)),
                rig.repositories
                        .find(Reference.parse(rig.host + "/acme/web:all"))
                        .orElseThrow()
                        .digest());
        assertEquals(2, new ObjectMapper().readTree(raw).path("manifests").size());
        copy("docker://" + rig.host + "/acme/web:all", "dir:" + root.resolve("back"), "--all");
    }

    private static void run(String[] program, String... words) {
        String[] all = Arrays.copyOf(program, program.length + words.length);
        System.arraycopy(words, 0, all, program.length, words.length);
        Command.run(all);
    }

    private static void copy(String from, String to, String... options) {
        run(
                new String[] {"skopeo", "--insecure-policy", "copy", "-q", "--src-tls-verify=false"},
                Stream.concat(Arrays.stream(options), Stream.of(from, to)).toArray(String[]::new));
    }
}
