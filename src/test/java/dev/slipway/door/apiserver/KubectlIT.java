package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/// The real kubectl, the installed one and a newer one, against the API alone: nothing reconciles here.
@ParameterizedClass
@EnumSource
class KubectlIT {
    enum Version {
        INSTALLED,
        NEWER
    }

    private static final String CONFIG = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: settings, labels: {app: web}}
            data: {colour: red}
            """;
    private static final String POD = """
            apiVersion: v1
            kind: Pod
            metadata: {name: web, labels: {app: web}}
            spec:
              containers:
              - {name: main, image: nginx, ports: [{containerPort: 80}]}
              - {name: side, image: busybox, command: [sleep, "1000"]}
            """;

    @Parameter
    Version version;

    @TempDir
    Path root;

    private RunningApi api;
    private Kubectl kubectl;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        api = RunningApi.start(root);
        Path binary = version == Version.INSTALLED ? Kubectl.installed() : Kubectl.newer();
        kubectl = new Kubectl(binary, api.kubeconfig(), Files.createDirectory(root.resolve("home")));
        kubectl.run("create", "namespace", "default").succeeds();
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    @DisplayName("S10 S13 kubectl lists the kinds and explains their fields")
    void kinds_are_listed_and_explained() {
        kubectl.run("api-resources").succeeds().prints("slipway.dev/v1alpha1").prints("configmaps");
        kubectl.run("api-versions").succeeds().prints("slipway.dev/v1alpha1");
        kubectl.run("explain", "pod.spec.containers.ports.containerPort")
                .succeeds()
                .prints("<integer>");
        kubectl.run("explain", "pod").succeeds().prints("One or more containers that run together");
        kubectl.run("explain", "container.status.phase").succeeds().prints("CrashLoop");
        kubectl.run("explain", "container.spec.desiredState").succeeds().prints("Paused");
        kubectl.run("version").succeeds().prints("+slipway.");
    }

    @Test
    void what_was_got_as_a_list_is_applied_again() {
        kubectl.stdin(CONFIG + "---\n" + CONFIG.replace("settings", "more"), "apply", "-f", "-")
                .succeeds();
        String list =
                kubectl.run("get", "configmaps", "-l", "app=web", "-o", "yaml").out();
        kubectl.run("delete", "configmap", "settings", "more").succeeds();

        kubectl.stdin(list, "apply", "-f", "-").succeeds().prints("configmap/settings created");

        kubectl.run("get", "configmap", "more").succeeds();
        kubectl.stdin(list.replace("colour: red", "colour: [red]"), "apply", "-f", "-")
                .fails("cannot unmarshal");
    }

    @Test
    @DisplayName("S10 kubectl deletes a namespace with everything in it, and owners with what they own")
    void what_belongs_to_what_is_gone_goes_too() {
        kubectl.run("create", "namespace", "shop").succeeds();
        kubectl.run("create", "configmap", "conf", "-n", "shop").succeeds();
        kubectl.run("delete", "namespace", "shop", "--timeout=20s").succeeds();
        kubectl.run("get", "configmap", "conf", "-n", "shop").fails("not found");
        kubectl.run("delete", "namespace", "default").fails("this namespace may not be deleted");

        kubectl.run("create", "configmap", "owner").succeeds();
        String uid = kubectl.run("get", "configmap", "owner", "-o", "jsonpath={.metadata.uid}")
                .out();
        String owned = """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: owned
                  ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: owner, uid: %s, blockOwnerDeletion: true}]
                """;
        kubectl.stdin(owned.formatted(uid), "create", "-f", "-").succeeds();
        kubectl.run("delete", "configmap", "owner", "--cascade=foreground", "--timeout=20s")
                .succeeds();
        kubectl.run("get", "configmap", "owned").fails("not found");
    }

    @Test
    @DisplayName("S10 kubectl applies, shows and deletes objects")
    void objects_are_applied_shown_and_deleted() {
        kubectl.stdin(POD, "apply", "-f", "-").succeeds().prints("pod/web created");
        kubectl.stdin(POD, "apply", "-f", "-").succeeds().prints("pod/web unchanged");
        kubectl.stdin(POD.replace("app: web", "app: shop"), "apply", "-f", "-")
                .succeeds()
                .prints("pod/web configured");

        kubectl.run("get", "pods").succeeds().prints("READY").prints("0/2");
        kubectl.run("get", "pods", "-o", "wide").succeeds().prints("NODE");
        kubectl.run("get", "po", "web", "-o", "json").succeeds().prints("\"restartPolicy\": \"Always\"");
        kubectl.run("get", "pod/web", "-o", "yaml").succeeds().prints("terminationGracePeriodSeconds: 30");
        kubectl.run("get", "all").succeeds().prints("pod/web");
        kubectl.run("get", "pods", "-A", "--show-labels").succeeds().prints("app=shop");
        kubectl.run("get", "pods", "-l", "app in (shop)", "-o", "name")
                .succeeds()
                .prints("pod/web");
        kubectl.run("get", "pods", "--field-selector", "status.phase=Running")
                .succeeds()
                .warns("No resources found");
        kubectl.run("describe", "pod", "web").succeeds().prints("80/TCP");

        kubectl.run("delete", "pod", "web", "--grace-period=0", "--force").succeeds();
        kubectl.run("get", "pod", "web").fails("pods \"web\" not found");
    }

    @Test
    void every_kind_of_patch_changes_an_object() {
        kubectl.stdin(POD, "create", "-f", "-").succeeds();

        kubectl.run("patch", "pod", "web", "-p", "{\"spec\":{\"containers\":[{\"name\":\"side\",\"image\":\"b:2\"}]}}")
                .succeeds();
        kubectl.run("patch", "pod", "web", "--type=merge", "-p", "{\"metadata\":{\"labels\":{\"m\":\"1\"}}}")
                .succeeds();
        kubectl.run(
                        "patch",
                        "pod",
                        "web",
                        "--type=json",
                        "-p",
                        "[{\"op\":\"test\",\"path\":\"/metadata/labels/m\",\"value\":\"1\"},"
                                + "{\"op\":\"add\",\"path\":\"/metadata/labels/j\",\"value\":\"2\"}]")
                .succeeds();
        kubectl.run("label", "pod", "web", "l=3").succeeds();
        kubectl.run("annotate", "pod", "web", "a=4").succeeds();

        kubectl.run(
                        "get",
                        "pod",
                        "web",
                        "-o",
                        "jsonpath={.spec.containers[*].image} {.metadata.labels.m}"
                                + "{.metadata.labels.j}{.metadata.labels.l}{.metadata.annotations.a}")
                .succeeds()
                .prints("nginx b:2 1234");
    }

    @Test
    void server_side_apply_owns_fields_and_names_conflicts() {
        kubectl.stdin(CONFIG, "apply", "--server-side", "-f", "-").succeeds().prints("serverside-applied");
        String other = CONFIG.replace("red", "blue");

        kubectl.stdin(other, "apply", "--server-side", "--field-manager=other", "-f", "-")
                .fails("conflict with \"kubectl\": .data.colour");
        kubectl.stdin(other, "apply", "--server-side", "--field-manager=other", "--force-conflicts", "-f", "-")
                .succeeds();

        kubectl.run("get", "cm", "settings", "-o", "jsonpath={.data.colour}").prints("blue");
        kubectl.run("get", "cm", "settings", "-o", "yaml", "--show-managed-fields")
                .succeeds()
                .prints("manager: other");
    }

    @Test
    void client_side_apply_moves_to_server_side_apply() {
        kubectl.stdin(CONFIG, "apply", "-f", "-").succeeds();

        Kubectl.Ran moved =
                kubectl.stdin(CONFIG, "apply", "--server-side", "-f", "-").succeeds();
        assertTrue(!moved.err().contains("rejected"), moved.err());
        kubectl.stdin(CONFIG.replace("red", "green"), "apply", "--server-side", "-f", "-")
                .succeeds();

        kubectl.run("get", "cm", "settings", "-o", "jsonpath={.data.colour}").prints("green");
    }

    @Test
    void what_is_empty_makes_no_other_template() {
        String plain = """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: bare}
                spec:
                  selector: {matchLabels: {app: bare}}
                  template:
                    metadata: {labels: {app: bare}}
                    spec:
                      containers: [{name: main, image: "nginx:1"}]
                """;
        String asChartsSay = plain.replace("    spec:\n", "    spec:\n      tolerations: []\n      nodeSelector: {}\n");

        kubectl.stdin(plain, "apply", "-f", "-").succeeds();
        kubectl.stdin(asChartsSay, "apply", "-f", "-").succeeds();
        for (int i = 0; i < 2; i++) {
            kubectl.stdin(asChartsSay, "apply", "--server-side", "--force-conflicts", "-f", "-")
                    .succeeds();
        }

        kubectl.run("get", "deploy", "bare", "-o", "jsonpath={.metadata.generation} {.spec.template.spec.tolerations}")
                .prints("1 ");
        kubectl.run("delete", "deploy", "bare").succeeds();
    }

    @Test
    void diff_and_dry_run_change_nothing() {
        kubectl.stdin(CONFIG, "apply", "-f", "-").succeeds();
        String changed = CONFIG.replace("red", "blue");

        Kubectl.Ran diff = kubectl.stdin(changed, "diff", "-f", "-");
        kubectl.stdin(changed, "apply", "--dry-run=server", "-f", "-")
                .succeeds()
                .prints("server dry run");
        kubectl.stdin(POD, "apply", "--dry-run=server", "-f", "-").succeeds().prints("server dry run");

        assertEquals(1, diff.code(), diff.err());
        diff.prints("-  colour: red").prints("+  colour: blue");
        kubectl.run("get", "cm", "settings", "-o", "jsonpath={.data.colour}").prints("red");
        kubectl.run("get", "pod", "web").fails("not found");
    }

    @Test
    void an_editor_changes_an_object() throws IOException {
        kubectl.stdin(CONFIG, "apply", "-f", "-").succeeds();
        Path editor = root.resolve("editor");
        Files.writeString(editor, "#!/bin/sh\nsed -i 's/colour: red/colour: pink/' \"$1\"\n");
        Files.setPosixFilePermissions(editor, PosixFilePermissions.fromString("rwx------"));

        kubectl.with(Map.of("EDITOR", editor.toString()), "", "edit", "configmap", "settings")
                .succeeds();

        kubectl.run("get", "cm", "settings", "-o", "jsonpath={.data.colour}").prints("pink");
    }

    @Test
    void typed_commands_send_protobuf() {
        kubectl.run("create", "configmap", "typed", "--from-literal=a=b").succeeds();
        kubectl.run("create", "secret", "generic", "hidden", "--from-literal=key=value")
                .succeeds();
        kubectl.run("create", "serviceaccount", "robot").succeeds();
        kubectl.run("run", "quick", "--image=busybox", "--restart=Never").succeeds();

        kubectl.run("get", "secret", "hidden", "-o", "jsonpath={.data.key}").prints("dmFsdWU=");
        kubectl.run("get", "cm", "typed", "-o", "jsonpath={.data.a}").prints("b");
        kubectl.run("auth", "can-i", "create", "pods").succeeds().prints("yes");
        kubectl.run("auth", "whoami").succeeds().prints("system:masters");
    }

    @Test
    void mistakes_are_refused_in_the_words_of_kubernetes() {
        kubectl.stdin(CONFIG, "create", "-f", "-").succeeds();

        kubectl.stdin(CONFIG, "create", "-f", "-").fails("configmaps \"settings\" already exists");
        kubectl.stdin(CONFIG.replace("\ndata:", "\ndatax:"), "apply", "-f", "-")
                .fails("strict decoding error: unknown field \"datax\"");
        kubectl.stdin(POD.replace("image: nginx", "image: ''"), "apply", "-f", "-")
                .fails("spec.containers[0].image: Required value");
        kubectl.stdin(CONFIG.replace("name: settings", "name: settings, resourceVersion: \"1\""), "replace", "-f", "-")
                .fails("the object has been modified");
        kubectl.run("get", "configmap", "nothing").fails("configmaps \"nothing\" not found");
        kubectl.run("get", "cm", "-l", "a in (").fails("unable to parse");
        kubectl.run("get", "widgets").fails("the server doesn't have a resource type \"widgets\"");
        kubectl.stdin(CONFIG, "create", "-n", "nowhere", "-f", "-").fails("namespaces \"nowhere\" not found");
    }

    @Test
    void an_unenforced_field_is_answered_with_a_warning() {
        String pinned = POD.replace("spec:\n", "spec:\n  priorityClassName: high\n");

        kubectl.stdin(pinned, "apply", "-f", "-").succeeds().warns("Warning: spec.priorityClassName");
    }

    @Test
    void a_watch_shows_changes_as_they_happen() throws Exception {
        kubectl.stdin(CONFIG, "create", "-f", "-").succeeds();
        Process watch = kubectl.start(Map.of(), "get", "cm", "-w", "--no-headers");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(watch.getInputStream(), StandardCharsets.UTF_8))) {
            assertEquals("settings", firstWord(lines));

            kubectl.run("create", "configmap", "second").succeeds();
            assertEquals("second", firstWord(lines));
            kubectl.run("delete", "configmap", "second").succeeds();
            assertEquals("second", firstWord(lines));
        } finally {
            watch.destroyForcibly().waitFor();
        }
    }

    @Test
    void waiting_ends_when_a_condition_holds_or_an_object_is_gone() throws Exception {
        kubectl.stdin(CONFIG, "create", "-f", "-").succeeds();
        CompletableFuture<Kubectl.Ran> turnsBlue = CompletableFuture.supplyAsync(
                () -> kubectl.run("wait", "--for=jsonpath={.data.colour}=blue", "cm/settings", "--timeout=20s"));
        kubectl.run("patch", "cm", "settings", "-p", "{\"data\":{\"colour\":\"blue\"}}")
                .succeeds();
        turnsBlue.get(30, TimeUnit.SECONDS).succeeds().prints("condition met");

        CompletableFuture<Kubectl.Ran> goes = CompletableFuture.supplyAsync(
                () -> kubectl.run("wait", "--for=delete", "cm/settings", "--timeout=20s"));
        kubectl.run("delete", "cm", "settings").succeeds();
        goes.get(30, TimeUnit.SECONDS).succeeds();
    }

    @Test
    void events_are_listed_and_told_in_descriptions() {
        kubectl.stdin(CONFIG, "create", "-f", "-").succeeds();
        String uid = kubectl.run("get", "cm", "settings", "-o", "jsonpath={.metadata.uid}")
                .out();
        kubectl.stdin("""
                        apiVersion: v1
                        kind: Event
                        metadata: {name: settings.1, namespace: default}
                        involvedObject: {kind: ConfigMap, apiVersion: v1, name: settings, namespace: default, uid: %s}
                        reason: Painted
                        message: it is red now
                        type: Normal
                        count: 1
                        firstTimestamp: 2026-01-01T00:00:00Z
                        lastTimestamp: 2026-01-01T00:00:00Z
                        """.formatted(uid), "create", "-f", "-").succeeds();

        kubectl.run("events").succeeds().prints("Painted");
        kubectl.run("get", "events").succeeds().prints("it is red now");
        kubectl.run("describe", "cm", "settings").succeeds().prints("Painted");
    }

    @Test
    void a_selection_of_objects_is_deleted_together() {
        for (String name : new String[] {"a", "b", "c"}) {
            kubectl.run("create", "configmap", name).succeeds();
        }
        kubectl.run("label", "cm", "a", "b", "x=y").succeeds();

        kubectl.run("delete", "cm", "-l", "x=y").succeeds();

        assertEquals(
                "configmap/c",
                kubectl.run("get", "cm", "-o", "name").succeeds().out().strip());
    }

    @Test
    void what_does_not_run_says_so() {
        kubectl.stdin(POD, "create", "-f", "-").succeeds();

        kubectl.run("exec", "web", "-c", "main", "--", "ls").fails("container not found (\"main\")");
        kubectl.run("exec", "web", "-c", "none", "--", "ls").fails("container none is not valid for pod web");
        kubectl.run("logs", "web", "-c", "none").fails("container none is not valid for pod web");
        kubectl.run("logs", "web", "-c", "main").fails("is waiting to start: ContainerCreating");
    }

    private static String firstWord(BufferedReader lines) throws Exception {
        String line = CompletableFuture.supplyAsync(() -> {
                    try {
                        return lines.readLine();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .get(20, TimeUnit.SECONDS);
        return line.split(" ")[0];
    }
}
