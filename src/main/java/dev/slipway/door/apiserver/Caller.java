package dev.slipway.door.apiserver;

import java.util.List;

/// Who asks.
record Caller(String name, List<String> groups) {
    /// Whoever can open the unix socket or holds the administrator's certificate or token.
    static final Caller ADMINISTRATOR = new Caller("admin", List.of("system:masters", "system:authenticated"));

    Caller {
        groups = List.copyOf(groups);
    }
}
