package dev.slipway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.slipway.EngineProcess.Ran;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The example of pushing, following and rolling back on two hosts, as its README says: one builds and pushes, the
/// other serves the registry, with a certificate and for users, and runs what is pushed there. The other host is a
/// network namespace of its own at the end of a cable.
class RegistryBetweenHostsIT {
    private static final Path EXAMPLE = Path.of("examples/07-push-follow-roll-back");
    private static final String EDGE = "10.231.77.2";
    private static final String HOST = EDGE + ":5085";

    private final String cable = "slwc" + Long.toString(ProcessHandle.current().pid(), 36);

    @TempDir
    Path root;

    private Path namespace;
    private EngineProcess builder;
    private EngineProcess edge;

    @BeforeEach
    void start() throws IOException {
        // Not in /run/netns: the first namespace there leaves a mount on the host, whose mounts other tests compare.
        namespace = Files.createFile(root.resolve("netns"));
        host("unshare --net=%s true".formatted(namespace));
        host("ip link add " + cable + " type veth peer name edge0 netns " + namespace);
        host("ip addr add 10.231.77.1/30 dev " + cable + " && ip link set " + cable + " up");
        host("nsenter --net=%s sh -ec 'ip addr add %s/30 dev edge0; ip link set edge0 up; ip link set lo up'"
                .formatted(namespace, EDGE));
        builder = EngineProcess.start();
        edge = EngineProcess.startInNetwork(namespace);
    }

    @AfterEach
    void close() throws IOException {
        try (EngineProcess _ = builder;
                EngineProcess _ = edge) {
            // Both are closed, whatever becomes of one of them.
        } finally {
            // The cable goes with its namespace, but in the kernel's own time.
            host("ip link del %s; ! mountpoint -q %s || umount %s".formatted(cable, namespace, namespace));
        }
    }

    private static String host(String line) {
        return Ran.run(new ProcessBuilder("sh", "-c", line), "").orFail().out();
    }

    @Test
    @DisplayName(
            "S52 S53 S56 S61 what one host pushes another serves and runs, and takes back when it does not get ready")
    void what_one_host_pushes_another_serves_and_runs_and_takes_back_when_it_does_not_get_ready() throws IOException {
        secrets();
        edge.apply(Files.readString(EXAMPLE.resolve("edge.yaml"))
                .replace("listen: 127.0.0.1:5085 # others need tls and users", """
                        listen: 0.0.0.0:5085
                            auth: Token
                            tls: { secretRef: { name: edge-tls } }
                            users: [{ secretRef: { name: shop-user }, allowPush: ["acme/*"] }]""")
                .replace("127.0.0.1:5085", HOST));
        edge.awaitField("registry/edge", ".status.conditions[?(@.type==\"Ready\")].status", "True");
        // It asks itself, knows its own certificate, and is let in: there is nothing yet.
        edge.await("nothing to follow yet", () -> edge.field(
                        "tag/edge-shop", ".status.conditions[?(@.type==\"Ready\")].message")
                .endsWith("not found"));
        builder.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Registry
                metadata: {name: edge}
                spec:
                  host: %s
                  tls: {caSecretRef: {name: edge-ca}}
                  credentials: [{secretRef: {name: edge-login}, repositories: ["acme/*"]}]
                """.formatted(HOST));
        String shop = Files.readString(EXAMPLE.resolve("shop.yaml"));

        builder.apply(shop);
        awaitPage("version 1");
        edge.awaitField("tag/edge-shop", ".status.history[0].result", "Succeeded");
        builder.apply(shop.replace("version 1", "version 2"));
        awaitPage("version 2");
        edge.awaitField("tag/edge-shop", ".status.history[0].result", "Succeeded");
        String two = edge.field("tag/edge-shop", ".status.digest");
        assertEquals(two, copied());
        assertEquals(two, pulled());
        builder.apply(shop.replace("version 1", "version 2").replace("httpd", "nothing"));

        edge.await("the third version to be taken back", () -> edge.field("tag/edge-shop", ".status.history")
                .contains("RolledBack"));
        awaitPage("version 2");
        assertEquals(two, edge.field("tag/edge-shop", ".status.digest"));
        assertEquals(
                builder.field("image/shop", ".status.digest"),
                edge.field("tag/edge-shop", ".status.quarantined[0].digest"));
        assertEquals("401", curl("-o", "/dev/null", "-w", "%{http_code}", "https://" + HOST + "/v2/_catalog"));
        assertEquals(
                "[\"latest\"]",
                host("skopeo list-tags --cert-dir %s --creds shop:engine docker://%s/acme/shop | tr -d ' \\n'"
                                .formatted(root.resolve("ca"), HOST))
                        .replaceAll(".*\"Tags\":(\\[.*])}", "$1"));
    }

    /// The digest of what another tool takes from the other host.
    private String copied() {
        host(
                "skopeo --insecure-policy copy -q --src-cert-dir %s --src-creds shop:engine docker://%s/acme/shop oci:%s:shop"
                        .formatted(root.resolve("ca"), HOST, root.resolve("copy")));
        return host("skopeo inspect --format '{{.Digest}}' oci:%s:shop".formatted(root.resolve("copy")))
                .strip();
    }

    /// The digest of what this host's engine pulls from the other.
    private String pulled() {
        builder.apply("""
                apiVersion: slipway.dev/v1alpha1
                kind: Image
                metadata: {name: from-edge}
                spec: {source: {pull: {reference: "%s/acme/shop:latest"}}}
                """.formatted(HOST));
        builder.awaitField("image/from-edge", ".status.conditions[?(@.type==\"Ready\")].status", "True");
        return builder.field("image/from-edge", ".status.digest");
    }

    /// Gives each host its secrets: a certificate and who may come, and what to trust and who one is.
    private void secrets() throws IOException {
        Path directory = Files.createDirectory(root.resolve("ca"));
        host(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=edge"
                        + " -addext subjectAltName=IP:%s -keyout %s/tls.key -out %s/ca.crt 2>&1")
                .formatted(EDGE, root, directory));
        edge.kubectl(
                        "create",
                        "secret",
                        "tls",
                        "edge-tls",
                        "--cert=" + directory.resolve("ca.crt"),
                        "--key=" + root.resolve("tls.key"))
                .orFail();
        edge.apply("""
                apiVersion: v1
                kind: Secret
                type: kubernetes.io/basic-auth
                metadata: {name: shop-user, namespace: default}
                stringData: {username: shop, password: engine}
                """);
        builder.kubectl("create", "secret", "generic", "edge-ca", "--from-file=ca.crt=" + directory.resolve("ca.crt"))
                .orFail();
        String login = Base64.getEncoder().encodeToString("shop:engine".getBytes(StandardCharsets.UTF_8));
        builder.apply("""
                apiVersion: v1
                kind: Secret
                type: kubernetes.io/dockerconfigjson
                metadata: {name: edge-login, namespace: default}
                stringData: {.dockerconfigjson: '{"auths":{"%s":{"auth":"%s"}}}'}
                """.formatted(HOST, login));
    }

    /// Waits until the other host's container shows the page to this host.
    private void awaitPage(String text) {
        edge.await(
                "the page of " + text,
                () -> curl("http://" + EDGE + ":8085/").strip().equals(text));
    }

    private String curl(String... words) {
        List<String> all = new ArrayList<>(List.of("curl", "-sS", "--max-time", "5"));
        all.addAll(List.of("--cacert", root.resolve("ca/ca.crt").toString()));
        all.addAll(List.of(words));
        return Ran.run(new ProcessBuilder(all), "").out();
    }
}
