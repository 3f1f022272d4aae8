package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import dev.slipway.door.health.Problem;
import dev.slipway.door.logs.ContainerLogs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What client libraries rely on and kubectl does not show: pages, forms, versions, streams, headers.
class ApiProtocolIT {
    private static final String MAPS = "/api/v1/namespaces/default/configmaps";
    private static final String PODS = "/api/v1/namespaces/default/pods";

    @TempDir
    Path root;

    private RunningApi api;
    private HttpClient client;

    @BeforeEach
    void start() throws Exception {
        api = RunningApi.start(root);
        client = api.administrator();
        post("/api/v1/namespaces", """
                {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}""");
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void a_long_list_comes_in_pages_of_one_version() throws Exception {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            post(MAPS, map(name));
        }

        JsonNode first = get(MAPS + "?limit=2");
        post(MAPS, map("bb"));
        JsonNode second =
                get(MAPS + "?limit=2&continue=" + first.at("/metadata/continue").asText());
        JsonNode third = get(
                MAPS + "?limit=9&continue=" + second.at("/metadata/continue").asText());

        assertEquals(List.of("a", "b"), names(first));
        assertEquals(3, first.at("/metadata/remainingItemCount").asInt());
        assertEquals(List.of("bb", "c"), names(second));
        assertEquals(List.of("d", "e"), names(third));
        assertTrue(third.at("/metadata/continue").isMissingNode());
        assertEquals(first.at("/metadata/resourceVersion"), third.at("/metadata/resourceVersion"));
        assertEquals(400, code("GET", MAPS + "?limit=2&continue=nonsense", ""));
    }

    @Test
    void pages_across_namespaces_lose_nothing() throws Exception {
        for (String namespace : List.of("a", "a-b", "ab")) {
            post("/api/v1/namespaces", """
                    {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"%s"}}""".formatted(namespace));
            post("/api/v1/namespaces/" + namespace + "/configmaps", map("m"));
        }

        int found = 0;
        String next = "";
        do {
            JsonNode page = get("/api/v1/configmaps?limit=1&continue=" + next);
            found += page.path("items").size();
            next = page.at("/metadata/continue").asText();
        } while (!next.isEmpty());

        assertEquals(3, found);
    }

