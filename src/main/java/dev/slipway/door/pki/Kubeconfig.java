package dev.slipway.door.pki;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// The file that points kubectl, helm and client libraries at this engine and makes them administrator.
///
/// @spec https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/ kubeconfig files
final class Kubeconfig {
    private Kubeconfig() {}

    /// The file's content; it holds the administrator's private key.
    static byte[] text(String serverUrl, Identity authority, Identity administrator) {
        return """
                apiVersion: v1
                kind: Config
                current-context: slipway
                clusters:
                - name: slipway
                  cluster:
                    server: %s
                    certificate-authority-data: %s
                users:
                - name: slipway-admin
                  user:
                    client-certificate-data: %s
                    client-key-data: %s
                contexts:
                - name: slipway
                  context:
                    cluster: slipway
                    user: slipway-admin
                """.formatted(
                        serverUrl,
                        base64(authority.certificatePem()),
                        base64(administrator.certificatePem()),
                        base64(administrator.keyPem()))
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.US_ASCII));
    }
}
