package dev.slipway.desired.api;

import dev.slipway.desired.meta.ApiObject;
import java.util.List;

/// What a write led to.
///
/// @param created the object did not exist before
/// @param warnings for the client: dropped fields, fields not enforced yet
public record Written(ApiObject object, boolean created, List<String> warnings) {
    public Written {
        warnings = List.copyOf(warnings);
    }
}
