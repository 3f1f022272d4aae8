package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ApiObject;
import java.util.List;

/// What became of a declaration.
public sealed interface ApplyOutcome {
    /// @param object as it is stored now
    /// @param changed whether this made a difference
    /// @param warnings about what was accepted and is not done
    record Applied(ApiObject object, boolean changed, List<String> warnings) implements ApplyOutcome {
        public Applied {
            warnings = List.copyOf(warnings);
        }
    }

    /// The declaration is wrong; only a change of it can help.
    ///
    /// @param field the path of the field that is wrong, or empty
    record Refused(String message, String field) implements ApplyOutcome {}

    /// It could not be done now, for instance because its namespace is missing.
    record Failed(String message) implements ApplyOutcome {}
}
