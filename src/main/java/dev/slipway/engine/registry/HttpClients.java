package dev.slipway.engine.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/// One HTTP client for each set of trusted certificates, made when it is first needed. HTTP/1.1 only: layers travel
/// side
/// by side on connections of their own, without one window for all. Redirects are left to the caller.
final class HttpClients implements AutoCloseable {
    private final Duration connectTimeout;
    private final Map<String, HttpClient> clients = new ConcurrentHashMap<>();

    HttpClients(Duration connectTimeout) {
        this.connectTimeout = connectTimeout;
    }

    /// @param caCertificates PEM, trusted besides the system's; empty for none
    HttpClient trusting(String caCertificates) throws RegistryException {
        HttpClient known = clients.get(caCertificates);
        if (known != null) {
            return known;
        }
        HttpClient made = make(caCertificates);
        HttpClient earlier = clients.putIfAbsent(caCertificates, made);
        return earlier == null ? made : earlier;
    }

    @Override
    public void close() {
        clients.values().forEach(HttpClient::shutdownNow);
        clients.clear();
    }

    private HttpClient make(String caCertificates) throws RegistryException {
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(connectTimeout);
        if (!caCertificates.isEmpty()) {
            builder.sslContext(context(caCertificates));
        }
        return builder.build();
    }

    private static SSLContext context(String caCertificates) throws RegistryException {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int count = 0;
            for (X509Certificate certificate : systemCertificates()) {
                trusted.setCertificateEntry("system-" + count++, certificate);
            }
            byte[] pem = caCertificates.getBytes(StandardCharsets.UTF_8);
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem))) {
                trusted.setCertificateEntry("own-" + count++, certificate);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new RegistryException(
                    RegistryException.Kind.PROTOCOL, "read CA certificates: " + e.getMessage(), null, e);
        }
    }

    private static X509Certificate[] systemCertificates() throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((KeyStore) null);
        return Arrays.stream(factory.getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .flatMap(manager -> Arrays.stream(((X509TrustManager) manager).getAcceptedIssuers()))
                .toArray(X509Certificate[]::new);
    }
}
