package dev.slipway.engine.registry;

/// A name and a password for a registry. Never printed.
///
/// @param identityToken an OAuth2 refresh token in place of the password, or empty
public record Credentials(String username, String password, String identityToken) {
    public Credentials(String username, String password) {
        this(username, password, "");
    }

    @Override
    public String toString() {
        return "Credentials[" + username + "]";
    }
}
