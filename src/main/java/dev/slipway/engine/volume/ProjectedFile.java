package dev.slipway.engine.volume;

import java.util.Arrays;

/// One file of a projection.
///
/// @param mode permission bits
public record ProjectedFile(byte[] content, int mode) {
    public ProjectedFile {
        if ((mode & ~0777) != 0) {
            throw new IllegalArgumentException("mode has more than permission bits: %o".formatted(mode));
        }
        content = content.clone();
    }

    @Override
    public byte[] content() {
        return content.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ProjectedFile file && mode == file.mode && Arrays.equals(content, file.content);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(content) + mode;
    }

    /// Without the content, which may be secret.
    @Override
    public String toString() {
        return "%d bytes, mode %o".formatted(content.length, mode);
    }
}
