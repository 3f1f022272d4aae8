package dev.slipway.door.distribution;

import java.util.Map;

/// A request is not done, for a reason that its client is told.
final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final ErrorCode code;
    private final transient Map<String, String> headers;

    RefusedException(int status, ErrorCode code, String message) {
        this(status, code, message, Map.of());
    }

    RefusedException(int status, ErrorCode code, String message, Map<String, String> headers) {
        super(message);
        this.status = status;
        this.code = code;
        this.headers = Map.copyOf(headers);
    }

    static RefusedException unsupported(String message) {
        return new RefusedException(405, ErrorCode.UNSUPPORTED, message);
    }

    static RefusedException invalidDigest(String text) {
        return new RefusedException(400, ErrorCode.DIGEST_INVALID, "not a digest: " + text);
    }

    ErrorCode code() {
        return code;
    }

    Answer answer() {
        return Answer.error(status, code, String.valueOf(getMessage())).with(headers);
    }
}
