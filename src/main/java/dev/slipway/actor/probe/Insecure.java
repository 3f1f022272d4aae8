package dev.slipway.actor.probe;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// TLS with whoever answers. A probe asks whether somebody is there, not who it is; nothing secret is sent.
final class Insecure {
    private Insecure() {}

    /// Made when the first container is asked over TLS.
    private static final class Context {
        private static final SSLContext INSTANCE = make();

        private static SSLContext make() {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {new Everybody()}, null);
                return context;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java platform has TLS", e);
            }
        }
    }

    /// Closing it closes `socket`.
    static SSLSocket over(Socket socket, String host, int port) throws IOException {
        return (SSLSocket) Context.INSTANCE.getSocketFactory().createSocket(socket, host, port, true);
    }

    private static final class Everybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            // Nobody is asked for a certificate.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            // Whoever it is.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            // Nobody is asked for a certificate.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            // Whoever it is.
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            // Nobody is asked for a certificate.
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            // Whoever it is.
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
