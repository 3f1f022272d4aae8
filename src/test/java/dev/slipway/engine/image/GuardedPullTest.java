package dev.slipway.engine.image;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import dev.slipway.engine.oci.Digest;
import dev.slipway.engine.oci.Platform;
import dev.slipway.engine.registry.Credentials;
import dev.slipway.engine.registry.HostileRegistry;
import dev.slipway.engine.registry.Keyring;
import dev.slipway.engine.registry.RepositoryPattern;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is remembered of images that came with credentials.
class GuardedPullTest {
    private static final TestImage IMAGE = TestImage.of("base", "app");

    @TempDir
    Path root;

    private ImagesRig rig;

    @BeforeEach
    void serve() throws IOException {
        rig = new ImagesRig(root);
        IMAGE.serve(rig.registry, "v1");
        rig.registry.play(GuardedPullTest::refuseStrangers);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    /// What has to do with secrets is for those with a password.
    private static boolean refuseStrangers(HttpExchange exchange) throws IOException {
        boolean open = !exchange.getRequestURI().getPath().contains("/secret/")
                || exchange.getRequestHeaders().containsKey("Authorization");
        if (!open) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test\"");
            HostileRegistry.status(exchange, 401);
        }
        return !open;
    }

    private LocalImage pulled(String path, String tag) {
        Keyring keyring = new Keyring(List.of(
                new Keyring.Key(RepositoryPattern.parse(rig.registry.host()), new Credentials("anna", "secret"))));
        PullOutcome outcome = rig.images.pull(
                new PullRequest(rig.reference(path, tag), Platform.host(), keyring, PullPolicy.IF_NOT_PRESENT),
                PullProgress.SILENT);
        return assertInstanceOf(PullOutcome.Pulled.class, outcome, outcome::toString)
                .image();
    }

    @Test
    void an_image_that_came_with_credentials_is_guarded_also_after_a_start() throws IOException {
        Digest digest = pulled("secret/web", "v1").digest();

        assertTrue(rig.images.find(digest).orElseThrow().guarded());
        assertTrue(rig.restarted().find(digest).orElseThrow().guarded());
        assertTrue(rig.restarted().find(rig.reference("secret/web", "v1")).isPresent());
    }

    @Test
    void credentials_that_nobody_wanted_to_see_guard_nothing() throws IOException {
        Digest digest = pulled("web", "v1").digest();

        assertFalse(rig.images.find(digest).orElseThrow().guarded());
        assertFalse(rig.restarted().find(digest).orElseThrow().guarded());
    }

    @Test
    void what_comes_without_credentials_as_well_is_no_secret() throws IOException {
        Digest digest = pulled("secret/web", "v1").digest();

        pulled("web", "v1");

        assertFalse(rig.images.find(digest).orElseThrow().guarded());
        pulled("secret/other", "v1");
        assertFalse(rig.restarted().find(digest).orElseThrow().guarded());
    }

    @Test
    void an_image_that_is_built_on_a_guarded_one_is_guarded() throws IOException {
        pulled("secret/web", "v1");

        assertTrue(built("own").guarded());
        pulled("web", "v1");
        assertFalse(built("other").guarded());
    }

    @Test
    void an_image_that_files_of_a_guarded_one_were_copied_to_is_guarded() throws IOException {
        LocalImage secret = pulled("secret/web", "v1");
        LocalImage copied = rig.made(TestImage.of("copied"), "copied", secret);

        assertTrue(copied.guarded());
        assertTrue(rig.made(TestImage.of("copied", "more"), "more").guarded(), "it stands on the copied files");
        assertFalse(rig.made(TestImage.of("other"), "other").guarded());
        assertTrue(rig.restarted().find(copied.digest()).orElseThrow().guarded());
    }

    /// The image with a layer more.
    private LocalImage built(String text) throws IOException {
        return rig.made(TestImage.of("base", "app", text), text);
    }
}
