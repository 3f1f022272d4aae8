package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Tags that do not move by themselves, and the Container that runs what they point at.
@ExtendWith(SharedEngine.class)
class HeldTagsIT {
    private static final String TAG = "tag/held";
    private static final String CONTAINER = "container/held";

    @TempDir
    private Path folder = Path.of("");

    private final EngineProcess engine;

    HeldTagsIT(EngineProcess engine) {
        this.engine = engine;
    }

    @BeforeEach
    void nothing_is_left() {
        delete();
    }

    @AfterEach
    void delete() {
        engine.kubectl("delete", CONTAINER, TAG, "image/held", "--ignore-not-found", "--wait=true", "--timeout=30s")
                .orFail();
    }

    @Test
    void a_tag_that_wants_approval_moves_when_somebody_approves_and_says_who() {
        run("approval: Manual");

        engine.apply(image("two"));

        awaitHeld("AwaitingApproval");
        String second = engine.field("image/held", ".status.digest");
        assertEquals(second, engine.field(TAG, ".status.pendingDigest"));
        assertTrue(
                engine.kubectl("get", TAG)
                        .out()
                        .lines()
                        .anyMatch(line -> line.startsWith("held ") && line.contains(" True ")),
                "the table shows that there is an update");

        engine.kubectl("annotate", TAG, "slipway.dev/approve=sha256:" + "0".repeat(64))
                .orFail();
        engine.kubectl("annotate", TAG, "slipway.dev/other=x").orFail();
        assertRunsFirst();

        engine.kubectl("annotate", TAG, "slipway.dev/approve=" + second, "--overwrite")
                .orFail();

        awaitSecond(second);
        String cause = engine.field(TAG, ".status.history[0].cause");
        assertEquals("Image held, approved by admin (kubectl-annotate)", cause);
        assertEquals("", engine.field(TAG, ".status.pendingDigest"));

        engine.apply(image("three"));
        awaitHeld("AwaitingApproval");
        assertEquals(second, engine.field(TAG, ".status.digest"), "an approval is for one image");
    }

    @Test
    void a_tag_with_a_closed_window_moves_when_that_is_opened() {
        ZonedDateTime far = ZonedDateTime.now(ZoneOffset.UTC).plusMonths(6);
        run("window: {schedule: \"0 3 1 %d *\", duration: 1m}".formatted(far.getMonthValue()));

        engine.apply(image("two"));

        awaitHeld("OutsideWindow");
        String second = engine.field("image/held", ".status.digest");
        String words = condition("UpdateAvailable", "message");
        assertTrue(words.matches("the window opens at [0-9-]+-01T03:00:00Z"), words);
        assertRunsFirst();

        engine.kubectl(
                        "patch",
                        TAG,
                        "--type=merge",
                        "-p",
                        "{\"spec\":{\"window\":{\"schedule\":\"* * * * *\",\"duration\":\"1h\"}}}")
                .orFail();

        awaitSecond(second);
        assertEquals("Image held", engine.field(TAG, ".status.history[0].cause"));
    }

    @Test
    void who_says_a_digest_is_held_back_by_nothing() {
        run("approval: Manual\n  window: {schedule: \"0 3 29 2 *\", duration: 1m}");
        engine.apply(image("two"));
        awaitHeld("AwaitingApproval");
        String first = engine.field(TAG, ".status.digest");
        String second = engine.field("image/held", ".status.digest");

        engine.kubectl("annotate", TAG, "slipway.dev/approve=" + second).orFail();

        awaitHeld("OutsideWindow");
        assertEquals(first, engine.field(TAG, ".status.digest"), "an approval opens no window");

        engine.kubectl("patch", TAG, "--type=merge", "-p", "{\"spec\":{\"rollbackTo\":\"%s\"}}".formatted(second))
                .orFail();
        awaitSecond(second);
        assertEquals("spec.rollbackTo by admin (kubectl-patch)", engine.field(TAG, ".status.history[0].cause"));
    }

