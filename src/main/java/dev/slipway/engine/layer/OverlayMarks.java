package dev.slipway.engine.layer;

import java.util.Set;

/// How overlayfs marks in an upper or lower directory what the archive of a layer marks by names.
///
/// @spec https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories overlayfs: whiteouts
public final class OverlayMarks {
    /// On a directory that hides what lower layers have in it.
    public static final String OPAQUE = "trusted.overlay.opaque";

    /// On a file of which this directory has only a part, because overlayfs was mounted with such an option.
    private static final Set<String> PARTS = Set.of("trusted.overlay.redirect", "trusted.overlay.metacopy");

    private static final byte[] YES = {'y'};

    private OverlayMarks() {}

    static byte[] yes() {
        return YES.clone();
    }

    /// Whether overlayfs reads an extended attribute as its own, in either of its modes; never taken from an
    /// archive nor put into one.
    static boolean isOwn(String attribute) {
        return attribute.startsWith("trusted.overlay.") || attribute.startsWith("user.overlay.");
    }

    /// Whether an extended attribute says that the rest of a file is in a lower directory.
    static boolean isPart(String attribute) {
        return PARTS.contains(attribute);
    }
}
