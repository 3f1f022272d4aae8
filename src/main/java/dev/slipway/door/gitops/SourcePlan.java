package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ObjectKey;
import java.util.List;

/// What one look at a source's files asks for.
///
/// @param applies all declarations whose kind is known, in the order in which they are to be applied
/// @param unknown declarations whose kind is not known yet
/// @param missing objects of the inventory that no file declares any more, in the order in which they are to be pruned
/// @param problems what is wrong with the files
record SourcePlan(
        List<Step> applies, List<Declaration> unknown, List<ObjectKey> missing, List<SourceProblem> problems) {
    SourcePlan {
        applies = List.copyOf(applies);
        unknown = List.copyOf(unknown);
        missing = List.copyOf(missing);
        problems = List.copyOf(problems);
    }

    /// @param hash of the file that declares it
    record Step(ObjectKey key, Declaration declaration, String hash) {}
}
