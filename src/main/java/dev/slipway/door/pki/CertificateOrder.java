package dev.slipway.door.pki;

import java.time.Instant;
import java.util.List;

/// What a certificate shall say: the subject's common name, what it may be used for, and when.
record CertificateOrder(String name, Use use, Instant notBefore, Instant notAfter) {

    /// What a certificate is for.
    sealed interface Use {
        /// Signs other certificates, but none that may sign further.
        record Authority() implements Use {}

        /// A server that is reached by these host names and addresses.
        record Server(List<String> names) implements Use {
            public Server {
                names = List.copyOf(names);
            }
        }

        /// A client; `group` becomes the subject's organization, which Kubernetes reads as a group of users.
        record Client(String group) implements Use {}
    }
}
