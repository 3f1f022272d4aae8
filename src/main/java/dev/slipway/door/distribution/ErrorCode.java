package dev.slipway.door.distribution;

/// What the protocol calls a refusal.
///
/// @spec https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes OCI Distribution Spec:
///     Error Codes
enum ErrorCode {
    BLOB_UNKNOWN,
    BLOB_UPLOAD_INVALID,
    BLOB_UPLOAD_UNKNOWN,
    DIGEST_INVALID,
    MANIFEST_BLOB_UNKNOWN,
    MANIFEST_INVALID,
    MANIFEST_UNKNOWN,
    NAME_INVALID,
    NAME_UNKNOWN,
    SIZE_INVALID,
    UNAUTHORIZED,
    DENIED,
    UNSUPPORTED,
    TOOMANYREQUESTS,
    /// Not of the specification: what went wrong on this side.
    UNKNOWN
}
