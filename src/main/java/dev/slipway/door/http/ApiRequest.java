package dev.slipway.door.http;

import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// One request after it was admitted and its body was read.
///
/// @param method in upper case
/// @param segments the parts of the path between slashes, decoded
/// @param contentType media type of the body without parameters, in lower case
/// @param userAgent what the client calls itself
/// @param upload the body as it comes, of a request whose body was not read before; else at its end
/// @param offer whether the client offers to go on in another way
public record ApiRequest(
        String method,
        List<String> segments,
        Query query,
        String accept,
        String contentType,
        String userAgent,
        byte[] body,
        InputStream upload,
        Optional<UpgradeOffer> offer,
        Caller caller) {
    public ApiRequest {
        segments = List.copyOf(segments);
    }

    /// Whether the client can read a document in this form of `apidiscovery.k8s.io` or `meta.k8s.io`.
    public boolean accepts(String form) {
        return accept.contains("as=" + form + ";") || accept.matches(".*as=" + form + "(,.*)?");
    }

    /// The program's name in a User-Agent, as Kubernetes takes it for the field manager when none is given.
    public String program() {
        int slash = userAgent.indexOf('/');
        String program = slash < 0 ? userAgent : userAgent.substring(0, slash);
        return program.isEmpty() ? "unknown" : program;
    }

    public static String mediaType(String contentType) {
        int semicolon = contentType.indexOf(';');
        return (semicolon < 0 ? contentType : contentType.substring(0, semicolon))
                .strip()
                .toLowerCase(Locale.ROOT);
    }
}
