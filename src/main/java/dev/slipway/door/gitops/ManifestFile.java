package dev.slipway.door.gitops;

import dev.slipway.desired.meta.ObjectKey;
import java.util.List;

/// What one file says.
sealed interface ManifestFile {
    /// Path below the source's directory.
    String path();

    /// @param hash of its bytes
    record Good(String path, String hash, List<Declaration> declarations) implements ManifestFile {
        public Good {
            declarations = List.copyOf(declarations);
        }
    }

    /// Nothing of it is applied, because nobody knows what is missing.
    ///
    /// @param text as far as it could be read; empty when it could not
    record Bad(String path, String text, SourceProblem problem) implements ManifestFile {
        /// Whether the file may declare this object: unless its text says otherwise, it may.
        boolean mayDeclare(ObjectKey key) {
            return text.isEmpty() || text.contains(key.name());
        }
    }
}
