package dev.slipway.engine.tree;

import dev.slipway.engine.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// One file of a tree, whatever its type. Times are not part of it.
public sealed interface TreeNode {
    FileOwner owner();

    /// @param mode permission bits
    record Directory(int mode, FileOwner owner) implements TreeNode {
        public static final Directory PLAIN = new Directory(0755, FileOwner.ROOT);
    }

    /// @param mode permission bits, with those for set-user-ID and the like
    /// @param attributes extended attributes; each byte of a value is one letter
    record File(Content content, int mode, FileOwner owner, SortedMap<String, String> attributes) implements TreeNode {
        public File(Content content, int mode, FileOwner owner) {
            this(content, mode, owner, new TreeMap<>(Map.of()));
        }
    }

    record Symlink(String target, FileOwner owner) implements TreeNode {}

    /// What is in a regular file.
    sealed interface Content {
        Digest digest();

        record Text(byte[] bytes, Digest digest) implements Content {
            public static Text of(String text) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                return new Text(bytes, Digest.sha256(bytes));
            }
        }

        /// A file of the host as it was when it was looked at. Two names of one file have equal contents.
        ///
        /// @param path in `tree`; not part of what makes two equal
        record Found(SourceTree tree, String path, FileFacts.Identity identity, Digest digest) implements Content {
            @Override
            public boolean equals(Object other) {
                return other instanceof Found found && identity.equals(found.identity);
            }

            @Override
            public int hashCode() {
                return identity.hashCode();
            }
        }
    }

    /// A device or a pipe.
    ///
    /// @param mode with the type
    record Special(int mode, long device, FileOwner owner) implements TreeNode {}
}
