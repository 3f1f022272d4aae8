package dev.slipway.door.http;

import java.util.List;

/// Who asks.
public record Caller(String name, List<String> groups) {
    /// Whoever can open the unix socket or holds the administrator's certificate or token.
    public static final Caller ADMINISTRATOR = new Caller("admin", List.of("system:masters", "system:authenticated"));

    public Caller {
        groups = List.copyOf(groups);
    }
}
