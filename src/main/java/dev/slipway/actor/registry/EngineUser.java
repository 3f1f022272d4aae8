package dev.slipway.actor.registry;

import dev.slipway.engine.registry.Credentials;
import dev.slipway.engine.repository.Serving;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/// Who the engine is to the registries that it serves itself for users only: what follows or runs an image of theirs
/// reads them, as it reads any other registry. The password is of this process, and written nowhere.
record EngineUser(String name, String password) {
    private static final int RANDOM_BYTES = 32;

    static EngineUser random() {
        return new EngineUser("engine-" + hex(), hex());
    }

    private static String hex() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    Serving.User served() {
        return new Serving.User(name, password, List.of("*"), List.of());
    }

    Credentials credentials() {
        return new Credentials(name, password);
    }

    @Override
    public String toString() {
        return "EngineUser[hidden]";
    }
}
