package dev.slipway.engine.registry;

/// What is asked of images of a registry before they are used.
///
/// @param publicKeyPem whose signature they need; without a key that can be read no image has one
public record Verification(Mode mode, String publicKeyPem) {
    public static final Verification OFF = new Verification(Mode.OFF, "");

    public enum Mode {
        /// An image without a good signature is not pulled.
        ENFORCE,
        /// It is, and that is told.
        WARN,
        OFF
    }
}
