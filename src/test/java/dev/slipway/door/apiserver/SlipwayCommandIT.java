package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.slipway.door.cli.SlipwayCommand;
import dev.slipway.door.client.EngineClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The `slipway` command against a real API server.
class SlipwayCommandIT {
    private static final String CONTAINERS = "/apis/slipway.dev/v1alpha1/namespaces/default/containers/";

    @TempDir
    private static Path root;

    private static RunningApi api;
    private Path manifest;

    @BeforeAll
    static void start() throws IOException {
        api = RunningApi.start(root);
        Files.createSymbolicLink(root.resolve("slipway.sock"), api.socket());
        Path namespace = Files.writeString(root.resolve("namespace.yaml"), """
                {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}
                """);
        assertEquals(0, slipway("apply", "-f", namespace + "").status);
    }

    @AfterAll
    static void stop() throws IOException {
        api.close();
    }

    @BeforeEach
    void manifest() throws IOException {
        manifest = root.resolve("settings.yaml");
        write("blue");
    }

    @Test
    void apply_says_what_became_of_each_object() throws IOException {
        slipway("delete", "-f", manifest + "", "--ignore-not-found");
        assertEquals(new Ended(0, "configmap/settings created\n", ""), slipway("apply", "-f", manifest + ""));
        assertEquals(new Ended(0, "configmap/settings unchanged\n", ""), slipway("apply", "-f", manifest + ""));
        write("red");
        assertEquals(new Ended(0, "configmap/settings configured\n", ""), slipway("apply", "-f", manifest + ""));
        assertEquals(new Ended(0, "configmap/settings deleted\n", ""), slipway("delete", "-f", manifest + ""));
    }

    @Test
    void diff_shows_the_change_and_makes_none() throws IOException {
        slipway("apply", "-f", manifest + "");
        write("green");

        Ended differing = slipway("diff", "-f", manifest + "");
        write("blue");
        Ended same = slipway("diff", "-f", manifest + "");

        assertEquals(1, differing.status);
        assertTrue(differing.out.contains("-   colour: blue\n+   colour: green\n"), differing.out);
        assertEquals(new Ended(0, "", ""), same);
    }

    @Test
    void system_says_what_takes_space_and_frees_it() throws IOException {
        assertEquals(new Ended(0, """
                        TYPE   TOTAL   IN-USE   SIZE   RECLAIMABLE
                        all                     0 B    0 B

                        1.0 KiB of 2.0 KiB can still be written (50 % in use; from 85 % on, unused images go)
                        """, ""), slipway("system", "df"));
        assertTrue(slipway("system", "df", "-o", "json").out.contains("\"usedPercent\" : 50"));
        String wish = slipway("system", "prune", "--dry-run", "--volumes", "-o", "json").out;
        assertTrue(wish.contains("\"volumes\" : true") && wish.contains("\"dryRun\" : true"), wish);
        assertEquals(new Ended(0, "freed 0 B\n", ""), slipway("system", "prune"));
        assertEquals(2, slipway("system").status);
    }

    @Test
    void get_lists_in_every_form() throws IOException {
        slipway("apply", "-f", manifest + "");

        Ended table = slipway("get", "configmaps");
        assertEquals("NAME       DATA   AGE", table.out.lines().findFirst().orElseThrow());
        assertEquals(new Ended(0, "configmap/settings\n", ""), slipway("get", "cm/settings", "-o", "name"));
        assertTrue(slipway("get", "cm", "settings", "-o", "yaml").out.contains("colour: blue"));
        assertTrue(slipway("get", "cm", "settings", "-o", "json").out.contains("\"colour\" : \"blue\""));
        assertEquals(
                new Ended(0, "configmap/settings\nnamespace/default\n", ""), slipway("get", "cm,ns", "-o", "name"));
        assertTrue(
                slipway("get", "cm,ns")
                        .out
                        .matches("(?s)NAME.*\nconfigmap/settings .*\n\nNAME.*\nnamespace/default .*\n"),
                "several kinds name themselves");
    }

