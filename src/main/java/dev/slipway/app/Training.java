package dev.slipway.app;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// What an engine does to itself before the start-up cache is written: it builds an image, runs a container, and
/// answers what clients ask first, so that the cache has the classes of all that.
///
/// @param url of the engine's own TLS listener
/// @param pki directory of its certificates and its token
record Training(String url, Path pki) {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String OWN = "/apis/slipway.dev/v1alpha1";
    private static final String DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    private static final String TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

    private static final String IMAGE = """
            apiVersion: slipway.dev/v1alpha1
            kind: Image
            metadata: {name: training}
            spec: {source: {build: {from: scratch, steps: [
              {copyFromHost: {paths: [/bin/sleep], libraries: true}}, {config: {cmd: [/bin/sleep, "600"]}}]}}}
            """;
    private static final String CONTAINER = """
            apiVersion: slipway.dev/v1alpha1
            kind: Container
            metadata: {name: training}
            spec: {imageFrom: {kind: Image, name: training}, stop: {signal: SIGKILL}}
            """;

    /// @return the exit code
    /// @throws IOException when the engine does not do what it should; then there is nothing to be learned from it
    int run() throws IOException, InterruptedException {
        try (HttpClient client = client()) {
            Session session = new Session(
                    client, url, Files.readString(pki.resolve("token")).strip());
            for (String path :
                    List.of("/version", "/readyz", "/status", "/metrics", "/openapi/v3", "/openapi/v3/api/v1")) {
                session.get(path, "application/json");
            }
            session.get("/api", DISCOVERY);
            session.get("/apis", DISCOVERY);
            session.get("/api/v1/pods?limit=500", TABLE);
            session.get("/api/v1/pods?watch=true&timeoutSeconds=1&allowWatchBookmarks=true", TABLE);
            session.apply(OWN + "/images/training", IMAGE);
            session.apply(OWN + "/namespaces/default/containers/training", CONTAINER);
            session.await(OWN + "/namespaces/default/containers/training", "\"phase\":\"Running\"");
            session.get(OWN + "/containers", TABLE);
            session.delete(OWN + "/namespaces/default/containers/training");
            session.await(OWN + "/namespaces/default/containers/training", "\"reason\":\"NotFound\"");
            session.delete(OWN + "/images/training");
            session.await(OWN + "/images/training", "\"reason\":\"NotFound\"");
            return 0;
        }
    }

    private HttpClient client() throws IOException {
        try (var certificate = Files.newInputStream(pki.resolve("ca.crt"))) {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, new char[0]);
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(certificate));
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            return HttpClient.newBuilder().sslContext(tls).build();
        } catch (GeneralSecurityException e) {
            throw new IOException("trust the engine's authority: " + e.getMessage(), e);
        }
    }

    private record Session(HttpClient client, String url, String token) {
        String get(String path, String accept) throws IOException, InterruptedException {
            return send(request(path).header("Accept", accept).GET());
        }

        void apply(String path, String yaml) throws IOException, InterruptedException {
            HttpRequest.Builder request = request(path + "?fieldManager=training&fieldValidation=Strict")
                    .header("Content-Type", "application/apply-patch+yaml");
            send(request.method("PATCH", BodyPublishers.ofString(yaml)));
        }

        void delete(String path) throws IOException, InterruptedException {
            send(request(path).DELETE());
        }

        void await(String path, String text) throws IOException, InterruptedException {
            long deadline = System.nanoTime() + LIMIT.toNanos();
            String answer = get(path, "application/json");
            while (!answer.contains(text)) {
                if (System.nanoTime() > deadline) {
                    throw new IOException("waited in vain for " + text + " in " + answer);
                }
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
                answer = get(path, "application/json");
            }
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create(url + path))
                    .timeout(LIMIT)
                    .header("Authorization", "Bearer " + token);
        }

        private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
            HttpResponse<String> response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300 && response.statusCode() != 404) {
                throw new IOException(response.statusCode() + ": " + response.body());
            }
            return response.body();
        }
    }
}
