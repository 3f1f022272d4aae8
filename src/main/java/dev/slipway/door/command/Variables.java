package dev.slipway.door.command;

import dev.slipway.desired.meta.NearestName;
import java.util.Map;
import java.util.Set;

/// Environment variables that say which engine is meant.
public final class Variables {
    private static final String PREFIX = "SLIPWAY_";

    private Variables() {}

    /// @param name such as `SLIPWAY_RUN`
    /// @throws WrongUsageException when it is not set and another one misspells it: the command would speak with an
    ///     engine that is not meant
    public static String of(Map<String, String> environment, String name, String otherwise) {
        String value = environment.get(name);
        if (value != null) {
            return value;
        }
        Set<String> known = Set.of(name.substring(PREFIX.length()));
        for (String other : environment.keySet()) {
            WrongUsageException.unless(
                    !other.startsWith(PREFIX)
                            || NearestName.misspelled(other.substring(PREFIX.length()), known)
                                    .isEmpty(),
                    "%s is no variable of slipway; did you mean %s?".formatted(other, name));
        }
        return otherwise;
    }
}
