package dev.slipway.door.http;

/// A request was refused before any object was looked at: its path, headers, parameters or form are wrong.
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int code;
    private final String reason;

    public RefusedException(int code, String reason, String message) {
        super(message, null, false, false);
        this.code = code;
        this.reason = reason;
    }

    public static RefusedException badRequest(String message) {
        return new RefusedException(400, "BadRequest", message);
    }

    public static RefusedException notFound() {
        return new RefusedException(404, "NotFound", "the server could not find the requested resource");
    }

    public static RefusedException methodNotAllowed() {
        return new RefusedException(
                405, "MethodNotAllowed", "the server does not allow this method on the requested resource");
    }

    public int code() {
        return code;
    }

    /// The machine-readable word in the Status.
    public String reason() {
        return reason;
    }
}
