package dev.slipway.door.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.slipway.desired.meta.ObjectCodec;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ResourcesTest {
    private static final String CORE = """
            {"items": [{"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [
              {"resource": "pods", "responseKind": {"kind": "Pod"}, "scope": "Namespaced", "singularResource": "pod",
               "verbs": ["get", "list"]}]}]}]}""";
    private static final String GROUPS = """
            {"items": [
              {"metadata": {"name": "apps"}, "versions": [{"version": "v1", "resources": [
                {"resource": "deployments", "responseKind": {"kind": "Deployment"}, "scope": "Namespaced",
                 "singularResource": "deployment", "shortNames": ["deploy"], "verbs": ["list"]}]}]},
              {"metadata": {"name": "metrics.k8s.io"}, "versions": [{"version": "v1beta1", "resources": [
                {"resource": "pods", "responseKind": {"kind": "PodMetrics"}, "scope": "Namespaced",
                 "singularResource": "", "verbs": ["get", "list"]}]}]},
              {"metadata": {"name": "authentication.k8s.io"}, "versions": [{"version": "v1", "resources": [
                {"resource": "tokenreviews", "responseKind": {"kind": "TokenReview"}, "scope": "Cluster",
                 "singularResource": "tokenreview", "verbs": ["create"]}]}]}]}""";

    @Test
    void an_unknown_kind_is_answered_with_those_that_can_be_listed_each_once() throws IOException {
        assertRefused("the engine has no kind \"foo\"; it has: deployments, pods", () -> resources()
                .named("foo"));
    }

    @Test
    void a_misspelled_kind_is_answered_with_the_one_that_is_meant() throws IOException {
        assertRefused("the engine has no kind \"deploymnets\"; did you mean deployments?", () -> resources()
                .meant("deploymnets"));
        assertRefused(
                "no matches for kind \"Deploymnet\" in version \"apps/v1\";"
                        + " did you mean kind \"Deployment\" in version \"apps/v1\"?",
                () -> resources().serving("apps/v1", "Deploymnet"));
        assertRefused(
                "no matches for kind \"Deployment\" in version \"extensions/v1beta1\";"
                        + " did you mean kind \"Deployment\" in version \"apps/v1\"?",
                () -> resources().serving("extensions/v1beta1", "Deployment"));
        assertRefused("no matches for kind \"Ingress\" in version \"v1\"", () -> resources()
                .serving("v1", "Ingress"));
    }

    private interface Question {
        Object ask() throws IOException;
    }

    private static void assertRefused(String message, Question question) {
        assertEquals(message, assertThrows(IOException.class, question::ask).getMessage());
    }

    private static Resources resources() throws IOException {
        JsonNode core = ObjectCodec.json().readTree(CORE);
        return Resources.of(List.of(core, ObjectCodec.json().readTree(GROUPS)));
    }
}
