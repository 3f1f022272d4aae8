/// The engine's own certificate authority, and the kubeconfig that trusts it.
///
/// Words: an *identity* is a certificate with its private key; the *authority* signs the others and is trusted by
/// clients; *credentials* are all that one server shows and accepts at a time; the *administrator* is the one user.
///
/// In: a folder, the server's names, the time. Out: [Credentials], and the kubeconfig file.
///
/// Never: network, users other than the administrator, certificates of others.
///
/// Invariants: every file has mode 0600 and is replaced by rename; certificate and key are one file, so a power cut
/// cannot part them; what cannot be read is an error and is never replaced in silence.
///
/// The certificates are written by about 200 lines of our own DER instead of a library: the JDK parses and verifies
/// certificates but has no public way to make one, BouncyCastle weighs ten megabytes, and running keytool costs
/// seconds at the first start.
@NullMarked
package dev.slipway.door.pki;

import org.jspecify.annotations.NullMarked;
