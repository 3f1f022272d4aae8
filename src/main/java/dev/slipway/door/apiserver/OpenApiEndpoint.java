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

/// Answers `/openapi/v3`. A document asked for under its hash never changes, so that clients may keep it. There is no
/// `/openapi/v2`: clients that miss it use what they know of Kubernetes' kinds.
final class OpenApiEndpoint implements Endpoint {
    private static final Duration FOR_GOOD = Duration.ofDays(365);
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
