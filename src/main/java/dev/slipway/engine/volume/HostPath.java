package dev.slipway.engine.volume;

import java.nio.file.Path;

/// A path of the host that a pod may use, and what has to be there.
///
/// @param path absolute; given by policy, so its symbolic links are followed
/// @spec https://kubernetes.io/docs/concepts/storage/volumes/#hostpath Kubernetes: hostPath
public record HostPath(Path path, Type type) {
    public HostPath {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("host path is not absolute: " + path);
        }
    }

    /// Named as in Kubernetes, apart from [#UNCHECKED], which is empty there.
    public enum Type {
        /// Anything; a directory is made where nothing is.
        UNCHECKED(""),
        DIRECTORY_OR_CREATE("DirectoryOrCreate"),
        DIRECTORY("Directory"),
        FILE_OR_CREATE("FileOrCreate"),
        FILE("File"),
        SOCKET("Socket"),
        CHAR_DEVICE("CharDevice"),
        BLOCK_DEVICE("BlockDevice");

        private final String word;

        Type(String word) {
            this.word = word;
        }

        /// @throws IllegalArgumentException when Kubernetes has no such type
        public static Type of(String word) {
            for (Type type : values()) {
                if (type.word.equals(word)) {
                    return type;
                }
            }
            throw new IllegalArgumentException("unknown hostPath type: " + word);
        }

        /// Whether a device node has to be there.
        public boolean isDevice() {
            return this == CHAR_DEVICE || this == BLOCK_DEVICE;
        }

        String word() {
            return word;
        }
    }
}
