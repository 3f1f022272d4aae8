/// Hashes, deflates and inflates: by libraries of the host where it has them, by the JDK elsewhere.
///
/// Words: a *host library* is a shared object that the dynamic linker finds, such as OpenSSL's `libcrypto.so.3` or
/// `libisal.so.2` (igzip). The engine's JIT compiles without the CPU's SHA instructions, and the JDK's zlib without its
/// vector ones; on layers the libraries are seven times (SHA-256) and three times (inflate) as fast.
///
/// In: bytes. Out: digests, bytes, on a thread of their own if somebody gives it one.
///
/// Never: a result that differs with the library. Each one proves itself on a known text before it is used, and none
/// has to be there. Only bzip2 and xz have no other decoder than the host's `libbz2.so.1.0` and `liblzma.so.5`,
/// and are refused without.
@NullMarked
package dev.slipway.engine.codec;

import org.jspecify.annotations.NullMarked;
