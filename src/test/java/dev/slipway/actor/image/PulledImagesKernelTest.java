package dev.slipway.actor.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.actor.image.PodImages.Answer;
import dev.slipway.engine.image.PullPolicy;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.registry.HostileRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Images that come from a registry on loopback: for pods, and as declared.
class PulledImagesKernelTest {
    @TempDir
    private Path directory;

    private ImageRig rig;
    private HostileRegistry registry;

    @BeforeEach
    void open() throws Exception {
        registry = new HostileRegistry();
        rig = new ImageRig(Files.createDirectory(directory.resolve("rig")));
    }

    @AfterEach
    void close() throws Exception {
        rig.close();
        registry.close();
    }

    private String name(String rest) {
        return registry.host() + "/" + rest;
    }

    private void pod(String name, String image) throws Exception {
        rig.apply("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec: {containers: [{name: main, image: "%s"}]}
                """.formatted(name, image));
    }

    private void image(String name, String pull) throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: %s}
                spec: {source: {pull: {%s}}}
                """.formatted(name, pull));
    }

    private Digest present(String pod, PullPolicy policy, String... secrets) {
        return await(Answer.Present.class, pod, policy, secrets).image().digest();
    }

    private Answer.Failed failed(String pod, PullPolicy policy, String... secrets) {
        return await(Answer.Failed.class, pod, policy, secrets);
    }

    /// The first answer of that kind: the next one may be another.
    private <T extends Answer> T await(Class<T> kind, String pod, PullPolicy policy, String... secrets) {
        List<Answer> answers = new ArrayList<>();
        rig.await(
                kind + " for " + pod,
                () -> answers.add(rig.ask(pod, policy, secrets)) && kind.isInstance(answers.getLast()));
        return kind.cast(answers.getLast());
    }

    /// The object that shows an image which only pods name.
    private String implicit(String image) {
        return "images/" + ImageObjects.implicitName(ImageObjects.parse(image).orElseThrow());
    }

    @Test
    @DisplayName("S51 S60 a pod's image is pulled, and becomes an object by itself")
    void a_pods_image_becomes_an_object() throws Exception {
        Digest served = ServedImage.of(registry, "1.0", "one").digest();
        String image = name("team/app/web:1.0");
        pod("web", image);

        assertEquals(served, present("web", PullPolicy.IF_NOT_PRESENT));

        assertEquals(served, rig.ready(implicit(image)));
        assertEquals("true", rig.field(implicit(image), "/metadata/labels/slipway.dev~1implicit"));
        rig.await("the events", () -> rig.events("web").size() == 2);
        assertTrue(
                rig.events("web").get(0).startsWith("Pulled: Successfully pulled image \"" + image + "\" in "),
                rig.events("web").toString());
        assertEquals(
                "Pulling: Pulling image \"" + image + "\"", rig.events("web").get(1));
    }

    @Test
    void a_second_pod_finds_it_here_without_the_registry() throws Exception {
        ServedImage.of(registry, "1.0", "one");
        pod("first", name("web:1.0"));
        present("first", PullPolicy.IF_NOT_PRESENT);
        int asked = registry.seen(request -> true).size();
        pod("second", name("web:1.0"));

        Answer answer = rig.ask("second", PullPolicy.IF_NOT_PRESENT);

        assertFalse(assertInstanceOf(Answer.Present.class, answer).pulled());
        assertEquals(asked, registry.seen(request -> true).size());
        rig.await("the event", () -> rig.events("second")
                .equals(List.of("Pulled: Container image \"" + name("web:1.0") + "\" already present on machine")));
    }

    @Test
    void always_asks_what_the_tag_points_at_now() throws Exception {
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        pod("first", name("web"));
        assertEquals(one, present("first", PullPolicy.ALWAYS));
        Digest two = ServedImage.of(registry, "latest", "two").digest();
        pod("second", name("web"));

        assertEquals(two, present("second", PullPolicy.ALWAYS));

        assertEquals(one, present("first", PullPolicy.ALWAYS), "a pod keeps what it was told");
        rig.await("the object to follow", () -> rig.field(implicit(name("web")), "/status/digest")
                .equals(two.value()));
        assertTrue(rig.images.find(one).isPresent(), "the first pod may run from it");
    }

    @Test
    void two_pods_make_one_pull() throws Exception {
        ServedImage image = ServedImage.of(registry, "1.0", "one");
        CountDownLatch go = hold(image);
        pod("one", name("web:1.0"));
        pod("two", name("web:1.0"));
        assertInstanceOf(Answer.Pulling.class, rig.ask("one", PullPolicy.IF_NOT_PRESENT));
        assertInstanceOf(Answer.Pulling.class, rig.ask("two", PullPolicy.IF_NOT_PRESENT));
        go.countDown();

        present("one", PullPolicy.IF_NOT_PRESENT);
        present("two", PullPolicy.IF_NOT_PRESENT);

        assertEquals(1, registry.seen(image.layer().digest().value()).size());
    }