    @Test
    void objects_come_as_tables_or_as_metadata_when_asked() throws Exception {
        post(MAPS, map("a"));

        JsonNode table = get(MAPS, "application/json;as=Table;v=v1;g=meta.k8s.io,application/json");
        JsonNode partial = get(MAPS, "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
        JsonNode one = get(MAPS + "/a", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");

        assertEquals("Table", table.path("kind").asText());
        assertEquals("name", table.at("/columnDefinitions/0/format").asText());
        assertEquals("a", table.at("/rows/0/cells/0").asText());
        assertEquals("PartialObjectMetadata", table.at("/rows/0/object/kind").asText());
        assertEquals("PartialObjectMetadataList", partial.path("kind").asText());
        assertFalse(partial.at("/items/0").has("data"));
        assertEquals("a", one.at("/metadata/name").asText());
        assertFalse(one.has("data"));
    }

    @Test
    void discovery_comes_in_both_forms() throws Exception {
        String aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

        assertEquals(
                "APIGroupDiscoveryList", get("/apis", aggregated).path("kind").asText());
        assertEquals("APIVersions", get("/api").path("kind").asText());
        assertEquals("APIGroupList", get("/apis").path("kind").asText());
        assertEquals("APIGroup", get("/apis/slipway.dev").path("kind").asText());
        JsonNode resources = get("/apis/slipway.dev/v1alpha1");
        assertEquals("APIResourceList", resources.path("kind").asText());
        assertTrue(resources.path("resources").findValuesAsText("name").contains("containers/status"));
        assertEquals(404, code("GET", "/apis/apps/v1beta1", ""));
    }

    @Test
    void versions_of_the_past_and_of_the_future_are_refused() throws Exception {
        post(MAPS, map("a"));
        post(MAPS, map("b"));

        assertEquals(410, code("GET", MAPS + "?resourceVersion=1&resourceVersionMatch=Exact", ""));
        assertEquals(504, code("GET", MAPS + "?resourceVersion=999999", ""));
        assertEquals(422, code("GET", MAPS + "?watch=true&sendInitialEvents=true", ""));
        assertEquals(400, code("GET", MAPS + "?resourceVersion=soon", ""));
        try (BufferedReader lines = stream(MAPS + "?watch=true&resourceVersion=999999")) {
            assertEquals(
                    410,
                    ObjectCodec.json()
                            .readTree(lines.readLine())
                            .at("/object/code")
                            .asInt());
        }
    }

    @Test
    void a_watch_list_tells_where_the_beginning_ends() throws Exception {
        post(MAPS, map("a"));

        try (BufferedReader lines = stream(MAPS
                + "?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan")) {
            assertTrue(lines.readLine().startsWith("{\"type\":\"ADDED\""));
            assertTrue(lines.readLine().contains("\"k8s.io/initial-events-end\":\"true\""));
            post(MAPS, map("b"));
            assertTrue(lines.readLine().contains("\"name\":\"b\""));
        }
    }

    @Test
    void a_watch_ends_when_its_time_is_over() throws Exception {
        try (BufferedReader lines = stream(MAPS + "?watch=true&timeoutSeconds=1")) {
            assertEquals(null, lines.readLine());
        }
    }

    @Test
    void a_collection_is_deleted_by_its_selector() throws Exception {
        post(MAPS, map("a"));
        post(MAPS, map("b"));

        JsonNode deleted = ObjectCodec.json()
                .readTree(send("DELETE", MAPS + "?fieldSelector=metadata.name%3Da", "")
                        .body());

        assertEquals(List.of("a"), names(deleted));
        assertEquals(List.of("b"), names(get(MAPS)));
    }

    @Test
    void deletion_options_are_kept() throws Exception {
        post(MAPS, map("a"));

        assertEquals(409, code("DELETE", MAPS + "/a", "{\"preconditions\":{\"uid\":\"another\"}}"));
        assertEquals(200, code("DELETE", MAPS + "/a?dryRun=All", ""));
        assertEquals(400, code("DELETE", MAPS + "/a?dryRun=Some", ""));
        assertEquals(200, code("DELETE", MAPS + "/a", "{\"propagationPolicy\":\"Background\"}"));
        assertEquals(404, code("DELETE", MAPS + "/a", ""));
    }

    @Test
    void the_status_is_written_apart_from_the_rest() throws Exception {
        post(PODS, pod());
        String changed = send(
                        "PATCH",
                        PODS + "/web/status",
                        "{\"status\":{\"phase\":\"Running\"},\"spec\":{\"hostname\":\"x\"}}",
                        "application/merge-patch+json")
                .body();

        assertTrue(changed.contains("\"phase\":\"Running\""), changed);
        assertFalse(changed.contains("\"hostname\""), changed);
    }

    @Test
    void an_evicted_pod_is_deleted() throws Exception {
        post(PODS, pod());

        String answer = send("POST", PODS + "/web/eviction", """
                {"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"web"},
                 "deleteOptions":{"gracePeriodSeconds":0}}""").body();

        assertTrue(answer.contains("\"Success\""), answer);
        assertEquals(404, code("GET", PODS + "/web", ""));
    }

    @Test
    void logs_are_streamed_as_text() throws Exception {
        post(PODS, pod());
        Path log = root.resolve("0.log");
        Files.writeString(log, "2026-01-01T00:00:00Z stdout F one\n2026-01-01T00:00:01Z stdout F two\n");
        api.runs().put("c", run(log));

        HttpResponse<String> tail = send("GET", PODS + "/web/log?tailLines=1", "");

        assertEquals("two\n", tail.body());
        assertTrue(tail.headers().firstValue("Content-Type").orElse("").startsWith("text/plain"));
        assertEquals(400, code("GET", PODS + "/web/log?previous=true", ""));
        assertEquals(400, code("GET", PODS + "/web/log?container=none", ""));
        assertEquals(404, code("GET", PODS + "/none/log", ""));
    }

    @Test
    void the_log_of_a_build_is_the_images() throws Exception {
        String images = "/apis/slipway.dev/v1alpha1/images";
        post(images, """
                {"apiVersion": "slipway.dev/v1alpha1", "kind": "Image", "metadata": {"name": "web"},
                 "spec": {"source": {"build": {"from": "scratch"}}}}
                """);
        assertEquals(400, code("GET", images + "/web/log", ""));
        Path log = root.resolve("build.log");
        Files.writeString(log, "2026-01-01T00:00:00Z stdout F step 1 of 1: run make\n");
        api.runs().put("image web", run(log));

        assertEquals(
                "step 1 of 1: run make\n", send("GET", images + "/web/log", "").body());
        assertEquals(404, code("GET", images + "/none/log", ""));
    }

    @Test
    void a_schema_may_be_kept_for_good_under_its_hash() throws Exception {
        JsonNode index = get("/openapi/v3");
        String url =
                index.at("/paths/apis~1slipway.dev~1v1alpha1/serverRelativeURL").asText();

        HttpResponse<String> document = send("GET", url, "");

        assertEquals(
                "public, immutable",
                document.headers().firstValue("Cache-Control").orElse(""));
        assertTrue(document.headers().firstValue("ETag").isPresent());
        JsonNode patch = ObjectCodec.json()
                .readTree(document.body())
                .path("paths")
                .path("/apis/slipway.dev/v1alpha1/namespaces/{namespace}/containers/{name}")
                .path("patch");
        assertEquals(
                "Container", patch.at("/x-kubernetes-group-version-kind/kind").asText());
        assertTrue(patch.path("parameters").findValuesAsText("name").contains("fieldValidation"));
        assertEquals(404, code("GET", "/openapi/v2", ""));
    }

    @Test
    void the_status_of_the_host_names_every_problem() throws Exception {
        JsonNode empty = get("/status");
        post(PODS, pod());
        api.problems()
                .add(new Problem("web.yaml:3", "ManifestInvalid", "not YAML", Instant.parse("2026-01-01T00:00:00Z")));

        JsonNode status = get("/status");

        assertTrue(empty.path("asDeclared").asBoolean(), empty.toString());
        assertFalse(status.path("asDeclared").asBoolean());
        assertEquals(2, status.path("objects").asInt());
        assertEquals("web.yaml:3", status.at("/problems/0/object").asText());
        assertEquals("2026-01-01T00:00:00Z", status.at("/problems/0/since").asText());
        assertEquals("pods/default/web", status.at("/problems/1/object").asText());
    }

    @Test
    void unknown_fields_are_refused_warned_of_or_dropped_as_asked() throws Exception {
        String odd = map("a").replace("\"data\"", "\"datum\":{},\"data\"");

        HttpResponse<String> strict = send("POST", MAPS + "?fieldValidation=Strict", odd);
        HttpResponse<String> warned = send("POST", MAPS + "?fieldValidation=Warn", odd);
        HttpResponse<String> ignored = send("POST", MAPS + "?fieldValidation=Ignore", odd.replace("\"a\"", "\"b\""));

        assertEquals(400, strict.statusCode());
        assertEquals(201, warned.statusCode());
        assertEquals(
                "299 - \"unknown field \\\"datum\\\" (did you mean \\\"data\\\"?)\"",
                warned.headers().firstValue("Warning").orElse(""));
        assertEquals(201, ignored.statusCode());
        assertTrue(ignored.headers().firstValue("Warning").isEmpty());
    }

    private static ContainerLogs.Run run(Path log) {
        return new ContainerLogs.Run() {
            @Override
            public List<Path> files() {
                return List.of(log);
            }

            @Override
            public boolean isRunning() {
                return false;
            }
        };
    }

    private static String map(String name) {
        return """
                {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"%s"},"data":{"k":"v"}}""".formatted(name);
    }

    private static String pod() {
        return """
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},
                 "spec":{"containers":[{"name":"c","image":"nginx"}]}}""";
    }

    private static List<String> names(JsonNode list) {
        List<String> names = new ArrayList<>();
        list.path("items").forEach(item -> names.add(item.at("/metadata/name").asText()));
        return names;
    }

    private JsonNode get(String path) throws Exception {
        return get(path, "application/json");
    }

    private JsonNode get(String path, String accept) throws Exception {
        HttpResponse<String> response =
                api.send(client, HttpRequest.newBuilder(api.uri(path)).header("Accept", accept));
        assertEquals(200, response.statusCode(), response.body());
        return ObjectCodec.json().readTree(response.body());
    }

    private void post(String path, String body) throws Exception {
        HttpResponse<String> response = send("POST", path, body);
        assertEquals(201, response.statusCode(), response.body());
    }

    private int code(String method, String path, String body) throws Exception {
        return send(method, path, body).statusCode();
    }

    private HttpResponse<String> send(String method, String path, String body) throws Exception {
        return send(method, path, body, "application/json");
    }

    private HttpResponse<String> send(String method, String path, String body, String type) throws Exception {
        return api.send(
                client,
                HttpRequest.newBuilder(api.uri(path))
                        .header("Content-Type", type)
                        .method(method, BodyPublishers.ofString(body)));
    }

    private BufferedReader stream(String path) throws IOException, InterruptedException {
        HttpResponse<InputStream> response =
                client.send(HttpRequest.newBuilder(api.uri(path)).build(), BodyHandlers.ofInputStream());
        assertEquals(200, response.statusCode());
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }
}
