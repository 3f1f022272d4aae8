package dev.slipway.engine.launch;

import java.util.Base64;

/// Which system calls a process may make.
///
/// @spec https://kubernetes.io/docs/reference/node/seccomp/ Seccomp and Kubernetes
public sealed interface SeccompProfile {
    SeccompProfile UNCONFINED = new Unconfined();
    SeccompProfile RUNTIME_DEFAULT = new RuntimeDefault();

    /// All.
    record Unconfined() implements SeccompProfile {}

    /// The well-known default list, widened by what the capabilities allow; others fail with EPERM, unknown ones
    /// with ENOSYS.
    record RuntimeDefault() implements SeccompProfile {}

    /// What a filter allows that was compiled for the capabilities of the process.
    ///
    /// @param program an array of `struct sock_filter`, in Base64
    record Compiled(String program) implements SeccompProfile {
        public static Compiled of(byte[] program) {
            return new Compiled(Base64.getEncoder().encodeToString(program));
        }

        byte[] bytes() {
            return Base64.getDecoder().decode(program);
        }
    }
}