    @Test
    void what_is_not_there_is_said() throws IOException {
        assertEquals(new Ended(0, "", "No resources found in default namespace.\n"), slipway("get", "pods"));
        Ended absent = slipway("get", "pod", "ghost");
        assertEquals(1, absent.status);
        assertTrue(absent.err.contains("pods \"ghost\" not found"), absent.err);
        Ended unknown = slipway("get", "spaceships");
        assertEquals(1, unknown.status);
        assertTrue(unknown.err.contains("no kind \"spaceships\"") && unknown.err.contains("containers"), unknown.err);
    }

    @Test
    void objects_are_selected_and_sorted_as_kubectl_does() throws IOException {
        for (String map : List.of("size-10: 3", "size-9: 20", "size-11: 1")) {
            String name = map.replaceFirst(":.*", "");
            Files.writeString(manifest, """
                    {"apiVersion": "v1", "kind": "ConfigMap",
                     "metadata": {"name": "%s", "labels": {"sized": "yes"}}, "data": {"size": "%s"}}
                    """.formatted(name, map.replaceFirst(".*: ", "")));
            assertEquals(0, slipway("apply", "-f", manifest + "").status);
        }

        assertEquals(
                "size-9\nsize-10\nsize-11\n",
                firstWords(slipway("get", "cm", "-l", "sized", "--sort-by=.metadata.name")));
        assertEquals(
                "size-11\nsize-10\nsize-9\n",
                firstWords(slipway("get", "cm", "-l", "sized", "--sort-by={.data.size}")));
        assertEquals(
                "size-10\nsize-9\n", firstWords(slipway("get", "cm", "size-9", "size-10", "--sort-by={.data.size}")));
        assertEquals(
                "size-11 size-10 size-9",
                slipway("get", "cm", "-l", "sized", "--sort-by=.data.size", "-o", "jsonpath={.items[*].metadata.name}")
                        .out);
        assertEquals(
                "configmap/size-11\nconfigmap/size-10\nconfigmap/size-9\n",
                slipway("get", "cm", "-l", "sized", "--sort-by=.data.size", "-o", "name").out);
        assertEquals(
                "configmap/size-9\n",
                slipway("get", "cm", "-l", "sized", "--field-selector", "metadata.name=size-9", "-o", "name").out);
        Ended wrong = slipway("get", "cm", "-l", "sized", "--sort-by=.data.colour");
        assertEquals(1, wrong.status);
        assertTrue(wrong.err.contains("couldn't find any field with path \".data.colour\""), wrong.err);
        assertEquals(2, slipway("get", "cm", "--sort-by={.a[}").status);
        assertEquals(0, slipway("delete", "cm", "-l", "sized").status);
    }

    private static String firstWords(Ended ended) {
        return ended.out
                .lines()
                .skip(1)
                .map(line -> line.replaceFirst(" .*", "\n"))
                .collect(Collectors.joining());
    }

    @Test
    void stats_of_a_deployment_are_those_of_its_pods() throws Exception {
        Files.writeString(manifest, """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: site}
                spec:
                  selector: {matchLabels: {app: site}}
                  template: {metadata: {labels: {app: site}}, spec: {containers: [{name: main, image: a}]}}
                """);
        slipway("apply", "-f", manifest + "");
        Ended none = slipway("stats", "deployment/site");
        assertTrue(none.err.contains("deployment \"site\" in namespace default has no pod"), none.err);

        Files.writeString(manifest, """
                apiVersion: v1
                kind: Pod
                metadata: {name: site-1, labels: {app: site}}
                spec: {containers: [{name: main, image: a}]}
                """);
        slipway("apply", "-f", manifest + "");

        assertTrue(slipway("stats", "deploy/site").out.endsWith("\nsite-1 does not run\n"));
        assertEquals(2, slipway("stats", "configmap/site-1").status);
        assertEquals(0, slipway("delete", "deployment/site").status);
        api.send(
                api.administrator(),
                HttpRequest.newBuilder(api.uri("/api/v1/namespaces/default/pods/site-1?gracePeriodSeconds=0"))
                        .DELETE());
    }

