package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What an image says about running it, and what a manifest overrides.
@ExtendWith(SharedEngine.class)
class ImageParametersIT {
    private static final String STAY = "; exec /bin/busybox sleep 600";

    @Test
    @DisplayName("S14 S20 a container with only an image runs the image's command")
    void only_an_image_is_enough(EngineProcess engine) throws IOException {
        Sample sample = Sample.container("plain", "").in(engine).running(engine);

        assertEquals(
                "/bin/busybox\0sleep\0003600\0", Files.readString(Path.of("/proc/" + sample.pid(engine) + "/cmdline")));
        sample.delete(engine);
    }

    @Test
    @DisplayName("S17 the image's environment is there, and the manifest overrides it")
    void the_manifest_overrides_the_images_environment(EngineProcess engine) {
        Sample sample = Sample.container("environment", "/bin/busybox env; echo end" + STAY)
                .with("env: [{name: BOTH, value: manifest}, {name: GREETING, value: \"hello $(BOTH)\"}]")
                .in(engine);
        sample.wrote(engine, "\nend\n");

        List<String> lines = sample.logs(engine).lines().toList();

        assertTrue(
                lines.containsAll(List.of("FROM_IMAGE=yes", "BOTH=manifest", "GREETING=hello manifest")),
                lines.toString());
        sample.delete(engine);
    }

