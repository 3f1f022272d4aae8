package dev.slipway.engine.archive;

import java.util.Arrays;
import java.util.Optional;

/// How an image lies in files.
public enum ArchiveFormat {
    OCI_LAYOUT("oci-layout"),
    DOCKER_ARCHIVE("docker-archive"),
    ROOTFS_TAR("rootfs-tar");

    private final String word;

    ArchiveFormat(String word) {
        this.word = word;
    }

    /// As people write it.
    public static Optional<ArchiveFormat> of(String word) {
        return Arrays.stream(values())
                .filter(format -> format.word.equals(word))
                .findFirst();
    }

    @Override
    public String toString() {
        return word;
    }
}