    @Test
    void an_approval_is_noted_as_that_of_the_user_of_the_certificate_whatever_he_says() throws Exception {
        run("approval: Manual");
        engine.apply(image("two"));
        awaitHeld("AwaitingApproval");
        String second = engine.field("image/held", ".status.digest");
        String berta = kubeconfig("berta");

        engine.kubectl(
                        "--kubeconfig=" + berta,
                        "annotate",
                        TAG,
                        "slipway.dev/approve=" + second,
                        "slipway.dev/approved-by=admin",
                        "--field-manager=release")
                .orFail();

        awaitSecond(second);
        assertEquals("Image held, approved by berta (release)", engine.field(TAG, ".status.history[0].cause"));
        engine.kubectl("annotate", TAG, "slipway.dev/approved-by=somebody", "--overwrite")
                .orFail();
        assertEquals("berta", engine.field(TAG, ".metadata.annotations.slipway\\.dev/approved-by"));
    }

    /// A kubeconfig of another administrator, whose certificate the engine's authority has signed.
    private String kubeconfig(String user) {
        String authority = engine.root().resolve("pki/ca.pem").toString();
        engine.shell(
                        folder,
                        "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem"
                                + " -subj /O=system:masters/CN=%s -out request.pem".formatted(user))
                .orFail();
        engine.shell(
                        folder,
                        "openssl x509 -req -in request.pem -CA %s -CAkey %s -days 1 -out user.pem"
                                .formatted(authority, authority))
                .orFail();
        engine.shell(folder, "cp %s kubeconfig".formatted(engine.root().resolve("kubeconfig")))
                .orFail();
        engine.shell(
                        folder,
                        "kubectl --kubeconfig=kubeconfig config set-credentials %s --embed-certs".formatted(user)
                                + " --client-certificate=user.pem --client-key=key.pem"
                                + " && kubectl --kubeconfig=kubeconfig config set-context --current --user=" + user)
                .orFail();
        return folder.resolve("kubeconfig").toString();
    }

    /// Brings the first image, the Tag and the Container up.
    ///
    /// @param gate what holds the Tag
    private void run(String gate) {
        engine.apply(image("one"));
        engine.awaitField("image/held", ".status.conditions[?(@.type==\"Ready\")].status", "True");
        engine.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Tag
                metadata: {name: held}
                spec:
                  repository: example/held
                  tag: "1"
                  target: {image: {name: held}}
                  %s
                ---
                apiVersion: slipway.dev/v1alpha1
                kind: Container
                metadata: {name: held}
                spec:
                  image: example/held:1
                  stop: {gracePeriodSeconds: 1}
                """.formatted(gate));
        engine.awaitField(CONTAINER, ".status.conditions[?(@.type==\"Ready\")].status", "True");
        assertRunsFirst();
        engine.awaitField(TAG, ".status.history[0].result", "Succeeded");
    }

    private void awaitHeld(String reason) {
        engine.await(TAG + " to be held: " + reason, () -> condition("UpdateAvailable", "reason")
                .equals(reason));
    }

    private void awaitSecond(String second) {
        engine.awaitField(TAG, ".status.digest", second);
        engine.awaitField(CONTAINER, ".status.image.digest", second);
        engine.await("the second to run", () -> version().equals("/two"));
        engine.awaitField(TAG, ".status.history[0].result", "Succeeded");
        assertEquals(second, engine.field(TAG, ".status.history[0].digest"));
    }

    private void assertRunsFirst() {
        assertEquals("/one", version());
    }

    private String version() {
        return engine.kubectl("exec", "held", "--", "/bin/busybox", "pwd").out().strip();
    }

    private String condition(String type, String field) {
        return engine.field(TAG, ".status.conditions[?(@.type==\"%s\")].%s".formatted(type, field));
    }

    private static String image(String version) {
        return """
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: held}
                spec: {source: {build: {imageName: toolbox, steps: [{config: {workingDir: /%s}}]}}}
                """.formatted(version);
    }
}
