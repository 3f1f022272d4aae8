package dev.slipway.door.pki;

import java.io.IOException;

/// Gives the credentials that are valid now, and renews what is due; [Pki#current] in an engine.
@FunctionalInterface
public interface CredentialSource {
    Credentials current() throws IOException;
}
