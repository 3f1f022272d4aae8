package dev.slipway.engine.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// Hands out tokens that a real registry accepts, to anna with the password `secret`.
///
/// @spec https://distribution.github.io/distribution/spec/auth/jwt/ Token Authentication Implementation
final class TokenServer implements AutoCloseable {
    private static final String ANNA = "Basic YW5uYTpzZWNyZXQ=";
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final HttpServer server;
    private final Path certificate;
    private final Path key;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    TokenServer(Path root) throws IOException {
        certificate = root.resolve("token.crt");
        key = root.resolve("token.key");
        Command.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=tokens",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        server.createContext("/token", this::answer);
        server.start();
    }

    /// Lines of the registry's configuration.
    String configuration() {
        return """
                auth:
                  token:
                    realm: http://127.0.0.1:%d/token
                    service: test-registry
                    issuer: test-issuer
                    rootcertbundle: %s
                """.formatted(server.getAddress().getPort(), certificate);
    }

    /// The queries that came.
    List<String> asked() {
        return asked;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String query = URLDecoder.decode(exchange.getRequestURI().getRawQuery(), UTF_8);
        asked.add(query);
        boolean known = ANNA.equals(exchange.getRequestHeaders().getFirst("Authorization"));
        byte[] body = known ? ("{\"token\":\"" + token(query) + "\"}").getBytes(UTF_8) : new byte[0];
        exchange.sendResponseHeaders(known ? 200 : 401, known ? body.length : -1);
        if (known) {
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }

    private String token(String query) throws IOException {
        String scope = query.replaceAll(".*scope=", "");
        String repository = scope.split(":")[1];
        long now = Instant.now().getEpochSecond();
        String chain = Files.readString(certificate).replaceAll("-----[A-Z ]+-----|\\s", "");
        String header = "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"x5c\":[\"" + chain + "\"]}";
        String claims = """
                {"iss":"test-issuer","sub":"anna","aud":"test-registry","exp":%d,"nbf":%d,"iat":%d,"jti":"1",
                 "access":[{"type":"repository","name":"%s","actions":["pull"]}]}
                """.formatted(now + 300, now - 10, now, repository);
        String signed =
                BASE64.encodeToString(header.getBytes(UTF_8)) + "." + BASE64.encodeToString(claims.getBytes(UTF_8));
        return signed + "." + BASE64.encodeToString(sign(signed.getBytes(UTF_8)));
    }

    private byte[] sign(byte[] bytes) throws IOException {
        try {
            String pem = Files.readString(key).replaceAll("-----[A-Z ]+-----|\\s", "");
            PrivateKey secret = KeyFactory.getInstance("RSA")
                    .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(pem)));
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(secret);
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }
}