    @Test
    @DisplayName("S18 the image's user, by name, with its supplementary groups; runAsUser overrides it")
    void the_images_user_is_the_process_user(EngineProcess engine) {
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: adas}
                spec:
                  source:
                    build:
                      imageName: toolbox
                      steps: [{config: {user: ada, workingDir: /home/ada, volumes: [/data]}}]
                """);
        String script = "/bin/busybox id; /bin/busybox pwd; echo home $HOME" + STAY;
        Sample image = Sample.container("ada", script);
        engine.apply(image.yaml().replace("name: toolbox", "name: adas"));
        Sample manifest = Sample.container("uid", script).with("securityContext: {runAsUser: 4711}");
        engine.apply(manifest.yaml().replace("name: toolbox", "name: adas"));
        image.wrote(engine, "home /");
        manifest.wrote(engine, "home /");

        assertTrue(
                image.logs(engine).contains("uid=1000(ada) gid=1001(ada) groups=1001(ada),2000(maths)"),
                image.logs(engine));
        assertTrue(image.logs(engine).contains("/home/ada\nhome /home/ada"), image.logs(engine));
        assertTrue(manifest.logs(engine).contains("uid=4711"), manifest.logs(engine));
        image.delete(engine);
        manifest.delete(engine);
    }

    @Test
    @DisplayName("S19 a path that the image declares is a volume, filled from the image, and survives restarts")
    void a_declared_path_is_a_volume(EngineProcess engine) {
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: withvolume}
                spec: {source: {build: {imageName: toolbox, steps: [{config: {volumes: [/data]}}]}}}
                """);
        String script = "echo run >> /data/runs; /bin/busybox cat /data/seed.txt; echo runs "
                + "$(/bin/busybox wc -l < /data/runs) $(/bin/busybox grep -c ' /data ' /proc/self/mountinfo)" + STAY;
        Sample sample = Sample.container("anonymous", script);
        engine.apply(sample.yaml().replace("name: toolbox", "name: withvolume"));
        sample.wrote(engine, "from the image\nruns 1 1");
        sample.running(engine);
        String volume = engine.field(sample.object(), ".status.anonymousVolumes[0].volumeName");
        assertEquals("anonymous", engine.field("volume/" + volume, ".status.origin.name"));

        EngineProcess.Ran.run(new ProcessBuilder("kill", "-9", Long.toString(sample.pid(engine))), "")
                .orFail();

        sample.wrote(engine, "runs 2 1");
        sample.delete(engine);
        engine.await(
                "the volume to go with its owner",
                () -> engine.kubectl("get", "volume/" + volume).err().contains("NotFound"));
    }

    @Test
    @DisplayName("S15 S22 many containers share the image's layers, each has its own upper layer")
    void containers_share_the_images_layers(EngineProcess engine) throws IOException {
        Sample one = Sample.container("share1", "").in(engine).running(engine);
        Sample two = Sample.container("share2", "").in(engine).running(engine);

        String lowers = option(overlay(one.pid(engine)), "lowerdir");
        one.touch(engine, "/only-here");

        assertEquals(1 + 4, lowers.split(":").length, "one lower directory a layer, and what is mounted on: " + lowers);
        assertEquals(inode(one.pid(engine)), inode(two.pid(engine)), "the program is one file of one layer");
        assertTrue(Files.exists(root(one.pid(engine)).resolve("only-here")));
        assertFalse(Files.exists(root(two.pid(engine)).resolve("only-here")));
        one.delete(engine);
        two.delete(engine);
    }

    @Test
    @DisplayName("S20 entrypoint, arguments, stop signal, ports, labels and health check are the image's, and hold")
    void what_an_image_says_of_its_program_holds(EngineProcess engine) {
        engine.apply(
                """
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: program}
                spec:
                  source:
                    build:
                      imageName: toolbox
                      steps:
                      - config:
                          entrypoint: [/bin/busybox, sh, -c, "%s"]
                          cmd: [one, two]
                          stopSignal: SIGUSR1
                          exposedPorts: [8080/tcp]
                          labels: {team: blue}
                          healthcheck: {test: [CMD, /bin/busybox, "true"], interval: 1h, retries: 2}
                """.formatted(
                                "trap 'echo told; exit 9' USR1; echo with $0 ${1:-alone}; while true; do /bin/busybox sleep 0.1; done"));
        Sample image = Sample.container("program", "", "program").in(engine);
        Sample manifest = Sample.container("arguments", "", "program")
                .with("args: [three]")
                .in(engine);
        image.wrote(engine, "with one two");
        manifest.wrote(engine, "with three alone");

        JsonNode config = json(engine.field("image/program", ".status.config"));
        assertEquals("sh", config.at("/entrypoint/1").asText());
        assertEquals("[\"one\",\"two\"]", config.path("cmd").toString());
        assertEquals("SIGUSR1", config.path("stopSignal").asText());
        assertEquals("[\"8080/tcp\"]", config.path("exposedPorts").toString());
        assertEquals("{\"team\":\"blue\"}", config.path("labels").toString());
        assertEquals(
                "[\"CMD\",\"/bin/busybox\",\"true\"]",
                config.at("/healthcheck/test").toString());
        JsonNode seen = json(EngineProcess.Ran.run(
                        new ProcessBuilder(
                                "skopeo",
                                "inspect",
                                "--config",
                                "--raw",
                                "oci:" + engine.root().resolve("content") + ":docker.io/library/program:latest"),
                        "")
                .orFail()
                .out());
        assertEquals("/bin/busybox", seen.at("/config/Entrypoint/0").asText());
        assertEquals("SIGUSR1", seen.at("/config/StopSignal").asText());
        assertEquals(2, seen.at("/config/Healthcheck/Retries").asInt());
        engine.kubectl("patch", image.object(), "--type=merge", "-p", "{\"spec\":{\"desiredState\":\"Stopped\"}}")
                .orFail();
        image.wrote(engine, "told");
        engine.awaitField(image.object(), ".status.exitCode", "9");
        image.delete(engine);
        manifest.delete(engine);
        engine.kubectl("delete", "image/program").orFail();
    }

    private static JsonNode json(String text) {
        try {
            return JsonMapper.builder().build().readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError(text, e);
        }
    }

    private static Path root(long pid) {
        return Path.of("/proc/" + pid + "/root");
    }

    private static Object inode(long pid) throws IOException {
        return Files.getAttribute(root(pid).resolve("bin/busybox"), "unix:ino");
    }

    private static String overlay(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/mountinfo")).stream()
                .filter(line -> line.contains(" / / "))
                .findFirst()
                .orElseThrow();
    }

    private static String option(String mount, String name) {
        return mount.replaceFirst(".*[ ,]" + name + "=([^, ]*).*", "$1");
    }
}
