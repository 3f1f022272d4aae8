package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The scale of a Deployment, in every form that clients write it.
class ScaleIT {
    private static final String DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
    private static final String SCALE = DEPLOYMENTS + "/web/scale";

    @TempDir
    Path root;

    private RunningApi api;
    private HttpClient client;

    @BeforeEach
    void start() throws Exception {
        api = RunningApi.start(root);
        client = api.administrator();
        send("POST", "/api/v1/namespaces", "application/json", """
                {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}""", 201);
        send("POST", DEPLOYMENTS, "application/json", """
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2,
                 "selector":{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"a","operator":"DoesNotExist"}]},
                 "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"c","image":"x"}]}}}}""", 201);
    }

    @AfterEach
    void stop() {
        api.close();
    }

    @Test
    void a_scale_says_how_many_there_shall_be_and_by_which_labels_they_are_found() throws Exception {
        JsonNode scale = send("GET", SCALE, "application/json", "", 200);

        assertEquals("autoscaling/v1", scale.path("apiVersion").asText());
        assertEquals(2, scale.at("/spec/replicas").asInt());
        assertEquals("app=web,!a", scale.at("/status/selector").asText());
    }

    @Test
    void a_whole_scale_replaces_it_if_it_is_of_this_version_and_object() throws Exception {
        JsonNode scale = send("GET", SCALE, "application/json", "", 200);

        String five = scale.toString().replace("\"replicas\":2", "\"replicas\":5");
        assertEquals(5, replicas(send("PUT", SCALE, "application/json", five, 200)));
        send("PUT", SCALE, "application/json", five, 409);
        String other = """
                {"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"web","uid":"other"},"spec":{"replicas":7}}""";
        send("PUT", SCALE, "application/json", other, 409);
        // As clients write zero.
        String none =
                "{\"apiVersion\":\"autoscaling/v1\",\"kind\":\"Scale\",\"metadata\":{\"name\":\"web\"},\"spec\":{}}";
        assertEquals(0, replicas(send("PUT", SCALE, "application/json", none, 200)));
    }

    @Test
    void a_merge_patch_changes_it() throws Exception {
        String merge = "application/merge-patch+json";

        assertEquals(3, replicas(send("PATCH", SCALE, merge, "{\"spec\":{\"replicas\":3}}", 200)));
        send("PATCH", SCALE, merge, "{\"spec\":{\"replicas\":-1}}", 422);
        send("PATCH", SCALE, merge, "{\"spec\":{\"replicas\":null}}", 422);
        send("PATCH", SCALE, merge, "{\"spec\":null}", 422);
        send("PATCH", SCALE, merge, "\"none\"", 422);
        send("PATCH", SCALE, merge, "{\"spec\":{\"replicas\":\"many\"}}", 422);
        send("PATCH", SCALE, merge, "{\"metadata\":{\"resourceVersion\":\"1\"},\"spec\":{\"replicas\":4}}", 409);
        assertEquals(4, replicas(send("PATCH", SCALE + "?dryRun=All", merge, "{\"spec\":{\"replicas\":4}}", 200)));
        assertEquals(3, replicas(send("GET", SCALE, "application/json", "", 200)));
    }

    @Test
    void a_json_patch_tests_before_it_changes() throws Exception {
        String type = "application/json-patch+json";
        String test = "{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":2}";
        String replace = "{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":6}";

        assertEquals(2, replicas(send("PATCH", SCALE, type, "[" + test + "]", 200)));
        assertEquals(6, replicas(send("PATCH", SCALE, type, "[" + test + "," + replace + "]", 200)));
        send("PATCH", SCALE, type, "[" + test + "," + replace + "]", 422);
    }

    @Test
    void who_scales_manages_the_number_by_the_scale() throws Exception {
        String merge = "application/merge-patch+json";
        send("PATCH", SCALE + "?fieldManager=kubectl", merge, "{\"spec\":{\"replicas\":3}}", 200);

        JsonNode refused =
                send("PATCH", DEPLOYMENTS + "/web?fieldManager=kubectl", "application/apply-patch+yaml", """
                {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":2}}""", 409);

        assertEquals(
                "Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\" using apps/v1: "
                        + ".spec.replicas",
                refused.path("message").asText());
    }

    @Test
    void what_is_not_there_has_no_scale() throws Exception {
        send("GET", DEPLOYMENTS + "/other/scale", "application/json", "", 404);
        send("GET", "/api/v1/namespaces/default/scale", "application/json", "", 404);
        send("DELETE", SCALE, "application/json", "", 405);
    }

    private static int replicas(JsonNode scale) {
        return scale.at("/spec/replicas").asInt();
    }

    private JsonNode send(String method, String path, String type, String body, int code) throws Exception {
        HttpResponse<String> response = api.send(
                client,
                HttpRequest.newBuilder(api.uri(path))
                        .header("Content-Type", type)
                        .method(method, BodyPublishers.ofString(body)));
        assertEquals(code, response.statusCode(), response.body());
        return ObjectCodec.json().readTree(response.body());
    }
}
