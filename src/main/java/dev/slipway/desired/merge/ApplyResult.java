package dev.slipway.desired.merge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/// How a server-side apply ended.
public sealed interface ApplyResult {
    /// The object with the applied fields and its managed fields.
    record Merged(ObjectNode object) implements ApplyResult {}

    /// Somebody else manages fields that would get another value; nothing was changed.
    record Conflicts(List<Conflict> conflicts) implements ApplyResult {
        public Conflicts {
            conflicts = List.copyOf(conflicts);
        }
    }

    /// @param writer who manages the field
    /// @param path `.spec.replicas`
    record Conflict(ManagedFields.Writer writer, String path) {}
}
