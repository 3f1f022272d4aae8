package dev.slipway.desired.meta;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/// Which watched directory declares an object: its field manager is named after the `Sync` of that directory. Pure.
public final class DeclaredBy {
    private static final String PREFIX = "sync/";

    private DeclaredBy() {}

    /// The field manager of what a directory declares.
    ///
    /// @param sync name of its `Sync` object
    public static String manager(String sync) {
        return PREFIX + sync;
    }

    /// The `Sync` that wrote an entry of `metadata.managedFields`; empty where somebody else did.
    public static Optional<String> sync(JsonNode entry) {
        String manager = entry.path("manager").asText();
        return manager.startsWith(PREFIX) ? Optional.of(manager.substring(PREFIX.length())) : Optional.empty();
    }

    /// The `Sync` that declares an object, or any of them; empty where none does.
    public static Optional<String> sync(ApiObject object) {
        for (JsonNode entry : object.metadata().path("managedFields")) {
            Optional<String> sync = sync(entry);
            if (sync.isPresent()) {
                return sync;
            }
        }
        return Optional.empty();
    }
}
