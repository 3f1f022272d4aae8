package dev.slipway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.EngineProcess.Ran;
import dev.slipway.engine.oci.Reference;
import dev.slipway.engine.registry.DockerRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RegistryClient;
import dev.slipway.engine.registry.RegistrySettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Images that are pushed by hand, to a registry of another make.
@ExtendWith(SharedEngine.class)
class PushedImageIT {
    @TempDir
    Path root;

    @Test
    void an_image_is_pushed_by_hand_as_a_tag_pushes_it(EngineProcess engine) throws Exception {
        try (DockerRegistry registry = new DockerRegistry(root, "");
                RegistryClient client = new RegistryClient(RegistrySettings.STANDARD)) {
            String there = registry.host() + "/tools/box:1";

            Ran pushed = engine.slipway("image", "push", "toolbox", there).orFail();

            String digest =
                    client.resolve(Reference.parse(there), Keyring.EMPTY).value();
            assertEquals(there + "@" + digest, pushed.out().strip());
            assertTrue(pushed.err().matches("(?s)pushing [0-9]+ blobs, [0-9.]+ [KM]iB\n.*, sent\n.*"), pushed.err());
            Ran again = engine.slipway("image", "push", "docker.io/library/toolbox", there, "--quiet")
                    .orFail();
            assertEquals(pushed.out(), again.out(), "by its name as well as by its object");
            assertEquals("", again.err());
            engine.apply("""
                    apiVersion: slipway.dev/v1alpha1
                    kind: Registry
                    metadata: {name: pushed-to}
                    spec: {host: "%s"}
                    ---
                    apiVersion: slipway.dev/v1alpha1
                    kind: Tag
                    metadata: {name: pushed}
                    spec:
                      repository: tools/box
                      tag: declared
                      target: {image: {name: toolbox}}
                      push: [{registry: pushed-to}]
                    """.formatted(registry.host()));
            engine.awaitField("tag/pushed", ".status.pushes[0].digest", digest);
        } finally {
            engine.kubectl("delete", "tag/pushed", "registry/pushed-to", "--ignore-not-found");
        }
    }

    @Test
    void what_cannot_be_pushed_says_why_and_fails(EngineProcess engine) throws Exception {
        Path passwords = Files.writeString(
                root.resolve("htpasswd"), "anna:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n");
        String auth = "auth:\n  htpasswd: {realm: test, path: " + passwords + "}";
        try (DockerRegistry registry = new DockerRegistry(root, auth)) {
            String there = registry.host() + "/tools/box:1";

            Ran denied = engine.slipway("image", "push", "toolbox", there);

            assertEquals(1, denied.code(), denied.text());
            assertEquals("", denied.out());
            assertTrue(denied.err().contains("slipway: push " + there), denied.err());
            assertTrue(denied.err().contains("access denied"), denied.err());
            Ran missing = engine.slipway("image", "push", "nobody-has-it", there);
            assertEquals(1, missing.code());
            assertTrue(missing.err().contains("image \"nobody-has-it\" is not on this host"), missing.err());
            Ran nowhere = engine.slipway("image", "push", "toolbox", "tools/BOX");
            assertEquals(1, nowhere.code());
            assertTrue(nowhere.err().contains("not where an image can be pushed"), nowhere.err());
            assertEquals(2, engine.slipway("image", "push", "toolbox").code());

            String login = Base64.getEncoder()
                    .encodeToString("{\"auths\":{\"%s\":{\"username\":\"anna\",\"password\":\"secret\"}}}"
                            .formatted(registry.host())
                            .getBytes(UTF_8));
            engine.apply("""
                    apiVersion: v1
                    kind: Secret
                    metadata: {name: push-login, namespace: default}
                    type: kubernetes.io/dockerconfigjson
                    data: {.dockerconfigjson: %s}
                    ---
                    apiVersion: slipway.dev/v1alpha1
                    kind: Registry
                    metadata: {name: locked}
                    spec: {host: "%s", credentials: [{secretRef: {name: push-login, namespace: default}}]}
                    """.formatted(login, registry.host()));
            engine.await(
                    "the credentials to be shown",
                    () -> engine.slipway("image", "push", "toolbox", there).code() == 0);
        } finally {
            engine.kubectl("delete", "registry/locked", "secret/push-login", "--ignore-not-found");
        }
    }
}