    /// Keeps the layer from coming until the latch opens.
    private CountDownLatch hold(ServedImage image) {
        CountDownLatch go = new CountDownLatch(1);
        registry.play(image.layer().digest().value(), Integer.MAX_VALUE, exchange -> await(go));
        return go;
    }

    private static boolean await(CountDownLatch go) throws IOException {
        try {
            if (!go.await(20, TimeUnit.SECONDS)) {
                throw new IOException("held too long");
            }
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Test
    void a_pull_is_shown_while_it_runs_and_ends_when_nobody_wants_it() throws Exception {
        ServedImage image = ServedImage.of(registry, "1.0", "one");
        CountDownLatch go = hold(image);
        pod("web", name("web:1.0"));
        rig.ask("web", PullPolicy.IF_NOT_PRESENT);
        String object = implicit(name("web:1.0"));
        rig.await(
                "the pull to be shown",
                () -> rig.field(object, "/status/progress/layersTotal").equals("1")
                        && rig.field(object, "/status/progress/phase").equals("Downloading"));

        rig.room().forget(rig.field("pods/web", "/metadata/uid"));

        rig.await(
                "the end to be shown",
                () -> rig.field(object, "/status/progress").isEmpty()
                        && rig.field(object, "/status/progress/phase").isEmpty()
                        && rig.condition(object, "Ready")
                                .equals("False NotFound not on this host; a pod that names it brings it"));
        go.countDown();
        assertTrue(rig.images.list().isEmpty());
    }

    @Test
    void a_missing_image_is_said_and_found_when_it_comes() throws Exception {
        pod("web", name("web:1.0"));

        Answer.Failed failed = failed("web", PullPolicy.IF_NOT_PRESENT);

        assertEquals("ErrImagePull", failed.reason());
        assertTrue(failed.message().contains("not found"), failed.message());
        rig.await(
                "the object to say it",
                () -> rig.get(implicit(name("web:1.0"))).isPresent()
                        && rig.condition(implicit(name("web:1.0")), "Ready").startsWith("False ErrImagePull pull "));
        assertTrue(rig.condition(implicit(name("web:1.0")), "Fetched").startsWith("False Failed pull "));
        assertEquals("False Failed ", rig.condition(implicit(name("web:1.0")), "Unpacked"));
        rig.await("the events", () -> rig.events("web").stream()
                .anyMatch(event -> event.startsWith("Failed: Failed to pull image \"" + name("web:1.0") + "\": pull")));
        Digest served = ServedImage.of(registry, "1.0", "one").digest();
        assertEquals(served, present("web", PullPolicy.IF_NOT_PRESENT));
    }

    @Test
    void an_image_that_must_not_be_pulled_is_found_when_somebody_else_brings_it() throws Exception {
        ServedImage.of(registry, "1.0", "one");
        pod("web", name("web:1.0"));
        Answer.Failed failed = failed("web", PullPolicy.NEVER);
        assertEquals("ErrImageNeverPull", failed.reason());
        assertEquals(
                "Container image \"" + name("web:1.0") + "\" is not present with pull policy of Never",
                failed.message());
        assertEquals(0, registry.seen(request -> true).size());

        image("web", "reference: \"" + name("web:1.0") + "\"");

        present("web", PullPolicy.NEVER);
    }

    @Test
    void a_name_that_is_none_is_refused() throws Exception {
        pod("web", "team/UPPER");

        assertEquals(
                "InvalidImageName", failed("web", PullPolicy.IF_NOT_PRESENT).reason());
    }

    @Test
    @DisplayName("S61 a pod pulls with the credentials of its own Secrets, and tries again at once when they change")
    void a_pod_pulls_with_its_own_secret() throws Exception {
        Digest served = ServedImage.of(registry, "1.0", "one").digest();
        registry.play(exchange -> refusedUnless(exchange, "ada", "engine"));
        pod("web", name("team/web:1.0"));
        assertTrue(failed("web", PullPolicy.ALWAYS, "pull").message().contains("access denied"));
        rig.await("the missing Secret to be told", () -> rig.events("web")
                .contains("FailedToRetrieveImagePullSecret: Secret default/pull: does not exist"));
        secret("pull", "ada", "wrong");
        assertTrue(failed("web", PullPolicy.ALWAYS, "pull").message().contains("access denied"));

        secret("pull", "ada", "engine");

        assertEquals(served, present("web", PullPolicy.ALWAYS, "pull"));
        assertEquals(served, rig.ready(implicit(name("team/web:1.0"))));
    }

    private static boolean refusedUnless(HttpExchange exchange, String user, String password) throws IOException {
        String expected = "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
        if (expected.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return false;
        }
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"here\"");
        return HostileRegistry.status(exchange, 401);
    }

    private void secret(String name, String user, String password) throws Exception {
        String config = "{\"auths\":{\"%s\":{\"username\":\"%s\",\"password\":\"%s\"}}}"
                .formatted(registry.host(), user, password);
        rig.apply("""
                apiVersion: v1
                kind: Secret
                metadata: {name: %s}
                type: kubernetes.io/dockerconfigjson
                data: {.dockerconfigjson: %s}
                """.formatted(name, Base64.getEncoder().encodeToString(config.getBytes(UTF_8))));
    }

    @Test
    void a_declared_image_is_pulled_with_its_secret_and_stays_what_it_is() throws Exception {
        Digest one = ServedImage.of(registry, "latest", "one").digest();
        registry.play(exchange -> refusedUnless(exchange, "ada", "engine"));
        secret("hub", "ada", "engine");
        image("web", "reference: \"" + name("web") + "\", secretRef: {name: hub}");
        assertEquals(one, rig.ready("images/web"));
        assertEquals("True Succeeded ", rig.condition("images/web", "Fetched"));
        assertEquals(
                "1",
                "" + rig.get("images/web").orElseThrow().status().path("layers").size());
        rig.await("the events", () -> rig.events("web").size() == 2);

        ServedImage.of(registry, "latest", "two");
        rig.stop();
        rig.start();
        image("other", "reference: \"" + name("web") + "\", secretRef: {name: hub}");

        assertEquals(one, rig.ready("images/other"));
        assertEquals(one, rig.ready("images/web"));
    }

    @Test
    void an_image_pulled_under_another_name_leaves_the_former_one() throws Exception {
        Digest one = ServedImage.of(registry, "1", "one").digest();
        Digest two = ServedImage.of(registry, "2", "two").digest();
        image("web", "reference: \"" + name("web:1") + "\"");
        assertEquals(one, rig.ready("images/web"));

        image("web", "reference: \"" + name("web:2") + "\"");

        assertEquals(two, rig.ready("images/web"));
        rig.await("the former image to go", () -> rig.images.find(one).isEmpty());
        assertEquals(1, rig.images.list().size());
    }

    @Test
    void a_registry_object_gives_mirrors_and_credentials_without_a_restart() throws Exception {
        Digest served = ServedImage.of(registry, "1.0", "one").digest();
        registry.play(exchange -> refusedUnless(exchange, "ada", "engine"));
        secret("mirror", "ada", "engine");
        pod("web", "hub.invalid/team/web:1.0");
        assertEquals("ErrImagePull", failed("web", PullPolicy.ALWAYS).reason());

        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: mirror}
                spec: {host: "%s", credentials: [{secretRef: {name: mirror}, repositories: ["team/*"]}]}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: hub}
                spec: {host: hub.invalid, mirrors: [{endpoint: "http://%s"}]}
                """.formatted(registry.host(), registry.host()));

        assertEquals(served, present("web", PullPolicy.ALWAYS));
        rig.await(
                "both to be ready",
                () -> rig.condition("registries/mirror", "Ready").startsWith("True")
                        && rig.field("registries/hub", "/status/reachable").equals("true"));
    }

    @Test
    void what_a_registry_still_gives_is_in_its_status() throws Exception {
        ServedImage.of(registry, "1.0", "one");
        AtomicInteger left = new AtomicInteger(100);
        registry.play(exchange -> {
            exchange.getResponseHeaders().set("RateLimit-Limit", "100;w=21600");
            exchange.getResponseHeaders().set("RateLimit-Remaining", left.get() + ";w=21600");
            return false;
        });
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: hub}
                spec: {host: "%s"}
                """.formatted(registry.host()));
        rig.await("the limit to be told", () -> rig.field("registries/hub", "/status/rateLimit/remaining")
                .equals("100"));
        left.set(76);
        pod("web", name("web:1.0"));
        present("web", PullPolicy.ALWAYS);

        rig.await("what is left", () -> rig.field("registries/hub", "/status/rateLimit/remaining")
                .equals("76"));
        assertEquals("100", rig.field("registries/hub", "/status/rateLimit/limit"));
        assertEquals("21600", rig.field("registries/hub", "/status/rateLimit/windowSeconds"));
    }

    @Test
    void a_registry_that_does_not_answer_or_lacks_its_secret_says_so() throws Exception {
        rig.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: nobody}
                spec: {host: "127.0.0.1:1"}
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: unknown}
                spec: {host: "%s", credentials: [{secretRef: {name: later}}]}
                """.formatted(registry.host()));
        rig.await("the silence to be told", () -> rig.condition("registries/nobody", "Ready")
                .startsWith("False RegistryUnavailable reach 127.0.0.1:1"));
        assertEquals("false", rig.field("registries/nobody", "/status/reachable"));
        rig.await("the missing Secret", () -> rig.condition("registries/unknown", "Ready")
                .equals("False InvalidSpec Secret default/later: does not exist"));

        secret("later", "ada", "engine");

        rig.await("the Secret to be seen", () -> rig.condition("registries/unknown", "Ready")
                .startsWith("True"));
    }
}
