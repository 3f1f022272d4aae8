package dev.slipway.actor.registry;

import dev.slipway.engine.registry.Credentials;
import dev.slipway.engine.repository.Serving;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Who the engine is to the registries that it serves itself for users only: what follows or runs an image of theirs
/// reads them, as it reads any other registry.
///
/// Name and password are of this process, and written nowhere. Each registry has its own: where the name of one leads
/// to another host, that host learns nothing that opens the others. Thread-safe.
final class EngineUser {
    private static final int RANDOM_BYTES = 32;

    private final Map<String, Credentials> byHost = new ConcurrentHashMap<>();

    /// What it shows to the registry of that name.
    Credentials credentials(String host) {
        return byHost.computeIfAbsent(host, same -> new Credentials("engine-" + hex(), hex()));
    }

    /// Whom that registry knows by it: one who reads all, and pushes nothing.
    Serving.User served(String host) {
        Credentials own = credentials(host);
        return new Serving.User(own.username(), own.password(), List.of("*"), List.of());
    }

    private static String hex() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
