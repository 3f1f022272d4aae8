package dev.slipway.actor.probe;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// What a server says to `grpc.health.v1.Health/Check`. Pure.
///
/// @param fields headers and trailers together
/// @param message the bytes of the response message with the five before it; empty when there is none
/// @spec https://github.com/grpc/grpc/blob/master/doc/health-checking.md GRPC Health Checking Protocol
record GrpcAnswer(Map<String, String> fields, byte[] message) {
    private static final int PREFIX_BYTES = 5;
    private static final int OK = 0;
    private static final int DEADLINE_EXCEEDED = 4;
    private static final int UNIMPLEMENTED = 12;
    private static final int SERVING = 1;
    private static final String[] STATUSES = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
    private static final String[] CODES = {
        "OK",
        "Canceled",
        "Unknown",
        "InvalidArgument",
        "DeadlineExceeded",
        "NotFound",
        "AlreadyExists",
        "PermissionDenied",
        "ResourceExhausted",
        "FailedPrecondition",
        "Aborted",
        "OutOfRange",
        "Unimplemented",
        "Internal",
        "Unavailable",
        "DataLoss",
        "Unauthenticated"
    };

    Finding finding(Duration timeout) {
        Optional<Integer> code = code();
        if (code.isEmpty()) {
            return failed("Unknown", "unexpected HTTP status code received from server: " + fields.get(":status"));
        }
        String words = unescaped(fields.getOrDefault("grpc-message", ""));
        return switch (code.get()) {
            case OK -> status();
            case UNIMPLEMENTED ->
                new Finding.Unhealthy(
                        "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): "
                                + words);
            case DEADLINE_EXCEEDED -> late(timeout);
            default -> failed(code.get() < CODES.length ? CODES[code.get()] : "Code(" + code.get() + ")", words);
        };
    }

    static Finding late(Duration timeout) {
        return new Finding.Unhealthy("timeout: health rpc did not complete within " + GoText.duration(timeout));
    }

    static Finding failed(String code, String words) {
        return new Finding.Unhealthy(
                "error: health rpc probe failed: rpc error: code = %s desc = %s".formatted(code, words));
    }

    private Optional<Integer> code() {
        String code = fields.getOrDefault("grpc-status", "");
        return code.matches("[0-9]{1,3}") ? Optional.of(Integer.valueOf(code)) : Optional.empty();
    }

    private Finding status() {
        int status = servingStatus();
        if (status == SERVING) {
            return new Finding.Healthy();
        }
        String name = status >= 0 && status < STATUSES.length ? STATUSES[status] : Integer.toString(status);
        return new Finding.Unhealthy("service unhealthy (responded with %s)".formatted(GoText.quoted(name)));
    }

    /// Field 1 of the message, a number; nothing at all says 0.
    private int servingStatus() {
        boolean hasStatus = message.length >= PREFIX_BYTES + 2 && message[0] == 0 && message[PREFIX_BYTES] == 0x08;
        return hasStatus ? message[PREFIX_BYTES + 1] : 0;
    }

    private static String unescaped(String text) {
        StringBuilder plain = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            boolean isEscape = text.charAt(i) == '%' && text.substring(i + 1).matches("(?s)[0-9a-fA-F]{2}.*");
            if (isEscape) {
                plain.append((char) Integer.parseInt(text, i + 1, i + 3, 16));
                i += 2;
            } else {
                plain.append(text.charAt(i));
            }
        }
        return new String(plain.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }
}
