package dev.slipway.desired.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.slipway.desired.kind.Kind;
import dev.slipway.desired.meta.ObjectKey;
import java.util.List;

/// An object on its way to the store.
///
/// @param object decoded; belongs to the draft
/// @param owned its managed fields are right already, because it was applied
/// @param pinned the resource version that the writer insists on, or empty
/// @param warnings so far
record Draft(Kind kind, ObjectKey key, ObjectNode object, boolean owned, String pinned, List<String> warnings) {}
