package dev.slipway.actor.registry;

import dev.slipway.engine.repository.Serving;
import java.util.Map;

/// Who serves registries on this host.
public interface RegistryServers {
    /// Serves nothing, for an engine that has no network to serve on.
    RegistryServers NONE = wanted -> Map.of();

    /// From now on serves what `wanted` says, and nothing else.
    ///
    /// @param wanted by the names of their Registries
    /// @return why those that cannot be served are not
    Map<String, String> use(Map<String, Serving> wanted);
}
