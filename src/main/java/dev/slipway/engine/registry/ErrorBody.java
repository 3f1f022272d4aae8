package dev.slipway.engine.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;

/// What a registry says about its refusal, made safe to print.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes OCI Distribution Spec:
///     Errors
final class ErrorBody {
    private static final int LONGEST = 200;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private ErrorBody() {}

    /// ` (CODE: message)` of the first error in `body`, or nothing if it is not of the specified form.
    static String detail(InputStream body, int largestBytes) {
        try {
            JsonNode error = MAPPER.readTree(body.readNBytes(largestBytes))
                    .path("errors")
                    .path(0);
            String code = clean(error.path("code").asText(""));
            String message = clean(error.path("message").asText(""));
            String both = code.isEmpty() || message.isEmpty() ? code + message : code + ": " + message;
            return both.isEmpty() ? "" : " (" + both + ")";
        } catch (IOException e) {
            // The status has said enough; a body that cannot be read adds nothing.
            return "";
        }
    }

    private static String clean(String text) {
        String printable = text.replaceAll("[\\p{Cntrl}\\p{Cf}]+", " ").strip();
        return printable.length() <= LONGEST ? printable : printable.substring(0, LONGEST) + "...";
    }
}
