package dev.slipway.engine.oci;

/// How large the documents of a stranger's image may be. What is larger is not read to its end.
///
/// @param manifestBytes of a manifest or an index
/// @param configBytes of a config
public record DocumentLimits(int manifestBytes, int configBytes) {
    /// No limit may be higher: documents are read into memory as a whole.
    public static final int HIGHEST_BYTES = Document.LARGEST_BYTES;

    /// 4 MiB for a manifest, which the distribution specification has every registry take; 8 MiB for a config.
    public static final DocumentLimits STANDARD = new DocumentLimits(4 << 20, 8 << 20);

    public DocumentLimits {
        check("manifest", manifestBytes);
        check("config", configBytes);
    }

    private static void check(String document, int bytes) {
        if (bytes < 1 || bytes > HIGHEST_BYTES) {
            throw new IllegalArgumentException("the limit for a %s must be between 1 and %d bytes, and is %d"
                    .formatted(document, HIGHEST_BYTES, bytes));
        }
    }
}
