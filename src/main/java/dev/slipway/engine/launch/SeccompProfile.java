package dev.slipway.engine.launch;

/// Which system calls a process may make.
///
/// @spec https://kubernetes.io/docs/reference/node/seccomp/ Seccomp and Kubernetes
public enum SeccompProfile {
    /// All.
    UNCONFINED,
    /// The well-known default list, widened by what the capabilities allow; others fail with EPERM, unknown ones
    /// with ENOSYS.
    RUNTIME_DEFAULT
}
