package dev.slipway.door.apiserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The API as another machine uses it: from another network namespace, over TLS.
class RemoteApiIT {
    private static final String CONTAINER = """
            {"apiVersion":"slipway.dev/v1alpha1","kind":"Container","metadata":{"name":"web"},
             "spec":{"image":"nginx"}}""";

    @TempDir
    Path root;

    private OtherNetwork network;
    private RunningApi api;

    @BeforeEach
    void start() throws Exception {
        network = OtherNetwork.join();
        api = RunningApi.start(root, network.hostAddress());
        assertEquals("201", curl("POST", "/api/v1/namespaces", """
                {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}}""", byToken()));
    }

    @AfterEach
    void stop() throws Exception {
        if (api != null) {
            api.close();
        }
        network.close();
    }

    @ParameterizedTest(name = "S11 containers are created, listed, watched and deleted from another network by {0}")
    @ValueSource(strings = {"certificate", "token"})
    void containers_are_managed_from_another_network(String kind) throws Exception {
        String containers = "/apis/slipway.dev/v1alpha1/namespaces/default/containers";
        List<String> credential = kind.equals("token") ? byToken() : byCertificate();

        assertEquals("201", curl("POST", containers, CONTAINER, credential));
        assertTrue(body(containers, credential).contains("\"name\":\"web\""));
        List<String> words = new ArrayList<>(
                List.of("curl", "-sN", "--cacert", api.authority().toString()));
        words.addAll(credential);
        words.add(url(containers + "?watch=true"));
        Process watch = new ProcessBuilder(network.inside(words)).start();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(watch.getInputStream(), StandardCharsets.UTF_8))) {
            assertTrue(lines.readLine().startsWith("{\"type\":\"ADDED\""));
            assertEquals("200", curl("DELETE", containers + "/web", "", credential));
            assertTrue(lines.readLine().contains("\"name\":\"web\""));
        } finally {
            watch.destroyForcibly().waitFor();
        }
    }

    @Test
    @DisplayName("S11 without a credential another network gets nothing")
    void without_a_credential_nothing_is_told() throws Exception {
        assertEquals("401", curl("GET", "/version", "", List.of()));
        assertEquals("401", curl("GET", "/api/v1/secrets", "", List.of("-H", "Authorization: Bearer guess")));
    }

    private List<String> byCertificate() {
        return List.of("--cert", root.resolve("pki/admin.pem").toString());
    }

    private List<String> byToken() {
        return List.of("-H", "Authorization: Bearer " + api.credentials().token());
    }

    private String url(String path) {
        return "https://" + network.hostAddress() + ":" + api.port() + path;
    }

    /// The code of the answer.
    private String curl(String method, String path, String body, List<String> credential) throws Exception {
        String[] words = {
            "-o", "/dev/null", "-w", "%{http_code}", "-X", method, "-H", "Content-Type: application/json", "-d", body
        };
        return run(path, credential, words);
    }

    private String body(String path, List<String> credential) throws Exception {
        return run(path, credential);
    }

    private String run(String path, List<String> credential, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of(
                "curl", "-s", "--max-time", "20", "--cacert", api.authority().toString()));
        words.addAll(credential);
        words.addAll(List.of(options));
        words.add(url(path));
        return network.output(words.toArray(String[]::new));
    }
}