    @Test
    void a_name_and_a_selector_exclude_each_other() throws IOException {
        slipway("apply", "-f", manifest + "");

        for (String verb : List.of("get", "describe", "delete")) {
            Ended refused = slipway(verb, "cm", "settings", "-l", "a=b");
            assertEquals(2, refused.status, verb);
            assertTrue(refused.err.contains("name cannot be provided when a selector is specified"), refused.err);
        }
        assertEquals(2, slipway("get", "cm/settings", "--field-selector", "metadata.name=x").status);
        Ended described = slipway("describe", "cm", "ghost", "settings");
        assertEquals(1, described.status);
        assertTrue(described.out.contains("Name:         settings"), described.out);
    }

    @Test
    void values_are_picked_as_kubectl_picks_them() throws IOException {
        slipway("apply", "-f", manifest + "");

        assertEquals(new Ended(0, "blue", ""), slipway("get", "cm", "settings", "-o", "jsonpath={.data.colour}"));
        assertEquals(
                new Ended(0, "settings blue\n", ""),
                slipway("get", "cm", "-o", "jsonpath={range .items[*]}{.metadata.name} {.data.colour}{\"\\n\"}{end}"));
        assertEquals(
                new Ended(0, "NAME       COLOUR   SIZE\nsettings   blue     <none>\n", ""),
                slipway("get", "cm", "-o", "custom-columns=NAME:.metadata.name,COLOUR:.data.colour,SIZE:.data.size"));
        assertEquals(
                new Ended(0, "settings\n", ""),
                slipway("get", "cm", "--no-headers", "-o", "custom-columns=NAME:.metadata.name"));
        assertTrue(slipway("get", "cm", "--no-headers").out.startsWith("settings   1 "));
        assertEquals(
                new Ended(0, "List default settings", ""),
                slipway("get", "ns,cm", "-o", "jsonpath={.kind} {.items[*].metadata.name}"));
        assertTrue(slipway("get", "ns,cm", "-o", "yaml").out.contains("kind: List\n"));
    }

    @Test
    void what_is_missing_does_not_hide_the_rest() throws IOException {
        slipway("apply", "-f", manifest + "");

        for (String format : List.of("name", "json", "yaml", "wide", "jsonpath={.metadata.name}")) {
            Ended ended = slipway("get", "cm", "ghost", "settings", "-o", format);

            assertEquals(1, ended.status, format);
            assertTrue(ended.out.contains("settings"), ended.out);
            assertEquals("slipway: NotFound: configmaps \"ghost\" not found\n", ended.err);
        }
        Ended described = slipway("describe", "cm", "ghost", "settings");
        assertEquals(1, described.status);
        assertTrue(described.out.contains("colour: blue"), described.out);
        assertEquals(new Ended(0, "", ""), slipway("get", "cm", "ghost", "--ignore-not-found"));
    }

    @Test
    void all_of_a_kind_are_described() throws IOException {
        slipway("apply", "-f", manifest + "");

        assertTrue(slipway("describe", "cm").out.contains("colour: blue"));
        assertTrue(slipway("describe", "cm,ns", "-A").out.contains("\n\nName:         default\n"));
        assertEquals(new Ended(0, "", "No resources found.\n"), slipway("describe", "cm", "-l", "no=such"));
    }

    @Test
    void objects_are_awaited_and_deleted_by_their_labels() throws IOException {
        for (String name : List.of("one", "two")) {
            Files.writeString(manifest, """
                    apiVersion: v1
                    kind: ConfigMap
                    metadata: {name: labelled-%s, labels: {set: of-two}}
                    data: {done: "yes"}
                    """.formatted(name));
            slipway("apply", "-f", manifest + "");
        }

        assertEquals(
                new Ended(0, "configmap/labelled-one {.data.done}=yes\nconfigmap/labelled-two {.data.done}=yes\n", ""),
                slipway("wait", "cm", "-l", "set=of-two", "--for=jsonpath={.data.done}=yes"));
        assertEquals(
                new Ended(0, "configmap/labelled-one deleted\nconfigmap/labelled-two deleted\n", ""),
                slipway("delete", "cm", "-l", "set=of-two"));
        assertEquals(new Ended(0, "", "No resources found.\n"), slipway("delete", "cm", "-l", "set=of-two"));
        assertEquals(
                new Ended(1, "", "slipway: no matching resources found\n"), slipway("wait", "cm", "-l", "set=of-two"));
        assertEquals(0, slipway("wait", "cm", "-l", "set=of-two", "--for=delete").status);
        assertEquals(2, slipway("delete", "cm").status);
        assertEquals(2, slipway("delete", "cm", "one", "-l", "set=of-two").status);
    }

