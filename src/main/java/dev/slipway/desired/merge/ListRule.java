package dev.slipway.desired.merge;

import java.util.List;

/// How two versions of a list are brought together.
///
/// @spec https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy Kubernetes: Merge strategy
public sealed interface ListRule {
    /// Items are objects, told apart by the values of these fields; order is that of the applier, then of the rest.
    record Keyed(List<String> keys) implements ListRule {
        public Keyed {
            keys = List.copyOf(keys);
        }
    }

    /// Items are plain values, each at most once.
    record ValueSet() implements ListRule {}

    /// One value: the list is replaced as a whole and owned as a whole.
    record Atomic() implements ListRule {}
}
