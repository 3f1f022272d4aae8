package dev.slipway.door.apiserver;

import dev.slipway.door.http.ApiRequest;
import dev.slipway.door.http.Endpoint;
import dev.slipway.door.http.RefusedException;
import dev.slipway.door.http.Reply;
import dev.slipway.door.openapi.OpenApi;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Answers `/openapi/v3`. A document asked for under its hash never changes, so that clients may keep it.
///
/// Of `/openapi/v2` there is only the form in which kubectl and its like ask for it, with nothing in it: they take no
/// `kind: List` without one, and check by it what it describes. What is wrong is found here. Whoever asks for another
/// form, to learn of kinds from it, is told that there is none.
final class OpenApiEndpoint implements Endpoint {
    private static final Duration FOR_GOOD = Duration.ofDays(365);
    private static final String PROTOCOL_BUFFER = "application/com.github.proto-openapi.spec.v2";
    /// `swagger: "2.0"`, the first field of the message Document.
    private static final byte[] DESCRIBES_NOTHING = {0x0A, 3, '2', '.', '0'};
    private static final DateTimeFormatter HTTP_DATE = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final OpenApi openApi;
    private final InstantSource clock;

    OpenApiEndpoint(OpenApi openApi, InstantSource clock) {
        this.openApi = openApi;
        this.clock = clock;
    }

    @Override
    public Reply answer(ApiRequest request) {
        List<String> segments = request.segments();
        if (segments.equals(List.of("openapi", "v2")) && request.accept().contains(PROTOCOL_BUFFER)) {
            return new Reply.Bytes(
                    200,
                    DESCRIBES_NOTHING,
                    Map.of("Content-Type", PROTOCOL_BUFFER + ".v1.0+protobuf", "Vary", "Accept"));
        }
        if (segments.size() < 2 || !segments.get(1).equals("v3")) {
            throw RefusedException.notFound();
        }
        if (segments.size() == 2) {
            return Reply.ok(openApi.index());
        }
        String root = String.join("/", segments.subList(2, segments.size()));
        byte[] document = openApi.document(root).orElseThrow(RefusedException::notFound);
        return new Reply.Bytes(200, document, headers(root, request.query().text("hash")));
    }

    private Map<String, String> headers(String root, String asked) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", Reply.JSON);
        headers.put("ETag", "\"" + openApi.hash(root) + "\"");
        headers.put("Date", HTTP_DATE.format(clock.instant()));
        if (asked.equals(openApi.hash(root))) {
            headers.put("Cache-Control", "public, immutable");
            headers.put("Expires", HTTP_DATE.format(clock.instant().plus(FOR_GOOD)));
        } else {
            headers.put("Cache-Control", "no-cache, private");
        }
        return headers;
    }
}