    @Test
    void waiting_ends_with_a_value() throws IOException {
        slipway("apply", "-f", manifest + "");

        assertEquals(
                new Ended(0, "configmap/settings {.data.colour}=blue\n", ""),
                slipway("wait", "cm/settings", "--for=jsonpath={.data.colour}=blue"));
        assertEquals(1, slipway("wait", "cm/settings", "--for=jsonpath={.data.colour}=red", "--timeout=1").status);
    }

    @Test
    void describe_does_not_show_secrets() throws IOException {
        Files.writeString(manifest, """
                apiVersion: v1
                kind: Secret
                metadata: {name: key}
                stringData: {password: tiger}
                """);
        slipway("apply", "-f", manifest + "");

        Ended described = slipway("describe", "secret/key");

        assertEquals(0, described.status);
        assertTrue(described.out.contains("password: 5 bytes"), described.out);
        assertFalse(described.out.contains("dGlnZXI"), described.out);
    }

    @Test
    void a_desired_state_is_written() throws IOException {
        container("slipway-cli", "web", "Running");
        assertTrue(slipway("get", "all").out.contains("\ncontainer.slipway.dev/web "));

        assertEquals(new Ended(0, "container.slipway.dev/web stop: asked\n", ""), slipway("stop", "web"));
        assertEquals("Stopped", desiredState("web"));
        assertEquals(0, slipway("start", "web").status);
        assertEquals("Running", desiredState("web"));
        assertEquals(
                new Ended(1, "", "slipway: no Container, Pod or Deployment \"ghost\" in namespace default\n"),
                slipway("pause", "ghost"));
    }

    @Test
    void a_desired_state_that_a_manifest_declares_is_written_with_a_warning() throws IOException {
        container("sync/shop-1", "shop", "Running");

        Ended paused = slipway("pause", "shop");

        assertEquals(0, paused.status);
        assertTrue(
                paused.err.contains("Warning: a manifest declares the desiredState of shop (Sync shop-1)"), paused.err);
    }

    @Test
    void an_empty_directory_is_no_success() throws IOException {
        Path empty = Files.createDirectories(root.resolve("empty"));

        assertEquals(new Ended(1, "", "slipway: no objects in " + empty + "\n"), slipway("apply", "-f", empty + ""));
    }

    private static void container(String manager, String name, String state) throws IOException {
        String body = """
                {"apiVersion": "slipway.dev/v1alpha1", "kind": "Container", "metadata": {"name": "%s"},
                 "spec": {"image": "web", "desiredState": "%s"}}
                """.formatted(name, state);
        new EngineClient(api.socket())
                .exchange(
                        "PATCH",
                        CONTAINERS + name + "?fieldManager=" + manager,
                        EngineClient.Content.of("application/apply-patch+yaml", body.getBytes(StandardCharsets.UTF_8)));
    }

    private static String desiredState(String name) throws IOException {
        return new EngineClient(api.socket())
                .json(CONTAINERS + name)
                .at("/spec/desiredState")
                .asText();
    }

    private void write(String colour) throws IOException {
        Files.writeString(manifest, """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: settings}
                data: {colour: %s}
                """.formatted(colour));
    }

    private record Ended(int status, String out, String err) {}

    private static Ended slipway(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--run", root.toString()));
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
            int status = SlipwayCommand.run(all.toArray(String[]::new));
            return new Ended(
                    status, printed.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
