package dev.slipway.desired.kind;

/// A rule that an object breaks, as a cause of a Kubernetes `Status`.
///
/// @param path `spec.containers[0].image`
/// @param reason of the Kubernetes API, for instance `FieldValueRequired`
/// @param message `Required value`, or `Invalid value: "x": must be ...`
public record FieldError(String path, String reason, String message) {
    @Override
    public String toString() {
        return path + ": " + message;
    }
}
